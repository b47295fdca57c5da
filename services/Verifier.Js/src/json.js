// RFC 8785 (JCS) of JSON whose numbers are integers within ±(2^53−1): a text is read only if writing it again gives the
// same bytes, so that every value has one spelling. Doubled members disappear in reading and so never come back.
import { equal, fromBase64, fromHex, require, utf8 } from "./bytes.js";

const MAX_DEPTH = 64;

export function parseCanonical(bytes) {
  let value;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    require(false);
  }
  require(equal(utf8(write(value, 0)), bytes));
  return value;
}

export const writeCanonical = (value) => write(value, 0);

function write(value, depth) {
  require(depth <= MAX_DEPTH);
  switch (typeof value) {
    case "string":
      return writeString(value);
    case "number":
      require(Number.isSafeInteger(value));
      return String(value);
    case "boolean":
      return String(value);
    default:
      if (value === null) return "null";
      if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join(",")}]`;
      // RFC 8785 §3.2.3: members in the order of their UTF-16 code units, which is JavaScript's own.
      return `{${Object.keys(value).sort().map((name) => `${writeString(name)}:${write(value[name], depth + 1)}`).join(",")}}`;
  }
}

function writeString(text) {
  // A lone surrogate has no UTF-8 form (RFC 8785 §3.2.2.2).
  require(text.isWellFormed ? text.isWellFormed() : !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text));
  return JSON.stringify(text);
}

/** Reads the members of one object strictly; `end` refuses any that were not asked for. */
export class Members {
  #members;
  #read = new Set();

  constructor(value) {
    require(typeof value === "object" && value !== null && !Array.isArray(value));
    this.#members = value;
  }

  has(name) {
    return Object.hasOwn(this.#members, name);
  }

  value(name) {
    require(this.has(name));
    this.#read.add(name);
    return this.#members[name];
  }

  text(name) {
    const value = this.value(name);
    require(typeof value === "string");
    return value;
  }

  number(name) {
    const value = this.value(name);
    require(Number.isSafeInteger(value) && value >= 0);
    return value;
  }

  hex(name, length) {
    return fromHex(this.text(name), length);
  }

  base64(name) {
    return fromBase64(this.text(name));
  }

  object(name) {
    return new Members(this.value(name));
  }

  list(name, read, max = Infinity) {
    const value = this.value(name);
    require(Array.isArray(value) && value.length <= max);
    return value.map(read);
  }

  end() {
    require(this.#read.size === Object.keys(this.#members).length);
  }
}
