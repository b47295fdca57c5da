// What the consumer page takes for proven: only what a record of the right kind, about these goods, says itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, countAll, Holders, isAbout, knownBefore, missingAmong, pageOf, readStatements, recordOf, Records, saidBy, verdictOf } from "../../Traceability/Scanning/Page/binding.mjs";

const item = "https://id.gs1.org/01/06901234567892/21/S1";
const [box, pallet] = ["https://id.gs1.org/00/069012340000000016", "https://id.gs1.org/00/069012340000000023"];
const page = pageOf("/01/06901234567892/10/L1/21/S1");
const says = (record) => Object.entries(record).map(([pointer, value]) => ({ pointer, value: JSON.stringify(value) }));

test("a record of another type or about another product is not about the page", () => {
  const event = (type, data, stream) => ({ type, data, stream });
  const label = (gtin) => event("trace.label-published.v1", { gtin });
  assert.ok(isAbout("label", label(page.gtin), page));
  assert.ok(!isAbout("label", label("06901234000016"), page));
  assert.ok(!isAbout("certificate", label(page.gtin), page));
  assert.ok(!isAbout("step", label(page.gtin), page));
  assert.ok(!isAbout("anything", label(page.gtin), page));
  const certificate = (gtins, lots) => event("trace.certificate-recorded.v1", { certificate: { gtins, lots } });
  assert.ok(isAbout("certificate", certificate([page.gtin], []), page));
  assert.ok(isAbout("certificate", certificate([page.gtin], ["L1"]), page));
  assert.ok(!isAbout("certificate", certificate([page.gtin], ["L2"]), page));
  assert.ok(!isAbout("certificate", certificate(["06901234000016"], []), page));
  const lot = (gtin, number) => event("trace.lot-described.v1", { lot: { gtin, number } });
  assert.ok(isAbout("lot", lot(page.gtin, "L1"), page));
  assert.ok(!isAbout("lot", lot(page.gtin, "L2"), page));
  const block = event("trace.sensor-block-recorded.v1", { subject: box });
  assert.ok(isAbout("block", block, page, box));
  assert.ok(!isAbout("block", block, page, pallet));
  const withdrawn = event("trace.certificate-withdrawn.v1", { number: "N" }, "certificate-a-N");
  assert.ok(isAbout("withdrawal", withdrawn, page, "certificate-a-N"));
  assert.ok(!isAbout("withdrawal", withdrawn, page, "certificate-b-N"));
  const place = event("trace.place-described.v1", { place: { gln: "6901234000016" } });
  assert.ok(isAbout("place", place, page, "6901234000016"));
  assert.ok(!isAbout("place", place, page, "6901234000023"));
});

test("a fact that no record says is not checked, and nothing at all proves nothing", () => {
  const fact = { pointer: "/bizStep", shown: "https://ref.gs1.org/cbv/BizStep-receiving" };
  const said = saidBy(new Map([["/bizStep", "receiving"]]));
  assert.equal(compare([fact], said).state, "proven");
  assert.equal(compare([fact], saidBy(new Map())).state, "not-checked");
  assert.equal(compare([], said).state, "not-checked");
  assert.deepEqual(compare([fact, { pointer: "/action", shown: "ADD" }], said), { state: "not-checked", each: ["same", "unsaid"] });
  assert.equal(compare([{ ...fact, shown: "https://example.org/receiving" }], said).state, "refuted", "a foreign word");
});

test("statements name the item, its lot or nothing", () => {
  assert.deepEqual(readStatements([], item).named, []);
  assert.deepEqual(readStatements(says({ "/epcList/-": "urn:epc:id:sgtin:6901234.056789.S1" }), item).named, ["/epcList/-"]);
  assert.deepEqual(readStatements(says({ "/epcList/-": item }), `${item}x`).named, []);
  const lot = "https://id.gs1.org/01/06901234567892/10/L1";
  assert.deepEqual(readStatements(says({ "/quantityList/-": { epcClass: lot, quantity: 3 } }), lot).named, ["/quantityList/-"]);
  assert.deepEqual(readStatements(says({ "/bizStep": item }), item).named, []);
});

