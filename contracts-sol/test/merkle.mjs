// RFC 9162 §2.1: a plain, recursive Merkle tree, kept apart from every other implementation in this repository.
import { createHash } from "node:crypto";

const sha256 = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export const leafHash = (entry) => sha256(Buffer.of(0), entry);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

const split = (n) => {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
};

/** Merkle tree hash of a list of leaf hashes. */
export function treeHash(leaves) {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0];
  const k = split(leaves.length);
  return nodeHash(treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

/** Consistency proof from the first `m` leaves to all of them (§2.1.4.1). */
export function consistencyProof(m, leaves, complete = true) {
  if (m === leaves.length) return complete ? [] : [treeHash(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...consistencyProof(m, leaves.slice(0, k), complete), treeHash(leaves.slice(k))]
    : [...consistencyProof(m - k, leaves.slice(k), false), treeHash(leaves.slice(0, k))];
}

export const leaves = (n, salt = "") =>
  Array.from({ length: n }, (_, i) => leafHash(sha256(Buffer.from(`${salt}${i}`))));

export const hex = (bytes) => "0x" + bytes.toString("hex");
