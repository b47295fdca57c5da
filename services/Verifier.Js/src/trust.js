// The trust file: who the validators are, which contracts and keys count. Every set but the first carries its proof.
import { equal, fromHex, fromBase64, require, toHex } from "./bytes.js";
import { readHeader, sealFault } from "./header.js";
import { Members, parseCanonical } from "./json.js";
import { isKeyName } from "./log.js";
import { decode, list, scalar, string } from "./rlp.js";
import { prove } from "./trie.js";
import { keccak256, sha256 } from "../vendor/noble.js";

export const MAX_BYTES = 4 << 20;
export const MAX_VALIDATORS = 64;

export const fingerprint = (bytes) => toHex(sha256(bytes).subarray(0, 16)).match(/.{4}/g).join("-");

export function readTrust(bytes) {
  require(bytes.length <= MAX_BYTES);
  const members = new Members(parseCanonical(bytes));
  require(members.text("format") === "anchor-trust/1");
  const trust = {
    group: members.text("group"),
    chainId: members.number("chainId"),
    genesisHash: members.hex("genesisHash", 32),
    contracts: members.list("contracts", readContract),
    logs: members.list("logs", (v) => readKey(v, "origin")),
    witnesses: members.list("witnesses", (v) => readKey(v, "name")),
    validators: members.list("validators", readSet),
    pin: members.has("pin") ? readPin(members.object("pin")) : null,
  };
  members.end();
  const { contracts, logs, witnesses, validators } = trust;
  require(contracts.length >= 2 && contracts[0].name === "AnchorRegistry" && contracts[1].name === "Governance");
  require(distinct(contracts.map((c) => c.name)) && distinct(contracts.map((c) => toHex(c.address))));
  require(logs.length >= 1 && distinct([...logs, ...witnesses].map((k) => k.name)));
  require(validators.length >= 1 && validators[0].from === 0);
  trust.registry = contracts[0];
  trust.governance = contracts[1];
  for (let i = 1; i < validators.length; i++) requireAdopted(trust, validators[i - 1], validators[i]);
  return trust;
}

export const setInForce = (trust, number) => trust.validators.findLast((set) => set.from <= number);

const distinct = (values) => new Set(values).size === values.length;

function readContract(value) {
  const members = new Members(value);
  const contract = { name: members.text("name"), address: members.hex("address", 20), codeHash: members.hex("codeHash", 32) };
  members.end();
  return contract;
}

function readKey(value, nameMember) {
  const members = new Members(value);
  const key = { name: members.text(nameMember), publicKey: members.base64("publicKey") };
  members.end();
  require(isKeyName(key.name) && key.publicKey.length === 32);
  return key;
}

function readPin(members) {
  const pin = { number: members.number("number"), hash: members.hex("hash", 32) };
  members.end();
  return pin;
}

function readSet(value) {
  const members = new Members(value);
  const from = members.number("from");
  const addresses = members.list("addresses", (a) => fromHex(a, 20));
  const set = { from, addresses };
  if (from !== 0) {
    set.header = members.base64("header");
    set.accountProof = members.list("accountProof", fromBase64);
    set.storageProofs = members.list("storageProofs", (nodes) => {
      require(Array.isArray(nodes));
      return nodes.map(fromBase64);
    });
  }
  members.end();
  require(addresses.length > 0);
  for (let i = 1; i < addresses.length; i++) require(toHex(addresses[i - 1]) < toHex(addresses[i]));
  return set;
}

/** The block before a set's first one holds the set in its state, and was sealed by the set before. */
function requireAdopted(trust, before, set) {
  require(set.from > before.from && set.addresses.length <= MAX_VALIDATORS);
  const header = readHeader(set.header);
  require(header.number === set.from - 1 && sealFault(header, before.addresses) === null);
  require(!(trust.pin && trust.pin.number === header.number) || equal(trust.pin.hash, header.hash));

  const account = list(decode(prove(header.stateRoot, keccak256(trust.governance.address), set.accountProof)), 4);
  scalar(account[0]);
  scalar(account[1], 32);
  require(equal(string(account[3], 32), trust.governance.codeHash));
  const storageRoot = string(account[2], 32);

  // Solidity keeps the length of a dynamic array in its slot, here 0, and element i at keccak256(slot) + i.
  const word = (slot, nodes) => scalar(decode(prove(storageRoot, keccak256(slot), nodes)), 32);
  require(set.storageProofs.length === set.addresses.length + 1);
  require(word(new Uint8Array(32), set.storageProofs[0]) === BigInt(set.addresses.length));
  const first = BigInt("0x" + toHex(keccak256(new Uint8Array(32))));
  const elements = set.addresses.map((_, i) => {
    const slot = ((first + BigInt(i)) % 2n ** 256n).toString(16).padStart(64, "0");
    const value = word(fromHex(slot, 32), set.storageProofs[i + 1]);
    require(value < 2n ** 160n);
    return value.toString(16).padStart(40, "0");
  });
  require(elements.sort().join() === set.addresses.map(toHex).join());
}
