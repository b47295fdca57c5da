// What the page of claims signs with; loaded when a claim moves, never with another page.
export { secp256k1 } from "@noble/curves/secp256k1.js";
export { keccak_256 as keccak256 } from "@noble/hashes/sha3.js";
