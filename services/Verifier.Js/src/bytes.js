// Bytes, hex, base64 and text, each with one spelling only.

export class Misshapen extends Error {}

export const require = (condition) => {
  if (!condition) throw new Misshapen("not of the required form");
};

/** The value, or null when a file is not of its form. Anything else is a mistake of this program and is thrown. */
export function attempt(read) {
  try {
    return read();
  } catch (e) {
    if (e instanceof Misshapen) return null;
    throw e;
  }
}

export const equal = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

export function concat(...parts) {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export const utf8 = (text) => new TextEncoder().encode(text);

export const toHex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

/** Lower-case hex of exactly `length` bytes. */
export function fromHex(text, length) {
  require(typeof text === "string" && text.length === 2 * length && /^[0-9a-f]*$/.test(text));
  return Uint8Array.from({ length }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Map([...ALPHABET].map((c, i) => [c, i]));

export function toBase64(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const n = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += ALPHABET[n >> 18] + ALPHABET[(n >> 12) & 63];
    text += i + 1 < bytes.length ? ALPHABET[(n >> 6) & 63] : "=";
    text += i + 2 < bytes.length ? ALPHABET[n & 63] : "=";
  }
  return text;
}

/** RFC 4648 §4 with padding and zero trailing bits: whatever does not come back the same is refused. */
export function fromBase64(text) {
  require(typeof text === "string" && text.length % 4 === 0);
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let i = 0, at = 0; i < text.length; i += 4) {
    let n = 0;
    for (let j = 0; j < 4; j++) {
      const c = text[i + j];
      const value = c === "=" && i + j >= text.length - padding ? 0 : VALUES.get(c);
      require(value !== undefined);
      n = (n << 6) | value;
    }
    for (const shift of [16, 8, 0]) if (at < bytes.length) bytes[at++] = (n >> shift) & 255;
  }
  require(toBase64(bytes) === text);
  return bytes;
}