test("what happened to a holder counts while the item was in it, also after it was taken out", () => {
  const holders = new Holders(page.item);
  const move = (child, parent, action, time) => holders.take(child, readStatements(says({
    "/type": "AggregationEvent", "/parentID": parent, "/action": action, "/eventTime": `2026-03-${time}:00Z`, "/childEPCs/-": child,
  }), child));
  const held = (holder, from, to = from) => holders.heldIn(holder, Date.parse(`2026-03-${from}:00Z`), Date.parse(`2026-03-${to}:00Z`));
  move(item, box, "ADD", "01T08:00");
  move(box, pallet, "ADD", "02T08:00");
  move(box, pallet, "DELETE", "04T08:00");
  assert.ok(held(item, "01T00:00"));
  assert.ok(held(pallet, "03T08:00"), "after it was taken out too");
  assert.ok(held(pallet, "01T00:00", "02T09:00"), "a span that only begins before");
  assert.ok(!held(pallet, "01T08:00"));
  assert.ok(!held(pallet, "04T08:01", "05T00:00"));
  assert.ok(held(box, "05T08:00"));
  move(item, box, "DELETE", "03T08:00");
  assert.ok(!held(pallet, "03T09:00"), "the box went on without the item");
  move(item, pallet, "OBSERVE", "06T08:00");
  assert.ok(!held(pallet, "06T09:00"), "to be seen in it is not to be put into it");
});

test("a box that was put on a pallet in an earlier stay of the item tells nothing of a later one, as the page has it", () => {
  const holders = new Holders(page.item);
  for (const [child, parent, action, day] of [[item, box, "ADD", 1], [box, pallet, "ADD", 2], [item, box, "DELETE", 3], [item, box, "ADD", 5]]) {
    holders.take(child, readStatements(says({
      "/type": "AggregationEvent", "/parentID": parent, "/action": action, "/eventTime": `2026-03-0${day}T08:00:00Z`, "/childEPCs/-": child,
    }), child));
  }
  const [then, later] = [2, 6].map((day) => Date.parse(`2026-03-0${day}T09:00:00Z`));
  assert.ok(holders.heldIn(pallet, then, then));
  assert.ok(!holders.heldIn(pallet, later, later));
  assert.ok(holders.heldIn(box, later, later));
});

test("a record tells how many there were before it, of the item that is asked for alone", () => {
  const said = says({ "#before/epcList/-": { count: 3, of: item }, "/epcList/-": item });
  assert.equal(knownBefore(said, item), 3);
  assert.equal(knownBefore(said, box), undefined);
  assert.equal(knownBefore(says({ "/epcList/-": item }), item), undefined, "one from before it was told");
  const urn = says({ "#before/childEPCs/-": { count: 1, of: "urn:epc:id:sgtin:6901234.056789.S1" } });
  assert.equal(knownBefore(urn, item), 1, "however it is written");
});

test("a record that others say was there is missed, but for the last", () => {
  const journey = [0, 1, 2, 3].map((before) => ({ place: 10 * before, before }));
  const without = (n) => journey.filter((_, i) => i !== n);
  assert.equal(missingAmong(journey), 0);
  assert.equal(missingAmong(without(0)), 1, "the first");
  assert.equal(missingAmong(without(2)), 1, "one in the middle");
  assert.equal(missingAmong(journey.slice(2)), 2);
  assert.equal(missingAmong(without(3)), 0, "nothing tells of the last");
  assert.equal(missingAmong([...without(2), { place: 31 }]), 1, "a later record stands for none that was before");
  assert.equal(missingAmong([...without(2), { place: 15 }]), 0, "one that was withheld then and is public now does: a limit that ADR 7 names");
  const atOnce = [{ place: 1, before: 0 }, { place: 2, before: 1 }, { place: 3, before: 1 }, { place: 4, before: 3 }];
  assert.equal(missingAmong(atOnce), 0, "two at once did not know of each other");
  assert.equal(missingAmong(atOnce.filter((_, i) => i !== 1)), 1, "the next one knew of both");
});
