// A holder's check that the balance of the own receipt is counted in a merchant's root of a day on the chain: a pure
// function of four files, of which only the receipt and the trust file are believed. services/docs/prepaid.md says how
// leaves and nodes are hashed; written apart from the C# verifier, and both give the same answer to every golden file.
import { attempt, concat, equal, fromBase64, fromHex, require, toHex, utf8 } from "./bytes.js";
import { readHeader, sealFault, sealedByOthers } from "./header.js";
import { Members, parseCanonical } from "./json.js";
import { readNote } from "./log.js";
import { decode, list, scalar, string } from "./rlp.js";
import { MAX_BYTES, MAX_VALIDATORS, readTrust, setInForce } from "./trust.js";
import { prove, proveOrAbsent } from "./trie.js";
import { keccak256, sha256 } from "../vendor/noble.js";

const CONTRACT = "LiabilityRegistry";
const MAPPING_SLOT = 3n;
const LIMIT = 2n ** 53n;
const DEPTH_MAX = 30;
const STEP = 48;
const DAY_MS = 86_400_000;

/**
 * @param {{receipt: string, proof: Uint8Array, root: Uint8Array, trust: Uint8Array}} files
 * @returns verdict and reason, and what is known of day, own balance, total and block; amounts in fen
 */
export function checkLiability({ receipt, proof: proofBytes, root: rootBytes, trust: trustBytes }) {
  const unreadable = (reason) => ({ verdict: "unreadable", reason });
  const trust = attempt(() => readTrust(trustBytes));
  if (!trust) return unreadable("trust-file");
  const claim = attempt(() => readReceipt(receipt));
  if (!claim) return unreadable("receipt");
  const rooted = attempt(() => readRoot(rootBytes));
  if (!rooted) return unreadable("root");
  const proof = attempt(() => readProof(proofBytes));
  if (!proof) return unreadable("proof");

  const day = rooted.day;
  const refuted = (reason, more = {}) => ({ verdict: "refuted", reason, day, ...more });
  if (rooted.merchant !== claim.merchant || proof.merchant !== claim.merchant) return refuted("other-merchant");
  if (rooted.day !== proof.day || rooted.day < claim.day) return refuted("other-day");
  const owed = claim.on(day);
  const own = { card: claim.card, receipt: claim.number, principal: Number(owed.principal), gift: Number(owed.gift) };
  const known = chainRoot(rooted, trust);
  if (known.fault) return { ...refuted(known.fault, { own }), ...(known.unknown ? { verdict: "incomplete" } : {}) };
  const block = known.block;
  if (!known.root) return refuted("no-root", { own, block });
  const { root } = known;
  const total = { root: toHex(root.hash), principal: Number(root.total.principal), gift: Number(root.total.gift) };
  const fault = leavesFault(proof, claim, owed, root);
  return fault ? refuted(fault, { own, total, block }) : { verdict: "proven", reason: "ok", day, own, total, block };
}

/** What a receipt says is owed, on its day and on later ones. */
export function readReceipt(note) {
  const lines = readNote(note).text.split("\n").slice(0, -1);
  require(lines.length > 5 && lines[0] === "prepaid-receipt/1");
  const balance = words(lines.at(-1), "balance", 8);
  const day = date(balance[7]);
  const timed = lines.slice(5, -1).filter((l) => l.startsWith("lot ")).map((l) => l.split(" ")).filter((w) => w.length > 8).map(timedLot);
  const owed = { principal: fen(balance[1]), gift: fen(balance[3]) };
  const on = (d, sign) => timed.reduce((sum, lot) => plus(sum, lot(d), sign), { principal: 0n, gift: 0n });
  const still = plus(owed, on(day), -1n);
  require(isValid(owed) && isValid(still));
  const card = words(lines[2], "card", 2)[1];
  cardBytes(card);
  return {
    merchant: words(lines[1], "merchant", 2)[1],
    card,
    number: Number(fen(words(lines[3], "receipt", 2)[1])),
    day,
    balance: { principal: Number(owed.principal), gift: Number(owed.gift) },
    on: (d) => plus(still, on(d), 1n),
  };
}

const plus = (a, b, sign = 1n) => ({ principal: a.principal + sign * b.principal, gift: a.gift + sign * b.gift });

