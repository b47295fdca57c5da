// Merkle-Patricia proofs (Yellow Paper, appendix D). A proof shows one value; a node too many or too few refuses it.
import { equal, require } from "./bytes.js";
import { decode, list, string } from "./rlp.js";
import { keccak256 } from "../vendor/noble.js";

const EMPTY = keccak256(Uint8Array.of(0x80));

/** The value at `key` under `root`; throws Misshapen when the nodes do not prove one exactly. */
export function prove(root, key, nodes) {
  const value = proveOrAbsent(root, key, nodes);
  require(value !== null);
  return value;
}

/** The value, or null when the nodes show that there is none; throws Misshapen when they show neither. */
export function proveOrAbsent(root, key, nodes) {
  if (nodes.length === 0) {
    require(equal(root, EMPTY));
    return null;
  }
  const path = Array.from(key).flatMap((b) => [b >> 4, b & 15]);
  let used = 0;
  const next = (reference) => {
    // A node shorter than a hash stands inside its parent.
    if (reference.items) return reference;
    require(string(reference).length === 32 && used < nodes.length);
    const bytes = nodes[used++];
    // Only the root may be shorter than a hash and still be named by one.
    require(equal(keccak256(bytes), string(reference)) && (used === 1 || bytes.length >= 32));
    return decode(bytes);
  };
  let node = next({ bytes: root });
  let at = 0;
  for (;;) {
    const items = list(node);
    if (items.length === 17) {
      if (at === path.length) return finish(items[16]);
      const child = items[path[at++]];
      if (!child.items && string(child).length === 0) return finish(child);
      node = next(child);
      continue;
    }
    require(items.length === 2);
    const [nibbles, isLeaf] = unpack(string(items[0]));
    if (!nibbles.every((n, i) => path[at + i] === n)) return absent();
    at += nibbles.length;
    if (isLeaf) {
      if (at !== path.length) return absent();
      require(string(items[1]).length > 0);
      return finish(items[1]);
    }
    require(nibbles.length > 0);
    node = next(items[1]);
  }

  function finish(value) {
    const bytes = string(value);
    return bytes.length > 0 ? done(bytes) : absent();
  }

  function absent() {
    return done(null);
  }

  function done(value) {
    require(used === nodes.length);
    return value;
  }
}

/** Hex-prefix encoding (appendix C). */
function unpack(bytes) {
  require(bytes.length > 0 && bytes[0] >> 4 <= 3);
  const flag = bytes[0] >> 4;
  const nibbles = Array.from(bytes).flatMap((b) => [b >> 4, b & 15]);
  if ((flag & 1) === 0) require(nibbles[1] === 0);
  return [nibbles.slice(flag & 1 ? 1 : 2), flag >= 2];
}
