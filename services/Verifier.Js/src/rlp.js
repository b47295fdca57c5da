// RLP (Yellow Paper, appendix B), strict: every item has one encoding.
import { concat, require } from "./bytes.js";

/** Decodes one item that fills `bytes`: a Uint8Array or a list, each with its raw encoding in `.raw`. */
export function decode(bytes) {
  const [item, end] = read(bytes, 0, bytes.length);
  require(end === bytes.length);
  return item;
}

function read(bytes, at, limit) {
  require(at < limit);
  const first = bytes[at];
  if (first < 0x80) return [{ bytes: bytes.subarray(at, at + 1), raw: bytes.subarray(at, at + 1) }, at + 1];
  const isList = first >= 0xc0;
  const short = first - (isList ? 0xc0 : 0x80);
  let start = at + 1;
  let length = short;
  if (short > 55) {
    const size = short - 55;
    require(size <= 4 && start + size <= limit && bytes[start] !== 0);
    length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + bytes[start + i];
    require(length > 55);
    start += size;
  }
  const end = start + length;
  require(end <= limit);
  const raw = bytes.subarray(at, end);
  if (!isList) {
    require(length !== 1 || bytes[start] >= 0x80);
    return [{ bytes: bytes.subarray(start, end), raw }, end];
  }
  const items = [];
  for (let next = start; next < end; ) {
    const [item, after] = read(bytes, next, end);
    items.push(item);
    next = after;
  }
  return [{ items, raw }, end];
}

export const list = (item, count) => {
  require(item.items !== undefined && (count === undefined || item.items.length === count));
  return item.items;
};

export const string = (item, length) => {
  require(item.bytes !== undefined && (length === undefined || item.bytes.length === length));
  return item.bytes;
};

/** A scalar: big-endian without leading zeros, of at most `bytes` bytes. */
export const scalar = (item, bytes = 8) => {
  const value = string(item);
  require(value.length <= bytes && (value.length === 0 || value[0] !== 0));
  return value.reduce((n, b) => n * 256n + BigInt(b), 0n);
};

const head = (offset, length) => {
  if (length <= 55) return Uint8Array.of(offset + length);
  const size = [];
  for (let n = length; n > 0; n = Math.floor(n / 256)) size.unshift(n % 256);
  return Uint8Array.of(offset + 55 + size.length, ...size);
};

export const encodeString = (bytes) => (bytes.length === 1 && bytes[0] < 0x80 ? bytes : concat(head(0x80, bytes.length), bytes));

export const encodeScalar = (n) => {
  const bytes = [];
  for (let v = BigInt(n); v > 0n; v >>= 8n) bytes.unshift(Number(v & 255n));
  return encodeString(Uint8Array.from(bytes));
};

/** A list of items that are encoded already. */
export const encodeList = (...encoded) => {
  const body = concat(...encoded);
  return concat(head(0xc0, body.length), body);
};