const isValid = ({ principal, gift }) => principal >= 0n && principal < LIMIT && gift >= 0n && gift < LIMIT;

function words(line, first, count) {
  const all = line.split(" ");
  require(all.length === count && all[0] === first);
  return all;
}

function fen(text) {
  require(/^[0-9]{1,18}$/.test(text));
  return BigInt(text);
}

function date(text) {
  require(typeof text === "string" && /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text));
  const at = new Date(`${text}T00:00:00Z`);
  require(!Number.isNaN(at.getTime()) && at.toISOString().startsWith(text));
  return text;
}

const dayNumber = (day) => Date.parse(`${day}T00:00:00Z`) / DAY_MS;

/** lot L left N principal P gift G days N paid P gift G from D to D: paid × remaining ÷ term, the principal rounded up. */
function timedLot(w) {
  require(w.length === 18 && w[8] === "days" && w[10] === "paid" && w[12] === "gift" && w[14] === "from" && w[16] === "to");
  const [days, paid, gift] = [fen(w[9]), fen(w[11]), fen(w[13])];
  const [starts, ends] = [dayNumber(date(w[15])), dayNumber(date(w[17]))];
  require(days > 0n && days === BigInt(ends - starts) && paid < LIMIT && gift < LIMIT);
  return (day) => {
    const left = BigInt(Math.min(Number(days), Math.max(0, ends - Math.max(dayNumber(day), starts))));
    return { principal: (paid * left + days - 1n) / days, gift: (gift * left) / days };
  };
}

function cardBytes(text) {
  require(typeof text === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text));
  return fromHex(text.replaceAll("-", ""), 16);
}

function file(bytes, format) {
  require(bytes.length <= MAX_BYTES);
  const members = new Members(parseCanonical(bytes));
  require(members.text("format") === format);
  return { members, merchant: members.text("merchant"), day: date(members.text("day")) };
}

function readProof(bytes) {
  const { members, merchant, day } = file(bytes, "prepaid-liability/1");
  const card = members.text("card");
  cardBytes(card);
  const leaves = members.list("leaves", (value) => {
    const leaf = new Members(value);
    const path = leaf.base64("path");
    require(path.length % STEP === 0);
    const read = {
      index: leaf.number("index"), nonce: leaf.hex("nonce", 16), receipt: leaf.number("receipt"), path: steps(path),
      owed: { principal: BigInt(leaf.number("principal")), gift: BigInt(leaf.number("gift")) },
    };
    leaf.end();
    return read;
  }, 2);
  members.end();
  return { merchant, day, card, leaves };
}

function steps(path) {
  const view = new DataView(path.buffer, path.byteOffset, path.length);
  return Array.from({ length: path.length / STEP }, (_, i) => ({
    // Signed: a negative sum has to be seen as one.
    sum: { principal: view.getBigInt64(i * STEP), gift: view.getBigInt64(i * STEP + 8) },
    hash: path.subarray(i * STEP + 16, (i + 1) * STEP),
  }));
}

function readRoot(bytes) {
  const { members, merchant, day } = file(bytes, "prepaid-root/1");
  const state = members.object("state");
  const read = {
    merchant, day, header: state.base64("header"), accountProof: state.list("accountProof", fromBase64),
    storageProofs: state.list("storageProofs", (nodes) => {
      require(Array.isArray(nodes));
      return nodes.map(fromBase64);
    }),
  };
  state.end();
  members.end();
  return read;
}

const word = (number) => fromHex(number.toString(16).padStart(64, "0"), 32);
const number = (bytes) => BigInt("0x" + (toHex(bytes) || "0"));

/** Slots of LiabilityRegistry: a mapping's value is at keccak256(key ‖ slot), its figures in the word after it. */
function slotsOf(merchant, day) {
  const key = keccak256(concat(sha256(utf8(merchant)), word(BigInt(dayNumber(day)))));
  const first = keccak256(concat(key, word(MAPPING_SLOT)));
  return [first, word((number(first) + 1n) % 2n ** 256n)];
}

