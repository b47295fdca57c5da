// What a verifier reads of a transaction (EIP-2718: legacy, 2930, 1559) and of its receipt.
import { equal, require } from "./bytes.js";
import { decode, list, scalar, string } from "./rlp.js";
import { keccak256 } from "../vendor/noble.js";

const FIELDS = { 0: 9, 1: 11, 2: 12 };

function envelope(bytes) {
  require(bytes.length > 0);
  if (bytes[0] >= 0xc0) return [0, decode(bytes)];
  return [bytes[0], decode(bytes.subarray(1))];
}

/** Type, destination (null for a deployment) and chain id (null for a legacy transaction without EIP-155). */
export function readTransaction(bytes) {
  const [type, body] = envelope(bytes);
  require(type in FIELDS);
  const items = list(body, FIELDS[type]);
  const first = type === 0 ? 0 : 1;
  const prices = type === 2 ? 2 : 1;
  for (let i = 0; i < first; i++) scalar(items[i]);
  scalar(items[first]);
  for (let i = 1; i <= prices; i++) scalar(items[first + i], 32);
  const at = first + prices + 1;
  scalar(items[at]);
  const to = string(items[at + 1]);
  require(to.length === 0 || to.length === 20);
  scalar(items[at + 2], 32);
  string(items[at + 3]);
  if (type !== 0) list(items[at + 4]).forEach(readAccess);
  const [v, r, s] = items.slice(-3).map((item) => scalar(item, 32));
  require(r > 0n && s > 0n);
  if (type !== 0) require(v <= 1n);
  else require(v === 27n || v === 28n || v >= 35n);
  const chainId = type !== 0 ? scalar(items[0]) : v >= 35n ? (v - 35n) / 2n : null;
  return { type, to: to.length === 0 ? null : to, chainId };
}

function readAccess(item) {
  const [address, keys] = list(item, 2);
  string(address, 20);
  list(keys).forEach((key) => string(key, 32));
}

/** Type, success and logs of a receipt; its bloom filter must be that of the logs. */
export function readReceipt(bytes) {
  const [type, body] = envelope(bytes);
  require(type <= 3);
  const [status, gas, bloom, logs] = list(body, 4);
  const succeeded = scalar(status);
  require(succeeded <= 1n);
  scalar(gas);
  const read = list(logs).map((log) => {
    const [address, topics, data] = list(log, 3);
    const all = list(topics).map((t) => string(t, 32));
    require(all.length <= 4);
    return { address: string(address, 20), topics: all, data: string(data) };
  });
  require(equal(string(bloom, 256), bloomOf(read)));
  return { type, succeeded: succeeded === 1n, logs: read };
}

/** Yellow Paper §4.3.1: three bits for each address and topic. */
function bloomOf(logs) {
  const bloom = new Uint8Array(256);
  for (const log of logs) {
    for (const value of [log.address, ...log.topics]) {
      const hash = keccak256(value);
      for (const i of [0, 2, 4]) {
        const bit = ((hash[i] << 8) | hash[i + 1]) & 2047;
        bloom[255 - (bit >> 3)] |= 1 << (bit & 7);
      }
    }
  }
  return bloom;
}
