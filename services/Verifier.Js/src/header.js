// A QBFT block header in Besu's form: 20 items of Cancun, contract mode. The block hash has round 0 and no seals; seals
// sign the hash with the round kept.
import { equal, require, utf8 } from "./bytes.js";
import { decode, encodeList, encodeScalar, encodeString, list, scalar, string } from "./rlp.js";
import { keccak256, secp256k1 } from "../vendor/noble.js";

const MIX_HASH = utf8("ctical byzantine fault tolerance");
const EMPTY_OMMERS = keccak256(Uint8Array.of(0xc0));
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

// Widths of the items of fixed size; the others are scalars, logs bloom and extraData.
const FIXED = { 0: 32, 1: 32, 2: 20, 3: 32, 4: 32, 5: 32, 6: 256, 13: 32, 14: 8, 16: 32, 19: 32 };
const SCALARS = [7, 8, 9, 10, 11, 15, 17, 18];

export function readHeader(bytes) {
  const items = list(decode(bytes), 20);
  for (const [i, length] of Object.entries(FIXED)) string(items[i], length);
  for (const i of SCALARS) scalar(items[i], i === 7 || i === 15 ? 32 : 8);
  const extra = readExtraData(string(items[12]));
  const header = {
    parentHash: string(items[0]),
    coinbase: string(items[2]),
    stateRoot: string(items[3]),
    transactionsRoot: string(items[4]),
    receiptsRoot: string(items[5]),
    number: Number(scalar(items[8])),
    timestamp: Number(scalar(items[11])),
    seals: extra.seals,
    hash: keccak256(encodeList(...items.map((item, i) => (i === 12 ? encodeString(extra.without(0)) : item.raw)))),
    commitHash: keccak256(encodeList(...items.map((item, i) => (i === 12 ? encodeString(extra.without(extra.round)) : item.raw)))),
  };
  require(Number.isSafeInteger(header.number) && Number.isSafeInteger(header.timestamp));
  require(equal(string(items[1]), EMPTY_OMMERS) && equal(string(items[13]), MIX_HASH));
  require(scalar(items[7], 32) === 1n && string(items[14]).every((b) => b === 0));
  return header;
}

function readExtraData(bytes) {
  const [vanity, validators, vote, round, seals] = list(decode(bytes), 5);
  string(vanity, 32);
  require(list(validators).length === 0 && list(vote).length === 0);
  const roundNumber = scalar(round, 4);
  require(roundNumber < 2n ** 31n);
  return {
    round: roundNumber,
    // The signatures' own form, v and s, is a matter of the seals and answered there; r and s are 32 bytes each here.
    seals: list(seals).map((seal) => {
      const value = string(seal, 65);
      require(value[64] <= 1);
      return value;
    }),
    without: (r) => encodeList(vanity.raw, validators.raw, vote.raw, encodeScalar(r), Uint8Array.of(0xc0)),
  };
}

/** The address whose key made a 65-byte signature of a hash; null when there is none or s is high. */
export function recover(hash, signature) {
  const s = signature.subarray(32, 64).reduce((n, b) => n * 256n + BigInt(b), 0n);
  if (s > CURVE_ORDER / 2n) return null;
  try {
    const point = secp256k1.Signature.fromBytes(signature.subarray(0, 64), "compact").addRecoveryBit(signature[64]).recoverPublicKey(hash);
    return keccak256(point.toBytes(false).subarray(1)).subarray(12);
  } catch {
    return null;
  }
}

export const quorum = (validators) => Math.ceil((2 * validators) / 3);

const includes = (addresses, address) => addresses.some((a) => equal(a, address));

/** Null when every seal is good, by another validator each, and they are a quorum; else the reason. */
export function sealFault(header, validators) {
  if (!includes(validators, header.coinbase)) return "seal-signer";
  if (header.seals.length > validators.length) return "seal-duplicate";
  const signers = [];
  for (const seal of header.seals) {
    const signer = recover(header.commitHash, seal);
    if (signer === null) return "seal-form";
    if (!includes(validators, signer)) return "seal-signer";
    if (includes(signers, signer)) return "seal-duplicate";
    signers.push(signer);
  }
  return signers.length > 0 && signers.length >= quorum(validators.length) ? null : "seal-quorum";
}

/** Whether strangers sealed the block properly: validators that were adopted after the set may have. */
export function sealedByOthers(header, validators, most) {
  if (header.seals.length === 0 || header.seals.length > most) return false;
  const signers = [];
  for (const seal of header.seals) {
    const signer = recover(header.commitHash, seal);
    if (signer === null || includes(signers, signer)) return false;
    signers.push(signer);
  }
  return !includes(validators, header.coinbase) || !signers.every((s) => includes(validators, s));
}
