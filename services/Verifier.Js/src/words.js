// What the answers mean, in Chinese and English: one file for every page that shows a result.
import words from "./words.json" with { type: "json" };

export { words };

/** Puts values into the {places} of a sentence. */
export const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** Seconds since 1970 as Beijing time and UTC. */
export function formatTime(seconds, language) {
  const iso = (s) => new Date(s * 1000).toISOString().slice(0, 19).replace("T", " ");
  return language === "zh" ? `${iso(seconds + 8 * 3600)}（北京时间；UTC ${iso(seconds)}）` : `${iso(seconds + 8 * 3600)} Beijing time (${iso(seconds)} UTC)`;
}