/** The root by the trust file: null where the chain holds none, a fault where that is not proven. */
function chainRoot(rooted, trust) {
  const header = attempt(() => readHeader(rooted.header));
  if (!header) return { fault: "header-form" };
  const { pin } = trust;
  if (pin && pin.number === header.number && !equal(pin.hash, header.hash)) return { fault: "pin-mismatch" };
  const contract = trust.contracts.find((c) => c.name === CONTRACT);
  if (!contract) return { fault: "contract-not-trusted" };
  const values = attempt(() => storageWords(header, contract, rooted));
  if (!values) return { fault: "state-proof" };

  const set = setInForce(trust, header.number);
  const fault = sealFault(header, set.addresses);
  const isLast = set === trust.validators.at(-1);
  if (fault) {
    const mayBeNewer = isLast && !(pin && header.number <= pin.number) && sealedByOthers(header, set.addresses, MAX_VALIDATORS);
    return mayBeNewer ? { fault: "needs-newer-trust-file", unknown: true } : { fault };
  }
  if (pin && header.number < pin.number && setInForce(trust, pin.number) !== set) return { fault: "sealed-by-former-validators", unknown: true };
  const block = { number: header.number, timestamp: header.timestamp };
  if (values[0] === 0n) return { block, root: null };
  const figures = values[1];
  const part = (shift) => (figures >> shift) & 0xffffffffffffffffn;
  return { block, root: { hash: word(values[0]), depth: Number((figures >> 192n) & 0xffn), total: { principal: part(0n), gift: part(64n) } } };
}

function storageWords(header, contract, rooted) {
  const account = list(decode(prove(header.stateRoot, keccak256(contract.address), rooted.accountProof)), 4);
  scalar(account[0]);
  scalar(account[1], 32);
  require(equal(string(account[3], 32), contract.codeHash));
  const storageRoot = string(account[2], 32);
  const slots = slotsOf(rooted.merchant, rooted.day);
  require(rooted.storageProofs.length === slots.length);
  return slots.map((slot, i) => {
    const value = proveOrAbsent(storageRoot, keccak256(slot), rooted.storageProofs[i]);
    return value === null ? 0n : scalar(decode(value), 32);
  });
}

/** Both leaves lead to the root, and together count what the receipt says. */
function leavesFault(proof, claim, owed, root) {
  const { leaves } = proof;
  if (leaves.length !== 2 || leaves[0].index === leaves[1].index) return "not-two-leaves";
  for (const leaf of leaves) {
    if (proof.card !== claim.card) return "other-card";
    if (leaf.receipt !== claim.number) return "other-receipt";
    const fault = climb(leaf, claim, proof.day, root);
    if (fault) return fault;
  }
  const sum = plus(leaves[0].owed, leaves[1].owed);
  return sum.principal === owed.principal && sum.gift === owed.gift ? null : "other-balance";
}

const eight = (value) => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value);
  return bytes;
};

function climb(leaf, claim, day, { depth, hash: top, total }) {
  if (depth < 1 || depth > DEPTH_MAX || leaf.path.length !== depth || BigInt(leaf.index) >> BigInt(depth) !== 0n) return "other-depth";
  if (!isValid(leaf.owed) || leaf.path.some((step) => !isValid(step.sum))) return "bad-sum";
  const yyyymmdd = new Uint8Array(4);
  new DataView(yyyymmdd.buffer).setInt32(0, Number(day.replaceAll("-", "")));
  let hash = sha256(concat(Uint8Array.of(2), sha256(utf8(claim.merchant)), yyyymmdd, sha256(concat(cardBytes(claim.card), leaf.nonce)),
    eight(leaf.owed.principal), eight(leaf.owed.gift), eight(BigInt(leaf.receipt))));
  let sum = leaf.owed;
  const side = (owed, h) => concat(eight(owed.principal), eight(owed.gift), h);
  for (let level = 0; level < depth; level++) {
    const sibling = leaf.path[level];
    const [own, other] = [side(sum, hash), side(sibling.sum, sibling.hash)];
    const isLeft = ((BigInt(leaf.index) >> BigInt(level)) & 1n) === 0n;
    hash = sha256(concat(Uint8Array.of(3, level + 1), ...(isLeft ? [own, other] : [other, own])));
    sum = plus(sum, sibling.sum);
    if (!isValid(sum)) return "bad-sum";
  }
  if (!equal(hash, top)) return "other-root";
  return sum.principal === total.principal && sum.gift === total.gift ? null : "other-total";
}
