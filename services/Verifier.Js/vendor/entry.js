// What the verifier uses of the noble libraries; build.js bundles it to noble.js.
export { secp256k1 } from "@noble/curves/secp256k1.js";
export { ed25519 } from "@noble/curves/ed25519.js";
export { sha256 } from "@noble/hashes/sha2.js";
export { keccak_256 as keccak256 } from "@noble/hashes/sha3.js";
