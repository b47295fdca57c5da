// What a proven record says about the goods of a page, and whether that is what the page shows. Nothing here looks at
// the page itself.

/** @typedef {{gtin: string, lot?: string, serial?: string, item?: string, ofLot?: string}} Page what the page's link names */

/** What a page's path names. */
export function pageOf(path) {
  const parts = new Map([...path.matchAll(/\/(\d+)\/([^/?]+)/g)].map(([, ai, value]) => [ai, decodeURIComponent(value)]));
  const [gtin, lot, serial] = ["01", "10", "21"].map((ai) => parts.get(ai));
  return { gtin, lot, serial, item: serial && `01/${gtin}/21/${serial}`, ofLot: lot && `01/${gtin}/10/${lot}` };
}

const CAPTURED = "trace.epcis-captured.v1";
const BLOCK = "trace.sensor-block-recorded.v1";

/** Of each kind of record: its type, and whether it is about this product, lot, place or certificate. */
const KINDS = {
  product: ["trace.product-described.v1", (d, page) => d.product?.gtin === page.gtin],
  label: ["trace.label-published.v1", (d, page) => d.gtin === page.gtin],
  lot: ["trace.lot-described.v1", (d, page) => d.lot?.gtin === page.gtin && d.lot?.number === page.lot],
  certificate: ["trace.certificate-recorded.v1", ({ certificate: c }, page) =>
    !!c?.gtins?.includes(page.gtin) && (!c.lots?.length || c.lots.includes(page.lot))],
  withdrawal: ["trace.certificate-withdrawn.v1", (d, page, of, stream) => !!of && stream === of],
  place: ["trace.place-described.v1", (d, page, of) => !!of && d.place?.gln === of],
  step: [CAPTURED, () => true],
  block: [BLOCK, (d, page, of) => !!of && key(d.subject) === key(of)],
};

/**
 * Whether a proven event is the kind of record that the page says, about what the page is about.
 * @param {string} kind
 * @param {object} event of a proven bundle
 * @param {Page} page
 * @param {string} [of] the place, holder or certificate's stream that it is shown for
 */
export function isAbout(kind, event, page, of) {
  const [type, about] = KINDS[kind] ?? [];
  return !!type && event.type === type && about(event.data, page, of, event.stream);
}

/** What shown statements say: by pointer, and the pointers under which they name the item, lot or holder. */
export function readStatements(shown, names) {
  const values = new Map(shown.map((s) => [s.pointer, JSON.parse(s.value)]));
  const named = shown.filter(({ pointer, value }) => isNaming(pointer, JSON.parse(value), names)).map((s) => s.pointer);
  return { values, named };
}

function isNaming(pointer, value, names) {
  if (pointer === "/parentID") return typeof value === "string" && key(value) === key(names);
  if (!/^\/(epcList|childEPCs|(in|out)putEPCList|quantityList|childQuantityList|(in|out)putQuantityList)\/-$/.test(pointer)) return false;
  const uri = value?.epcClass ?? value;
  return typeof uri === "string" && key(uri) === key(names);
}

/** How many events about an item its recorder knew of before this one; undefined where the shown statements don't say. */
export function knownBefore(shown, names) {
  const said = shown.filter((s) => s.pointer.startsWith("#before/")).map((s) => JSON.parse(s.value));
  return said.find((s) => typeof s.of === "string" && key(s.of) === key(names))?.count;
}

/**
 * How many events about an item are missing among those that are there: each says how many there were before it, and the
 * log says which of the others stand before it.
 * @param {{place: number, before?: number}[]} records
 */
export function missingAmong(records) {
  const lacks = ({ place, before }) => (before ?? 0) - records.filter((r) => r.place < place).length;
  return Math.max(0, ...records.map(lacks));
}

/** What a statement or a member of an event says at a pointer; a place may be given by where it was read. */
export const saidBy = (values) => (pointer) =>
  values.get(pointer) ?? (pointer === "/bizLocation" ? values.get("/readPoint") : undefined);

/** What held the item and when, as far as proven records say. */
export class Holders {
  #item;
  #puts = [];

  /** @param {string} [item] its key, as of {@link pageOf} */
  constructor(item) {
    this.#item = item;
  }

