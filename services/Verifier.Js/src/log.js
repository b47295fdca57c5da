// The transparency log: C2SP signed notes and checkpoints, and RFC 9162 inclusion.
import { concat, equal, fromBase64, require, toBase64, utf8 } from "./bytes.js";
import { ed25519, sha256 } from "../vendor/noble.js";

const LOG_KEY = 1;
const COSIGNATURE = 4;

export const isKeyName = (name) => /^[!-*,-~]+$/.test(name);

/** A note is read only if it has one spelling: text, empty line, one to 64 signature lines. */
export function readNote(note) {
  // eslint-disable-next-line no-control-regex
  require(note.endsWith("\n") && !/[\u0000-\u0009\u000b-\u001f]/.test(note));
  const end = note.lastIndexOf("\n\n");
  require(end >= 0);
  const lines = note.slice(end + 2).split("\n");
  lines.pop();
  require(lines.length >= 1 && lines.length <= 64);
  const signatures = lines.map((line) => {
    const [dash, name, value, ...rest] = line.split(" ");
    require(dash === "—" && name !== undefined && value !== undefined && rest.length === 0 && isKeyName(name));
    const bytes = fromBase64(value);
    require(bytes.length > 4);
    return { name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
  });
  return { text: note.slice(0, end + 1), signatures };
}

/** Origin, size and root of a checkpoint of exactly three lines. */
export function readCheckpoint(text) {
  const lines = text.split("\n");
  require(lines.length === 4 && lines[3] === "" && isKeyName(lines[0]) && /^(0|[1-9][0-9]{0,15})$/.test(lines[1]));
  const size = Number(lines[1]);
  const root = fromBase64(lines[2]);
  require(Number.isSafeInteger(size) && root.length === 32);
  return { origin: lines[0], size, root };
}

const keyId = (name, algorithm, publicKey) =>
  sha256(concat(utf8(name), Uint8Array.of(0x0a, algorithm), publicKey)).subarray(0, 4);

/** RFC 8032 §5.1.7 strictly: S < L, canonical points, no key of small order. */
function verifies(publicKey, message, signature) {
  if (signature.length !== 64) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

export const signedByLog = (text, signature, log) =>
  signature.name === log.name && equal(signature.id, keyId(log.name, LOG_KEY, log.publicKey))
  && verifies(log.publicKey, utf8(text), signature.signature);

/** cosignature/v1: an 8-byte time stamp stands before the signature and is signed with the text. */
export function signedByWitness(text, signature, witness) {
  if (signature.name !== witness.name || !equal(signature.id, keyId(witness.name, COSIGNATURE, witness.publicKey))) return false;
  if (signature.signature.length !== 72) return false;
  const time = new DataView(signature.signature.slice(0, 8).buffer).getBigUint64(0);
  if (time >= 2n ** 63n) return false;
  return verifies(witness.publicKey, utf8(`cosignature/v1\ntime ${time}\n${text}`), signature.signature.subarray(8));
}

const nodeHash = (left, right) => sha256(concat(Uint8Array.of(1), left, right));

/** RFC 9162 §2.1.3.2. Indexes go up to 2^53, beyond the reach of JavaScript's bit operators. */
export function isIncluded(index, size, digest, path, root) {
  if (index >= size) return false;
  let fn = BigInt(index);
  let sn = BigInt(size) - 1n;
  let hash = sha256(concat(Uint8Array.of(0), digest));
  for (const sibling of path) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      hash = nodeHash(sibling, hash);
      while ((fn & 1n) === 0n && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && equal(hash, root);
}

export { toBase64 };
