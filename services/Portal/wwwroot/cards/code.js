// A holder's payment codes: made on this device with a key that can't be taken out, good for a minute and for one use.
import { encodeQR } from "./qr.js";

const algorithm = { name: "ECDSA", namedCurve: "P-256" };
const seconds = 60;
const encode = (text) => new TextEncoder().encode(text);
const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function keys(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("prepaid-cards", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const request = act(opening.result.transaction("keys", mode).objectStore("keys"));
      request.transaction.oncomplete = () => { opening.result.close(); resolve(request.result); };
      request.transaction.onabort = () => reject(request.error);
    };
  });
}

/** The key of a card on this device: { spki, key }; undefined where it has none. */
export const findKey = (card) => keys("readonly", (store) => store.get(card));

/** Makes a key for a card, or takes the one that is there. */
export async function makeKey(card) {
  const known = await findKey(card);
  if (known) return known;
  const pair = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  const made = { spki: base64url(await crypto.subtle.exportKey("spki", pair.publicKey)), key: pair.privateKey };
  await keys("readwrite", (store) => store.put(made, card));
  await navigator.storage?.persist?.();
  return made;
}

/**
 * A new code: { text, until }, with until in milliseconds of this device's clock.
 * @param {number} ahead by how much this device's clock is ahead of the server's, in milliseconds: the server's decides.
 */
export async function makeCode(card, key, ahead) {
  const nonce = base64url(crypto.getRandomValues(new Uint8Array(16)));
  const until = Math.floor((Date.now() - ahead) / 1000) + seconds;
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key.key, encode(`prepaid-code/1|${card}|${nonce}|${until}`));
  return { text: `prepaid-code/1|${card}|${nonce}|${until}|${base64url(signature)}`, until: until * 1000 + ahead };
}

/** A QR code as an SVG of one path, black on white with its margin, sized in modules. */
export function draw(text, label) {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: 4 });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${rows.length} ${rows.length}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges" })) svg.setAttribute(name, value);
  const path = (fill, d) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", "path");
    made.setAttribute("fill", fill);
    made.setAttribute("d", d);
    svg.append(made);
  };
  path("#fff", `M0 0h${rows.length}v${rows.length}h-${rows.length}z`);
  path("#000", rows.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : []))).join(""));
  return svg;
}