  /** Takes a record in that names what it puts into or takes out of something; in order of time. */
  take(names, { values, named }) {
    const [type, parent, action] = ["/type", "/parentID", "/action"].map((pointer) => values.get(pointer));
    if (!/^(Aggregation|Association)Event$/.test(type) || !parent || !named.includes("/childEPCs/-")) return;
    const [child, into, time] = [key(names), key(parent), Date.parse(values.get("/eventTime"))];
    if (Number.isNaN(time)) return;
    if (action === "ADD") this.#puts.push({ child, into, from: time, to: Infinity });
    if (action === "DELETE") {
      for (const put of this.#puts) if (put.child === child && put.into === into && put.from <= time) put.to = Math.min(put.to, time);
    }
  }

  /** Whether the item was in a holder at some time of a span, ends included. */
  heldIn(holder, from, to) {
    return this.#spans(key(holder), 0).some((span) => span.from <= to && from <= span.to);
  }

  #spans(holder, depth) {
    if (holder === this.#item) return [{ from: -Infinity, to: Infinity }];
    if (depth > 6) return [];
    return this.#puts.filter((put) => put.into === holder).flatMap((put) => this.#spans(put.child, depth + 1)
      .map((span) => ({ from: Math.max(span.from, put.from), to: Math.min(span.to, put.to) }))
      .filter((span) => span.from < span.to));
  }
}

/**
 * Compares what a record's part of the page shows with what the record says.
 * @param {{pointer: string, shown: string}[]} facts
 * @param {(pointer: string) => unknown} says undefined where nothing is proven
 * @returns {{state: "proven" | "refuted" | "not-checked", each: ("same" | "differs" | "unsaid")[]}}
 */
export function compare(facts, says) {
  const each = facts.map(({ pointer, shown }) => {
    const said = says(pointer);
    return said === undefined || said === null ? "unsaid" : same(pointer, said, shown) ? "same" : "differs";
  });
  const state = each.includes("differs") ? "refuted" : each.length === 0 || each.includes("unsaid") ? "not-checked" : "proven";
  return { state, each };
}

/** Whether the record says what the page shows; a time, a step and a place each have more than one way to be written. */
function same(pointer, said, shown) {
  if (pointer === "/eventTime") return Date.parse(said) === Date.parse(shown);
  if (pointer === "/bizStep" || pointer === "/disposition") return word(said) === word(shown);
  if (pointer === "/bizLocation" || pointer === "/parentID") return key(said.id ?? said) === key(shown);
  return `${said}` === shown;
}

/** A word of the Core Business Vocabulary in its short form; anything else as it is. */
const word = (uri) => /^(?:urn:epcglobal:cbv:(?:bizstep|disp):|https?:\/\/(?:ref|ns)\.gs1\.org\/cbv\/(?:BizStep|Disp)-)(.+)$/.exec(uri)?.[1] ?? uri;

/** What stands at a JSON pointer. */
export const at = (value, pointer) => pointer.split("/").slice(1).reduce((v, name) => v?.[name], value);

function checkDigit(digits) {
  const sum = [...digits].reverse().reduce((total, d, i) => total + d * (i % 2 === 0 ? 3 : 1), 0);
  return digits + ((10 - (sum % 10)) % 10);
}

/** A GS1 key in one form, from an EPC URN (EPC Tag Data Standard) or a Digital Link; anything else as it is. */
export function key(uri) {
  const unit = /^urn:epc:id:sscc:(\d+)\.(\d)(\d*)$/.exec(uri);
  if (unit) return `00/${checkDigit(unit[2] + unit[1] + unit[3])}`;
  const urn = /^urn:epc:(?:id|class|idpat):(sgtin|lgtin|sgln):(\d+)\.(\d*)(?:\.(.*))?$/.exec(uri);
  if (urn) {
    const [, scheme, company, reference, rest] = urn;
    if (scheme === "sgln") return `414/${checkDigit(company + reference)}${rest && rest !== "0" ? `/254/${decodeURIComponent(rest)}` : ""}`;
    const gtin = checkDigit(reference[0] + company + reference.slice(1));
    return rest && rest !== "*" ? `01/${gtin}/${scheme === "sgtin" ? 21 : 10}/${decodeURIComponent(rest)}` : `01/${gtin}`;
  }
  const link = /\/(0[01]|414|417)\/(\d+)((?:\/\d+\/[^/?]+)*)/.exec(uri);
  if (!link) return uri;
  const qualifiers = [...link[3].matchAll(/\/(\d+)\/([^/?]+)/g)].map(([, ai, value]) => [ai, decodeURIComponent(value)]);
  const kept = qualifiers.some(([ai]) => ai === "21") ? qualifiers.filter(([ai]) => ai === "21") : qualifiers;
  return [`${link[1]}/${link[2].padStart(link[1] === "01" ? 14 : 0, "0")}`, ...kept.map(([ai, value]) => `${ai}/${value}`)].join("/");
}
