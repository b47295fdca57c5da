// Whether a page leaves a record out: what the site says of those that it does not list, held against proven statements.
import assert from "node:assert/strict";
import { test } from "node:test";
import { countAll, Holders, pageOf, readStatements, recordOf, Records, verdictOf } from "../../Traceability/Scanning/Page/binding.mjs";

const item = "https://id.gs1.org/01/06901234567892/21/S1";
const [box, pallet] = ["https://id.gs1.org/00/069012340000000016", "https://id.gs1.org/00/069012340000000023"];
const page = pageOf("/01/06901234567892/10/L1/21/S1");
const at = (hour) => `2026-03-01T${String(hour).padStart(2, "0")}:00:00Z`;

/** A log: each record stands after those before it, and says of each thing it names how many there were. */
function log() {
  const [events, counts] = [[], new Map()];
  return {
    events,
    add(id, hour, members) {
      const statements = [["/type", members["/parentID"] ? "AggregationEvent" : "ObjectEvent"], ["/eventTime", at(hour)], ...Object.entries(members)];
      for (const [pointer, value] of Object.entries(members)) {
        if (!/^\/(epcList|childEPCs|parentID)/.test(pointer)) continue;
        statements.push([`#before${pointer}`, { of: value, count: counts.get(value) ?? 0 }]);
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      events.push({ id, hour, place: events.length, statements });
      return this;
    },
    pack(id, hour, child, parent, action = "ADD") {
      return this.add(id, hour, { "/parentID": parent, "/childEPCs/-": child, "/action": action });
    },
    see(id, hour, what) {
      return this.add(id, hour, { "/epcList/-": what });
    },
  };
}

const shownOf = (event, names) => event.statements
  .filter(([pointer, value]) => !/^(#before|\/(epcList|childEPCs))/.test(pointer) || (value.of ?? value) === names)
  .map(([pointer, value]) => ({ pointer, value: JSON.stringify(value) }));
const resultOf = (event) => ({ verdict: "proven", place: event.place, event: { id: event.id, type: "trace.epcis-captured.v1", data: { counted: true } } });
const readOf = (event, names, id = event.id) => recordOf(id, names, page, resultOf(event), shownOf(event, names));

/** What the check of a page says that lists some events, where the site answers for the others with reasons. */
async function checked(events, listed, { left = {}, silent = [], cut = false, swapped = {}, moved = {} } = {}) {
  const [records, holders] = [new Records(), new Holders(page.item)];
  for (const [id, names] of listed) {
    const event = events.find((e) => e.id === id);
    assert.ok(records.take(names, readOf(event, names).record));
    holders.take(names, readStatements(shownOf(event, names), names));
  }
  const names = (event) => event.statements.map(([, value]) => value);
  const count = await countAll(records, holders, {
    cut, lists: (id) => listed.some(([l]) => l === id),
    ask: async (of) => silent.includes(of) ? null : events.filter((e) => names(e).includes(of))
      .filter((e) => left[e.id] !== "gone").map((e) => ({ id: e.id, at: moved[e.id] ?? at(e.hour), left: left[e.id] ?? null })),
    read: async (id, of) => readOf(events.find((e) => e.id === (swapped[id] ?? id)), of, id),
  });
  return { ...count, verdict: verdictOf(["proven"], { ...count, lots: 0 }) };
}

const journey = () => log().see("made", 1, item).pack("packed", 2, item, box).see("left", 3, box).see("came", 4, box)
  .pack("unpacked", 5, item, box, "DELETE").see("sold", 6, item).events;
const listed = [["made", item], ["packed", item], ["left", box], ["came", box], ["unpacked", item], ["sold", item]];
const but = (...ids) => listed.filter(([id]) => !ids.includes(id));

test("a whole journey lacks nothing, and its last record may be away", async () => {
  assert.equal((await checked(journey(), listed)).verdict, "proven");
  assert.equal((await checked(journey(), but("sold"), { left: { sold: "gone" } })).verdict, "proven");
  assert.equal((await checked(journey(), but("packed", "left", "came"), { left: { packed: "gone" } })).missing, 1);
});

test("a record is not proven by the bundle of another, nor counted twice", async () => {
  const [first] = journey();
  assert.equal(recordOf("left-out", item, page, resultOf(first), shownOf(first, item)), null);
  const records = new Records();
  assert.ok(records.take(item, readOf(first, item).record));
  assert.ok(!records.take(item, { ...readOf(first, item).record, place: 7 }), "the same event");
  assert.ok(!records.take("urn:epc:id:sgtin:6901234.056789.S1", { ...readOf(first, item).record, id: "other" }), "the same place in the log");
  const swapped = await checked(journey(), but("packed", "left", "came"), { left: { packed: "outsider" }, swapped: { packed: "made" } });
  assert.deepEqual([swapped.missing, swapped.verdict], [1, "missing"]);
});

test("a record that keeps back how many were before it does not count", () => {
  const [, packed] = journey();
  assert.equal(recordOf("packed", item, page, resultOf(packed), shownOf(packed, item).filter((s) => !s.pointer.startsWith("#"))), null);
});

test("the box is asked for although the page lists none of its records", async () => {
  const reasons = { left: "elsewhere", came: "elsewhere" };
  const unhooked = await checked(journey(), but("left", "came"), { left: reasons });
  assert.deepEqual([unhooked.missing, unhooked.verdict], [2, "missing"]);
  assert.equal((await checked(journey(), but("left", "came"), { silent: [box] })).verdict, "missing", "the site does not know it");
  assert.equal((await checked(journey(), but("left", "came"))).verdict, "missing", "for no reason at all");
});

test("that the item was elsewhere is refuted where it is proven to have been in it", async () => {
  assert.equal((await checked(journey(), but("left"), { left: { left: "elsewhere" } })).verdict, "missing");
  const events = log().see("before", 0, box).see("made", 1, item).pack("packed", 2, item, box).see("left", 3, box).events;
  const honest = await checked(events, [["made", item], ["packed", item], ["left", box]], { left: { before: "elsewhere" } });
  assert.deepEqual([honest.missing, honest.elsewhere, honest.verdict], [0, 1, "proven"]);
  const moved = await checked(events, [["made", item], ["packed", item], ["left", box]], { left: { before: "elsewhere" }, moved: { before: at(1) } });
  assert.equal(moved.verdict, "missing", "it is told as of another time");
});

test("what emptied a box without naming the item ends its stay, on the pallet too", async () => {
  const events = log().see("made", 1, item).pack("packed", 2, item, box).pack("loaded", 3, box, pallet)
    .add("emptied", 4, { "/parentID": box, "/action": "DELETE" }).see("left", 5, pallet).see("sold", 6, item).events;
  const shown = [["made", item], ["packed", item], ["loaded", box], ["sold", item]];
  const result = await checked(events, shown, { left: { emptied: "elsewhere", left: "elsewhere" } });
  assert.deepEqual([result.missing, result.verdict], [0, "uncounted"]);
});

test("who is not on the chain empties nothing", async () => {
  const events = log().see("made", 1, item).pack("packed", 2, item, box).add("emptied", 3, { "/parentID": box, "/action": "DELETE" })
    .see("left", 4, box).see("sold", 5, item).events;
  const shown = [["made", item], ["packed", item], ["sold", item]];
  assert.equal((await checked(events, shown, { left: { emptied: "outsider", left: "elsewhere" } })).verdict, "missing");
});

test("records of strangers are a number, neither green nor an alarm", async () => {
  const events = log().see("made", 1, item).see("strange", 2, item).see("sold", 3, item).events;
  const result = await checked(events, [["made", item], ["sold", item]], { left: { strange: "outsider" } });
  assert.deepEqual([result.missing, result.outsider, result.verdict], [0, 1, "uncounted"]);
  const declared = await checked(events, [["made", item], ["sold", item]], { left: { strange: "declared" } });
  assert.deepEqual([declared.missing, declared.declared, declared.verdict], [0, 1, "uncounted"]);
  const later = log().see("made", 1, item).see("sold", 2, item).see("strange", 3, item).events;
  assert.equal((await checked(later, [["made", item], ["sold", item]], { left: { strange: "outsider" } })).verdict, "proven");
});

test("more records than are looked at leave it open, for that item alone", async () => {
  const crowd = log().see("made", 1, item);
  for (let i = 0; i < 101; i++) crowd.see(`s${i}`, 2, item);
  crowd.pack("packed", 3, item, box).see("left", 4, box).see("came", 5, box);
  const left = Object.fromEntries(crowd.events.filter((e) => e.id.startsWith("s")).map((e) => [e.id, "outsider"]));
  const result = await checked(crowd.events, [["made", item], ["packed", item], ["left", box], ["came", box]], { left });
  assert.deepEqual([result.missing, result.crowded, result.outsider + result.strangers, result.verdict], [0, 1, 101, "uncounted"]);
  const short = await checked(crowd.events, [["made", item], ["packed", item], ["came", box]], { left: { ...left, left: "gone" } });
  assert.deepEqual([short.missing, short.verdict], [1, "missing"], "the box is counted nevertheless");
});

test("strangers do not hide a record of the chain that the page would have to list", async () => {
  const crowd = log().see("made", 1, item);
  for (let i = 0; i < 200; i++) crowd.see(`s${i}`, 2, item);
  crowd.see("left-out", 3, item).see("sold", 4, item);
  const left = Object.fromEntries(crowd.events.filter((e) => e.id.startsWith("s") && e.id !== "sold").map((e) => [e.id, "outsider"]));
  assert.equal((await checked(crowd.events, [["made", item], ["sold", item]], { left })).verdict, "missing");
});

test("of a journey that is too long to list the rest is counted and the verdict left open", async () => {
  const result = await checked(journey(), but("left"), { cut: true });
  assert.deepEqual([result.missing, result.verdict], [0, "uncounted"]);
});

test("one that was recorded while the page was read is not missing", async () => {
  const events = log().see("made", 1, item).pack("packed", 2, item, box).see("left", 3, box).events;
  assert.equal((await checked(events, [["made", item], ["packed", item]])).verdict, "proven");
});

test("a page with anything unproven, refuted or missing is not green", () => {
  const none = { missing: 0, outsider: 0, declared: 0, unproven: 0, strangers: 0, older: 0, crowded: 0, lots: 0, cut: false };
  assert.equal(verdictOf(["proven"], none), "proven");
  assert.equal(verdictOf([], none), "incomplete");
  assert.equal(verdictOf(["proven", "not-checked"], none), "incomplete");
  assert.equal(verdictOf(["proven", "refuted"], { ...none, missing: 1 }), "refuted");
  assert.equal(verdictOf(["proven", "not-checked"], { ...none, missing: 1 }), "missing");
  for (const kind of ["outsider", "declared", "unproven", "strangers", "older", "crowded", "lots"]) {
    assert.equal(verdictOf(["proven"], { ...none, [kind]: 1 }), "uncounted", kind);
  }
});
