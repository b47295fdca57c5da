// Statements of an event that are shown one by one (services/docs/proof-format.md, "Statements").
import { attempt, fromHex, require, toHex, utf8 } from "./bytes.js";
import { Members, parseCanonical, writeCanonical } from "./json.js";
import { isIncluded } from "./log.js";
import { MAX_BYTES } from "./trust.js";

const MAX = 65536;

/**
 * @param {Uint8Array} bytes a file of format event-statements/1
 * @param {object | null} event the event of a verified bundle; whether that is proven is the bundle's own answer
 */
export function checkStatements(bytes, event) {
  const no = (verdict, reason) => ({ reason, shown: [], size: 0, verdict });
  const items = attempt(() => read(bytes));
  if (!items) return no("unreadable", "statements");
  if (!event) return no("incomplete", "event-withheld");
  const commitment = attempt(() => readCommitment(event));
  if (!commitment) return no("refuted", "event-has-no-statements");
  const { count, root } = commitment;
  const belongs = ({ index, path, pointer, salt, value }) =>
    isIncluded(index, count, utf8(writeCanonical([toHex(salt), pointer, value])), path, root);
  if (!items.every(belongs)) return no("refuted", "statement-mismatch");
  return { reason: "ok", shown: items.map(({ index, pointer, value }) => ({ index, pointer, value })), size: count, verdict: "proven" };
}

function read(bytes) {
  require(bytes.length <= MAX_BYTES);
  const members = new Members(parseCanonical(bytes));
  require(members.text("format") === "event-statements/1");
  const items = members.list("statements", readItem, MAX);
  members.end();
  items.forEach((item, i) => require(i === 0 || items[i - 1].index < item.index));
  return items;
}

function readItem(json) {
  const members = new Members(json);
  const item = {
    index: members.number("index"),
    path: members.list("path", (h) => fromHex(h, 32), 64),
    pointer: members.text("pointer"),
    salt: members.hex("salt", 16),
    value: members.text("value"),
  };
  members.end();
  return item;
}

function readCommitment(event) {
  const members = new Members(event).object("data").object("statements");
  const commitment = { count: members.number("count"), root: members.hex("root", 32) };
  members.end();
  require(commitment.count > 0 && commitment.count <= MAX);
  return commitment;
}
