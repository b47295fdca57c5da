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

/** What held the item and when, as far as proven records say, by the rule of the page (Graph/Standing.cs). */
export class Holders {
  #item;
  #puts = [];
  #emptied = [];

  /** @param {string} [item] its key, as of {@link pageOf} */
  constructor(item) {
    this.#item = item;
  }

  /** What proven records put the item into, through all layers, as they name it. */
  get names() {
    return [...new Map(this.#puts.map((put) => [put.into, put.parent]))].filter(([into]) => this.#spans(into, 0).length > 0).map(([, parent]) => parent);
  }

  /** Takes a record in that names what it puts into or takes out of something; in order of time. */
  take(names, { values, named }) {
    const { parent, action, time } = containment(values);
    if (!parent || !named.includes("/childEPCs/-")) return;
    const [child, into] = [key(names), key(parent)];
    if (action === "ADD") this.#puts.push({ child, into, parent, from: time, to: Infinity });
    if (action === "DELETE") {
      for (const put of this.#puts) if (put.child === child && put.into === into && put.from <= time) put.to = Math.min(put.to, time);
    }
  }

  /** Takes a record in that may have taken everything out of a holder, without naming what. */
  takeEmptying(names, { values }) {
    const { parent, action, time } = containment(values);
    if (parent && action === "DELETE" && key(parent) === key(names)) this.#emptied.push({ holder: key(names), time });
  }

  /** Whether the item was in a holder at some time of a span, ends included. */
  heldIn(holder, from, to) {
    return this.#spans(key(holder), 0).some((span) => span.from <= to && from <= span.to);
  }

  /** Whether it was in it then even if each record that may have emptied something did. */
  surelyHeldIn(holder, time) {
    return this.#spans(key(holder), 0, this.#emptied).some((span) => span.from <= time && time <= span.to);
  }

  #spans(holder, depth, emptied = []) {
    if (holder === this.#item) return [{ from: -Infinity, to: Infinity }];
    if (depth > 6) return [];
    const ends = (put) => Math.min(put.to, ...emptied.filter((e) => e.holder === put.into && e.time >= put.from).map((e) => e.time));
    return this.#puts.filter((put) => put.into === holder).flatMap((put) => this.#spans(put.child, depth + 1, emptied)
      .filter((span) => span.from <= put.from && put.from <= span.to)
      .map((span) => ({ from: put.from, to: Math.min(span.to, ends(put)) }))
      .filter((span) => span.from < span.to));
  }
}

function containment(values) {
  const [type, parent, action, time] = ["/type", "/parentID", "/action", "/eventTime"].map((pointer) => values.get(pointer));
  const at = Date.parse(time);
  return /^(Aggregation|Association)Event$/.test(type) && !Number.isNaN(at) ? { parent, action, time: at } : {};
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

/** More of those that a page leaves out are not looked at. */
export const OTHERS_MOST = 100;

/** "At least so many": an event says the number in one byte. */
const SATURATED = 255;

/** @typedef {{id: string, place: number, before?: number, counted: boolean}} Kept */

/** The proven records of the item and of each thing that held it: each event, and each place in the log, once. */
export class Records {
  #of = new Map();

  /** Takes a record in; false where its event or its place in the log is there already. */
  take(names, record) {
    const known = this.of(names);
    if (known.some((r) => r.id === record.id || r.place === record.place)) return false;
    this.#of.set(key(names), { names, records: [...known, record] });
    return true;
  }

  /** @returns {Kept[]} */
  of(names) {
    return this.#of.get(key(names))?.records ?? [];
  }

  get names() {
    return [...this.#of.values()].map((o) => o.names);
  }
}

/**
 * What a proven bundle and its statements say as a record of an item or holder; null where they are another event's, not
 * about it, or keep back how many there were before.
 * @param {string} id the event that was asked for
 * @param {{verdict: string, event?: object, place: number}} result
 * @param {{pointer: string, value: string}[]} shown
 */
export function recordOf(id, names, page, result, shown) {
  if (result?.verdict !== "proven" || result.event?.id !== id || !isAbout("step", result.event, page)) return null;
  const said = readStatements(shown, names);
  const [before, counted] = [knownBefore(shown, names), result.event.data.counted === true];
  if (said.named.length === 0 || counted && before === undefined) return null;
  return { said, record: { id, place: result.place, before, counted } };
}

/**
 * Counts the records of the item and of all that proven records put it into. What the page leaves out is looked for, and
 * a reason for leaving it out is refused where proven statements say otherwise.
 * @param {Records} records those that the page lists
 * @param {Holders} holders
 * @param {{ask: (names: string) => Promise<object[] | null>, read: (id: string, names: string) => Promise<object | null>,
 *   lists: (id: string) => boolean, cut: boolean}} site what it leaves out (null: it does not say), and a record of it as
 *   {@link recordOf} gives it; whether the page lists an event; whether it lists only the first steps of many
 */
export async function countAll(records, holders, site) {
  const count = { missing: 0, outsider: 0, declared: 0, elsewhere: 0, unproven: 0, older: 0, crowded: 0, strangers: 0, cut: site.cut };
  const held = holders.names;
  const last = Math.max(-1, ...records.names.flatMap((n) => records.of(n)).map((r) => r.place));
  // What emptied a box ends what is told of its pallet: all that held the item is read before anything is judged.
  const wanted = new Map([...records.names.filter((n) => missingAmong(records.of(n)) > 0), ...held].map((n) => [key(n), n]));
  const found = new Map();
  for (const [of, names] of wanted) found.set(of, await othersOf(names, records, holders, site));
  for (const names of new Map([...records.names, ...held].map((n) => [key(n), n])).values()) {
    const refused = judge(names, found.get(key(names)), { records, holders, site, last, count });
    const known = records.of(names);
    count.older += known.filter((r) => !r.counted).length;
    const crowd = found.get(key(names))?.more || known.some((r) => r.before >= SATURATED);
    if (crowd) count.crowded += 1;
    count.missing += Math.max(refused, crowd ? 0 : missingAmong(known));
  }
  return count;
}

/** Reads what the page leaves out, those of its chain first. */
async function othersOf(names, records, holders, site) {
  const all = await site.ask(names);
  if (!all) return { silent: true, read: [] };
  const known = new Set(records.of(names).map((r) => r.id));
  const others = [...new Map(all.filter((o) => !known.has(o.id)).map((o) => [o.id, o])).values()];
  others.sort((a, b) => (a.left === "outsider") - (b.left === "outsider"));
  const read = [];
  for (const other of others.slice(0, OTHERS_MOST)) {
    const proven = await site.read(other.id, names);
    if (!proven) continue;
    if (other.left === null || other.left === "elsewhere") holders.takeEmptying(names, proven.said);
    read.push({ ...other, ...proven });
  }
  const more = others.slice(OTHERS_MOST);
  return { read, more: more.length > 0, strangers: more.filter((o) => o.left === "outsider").length };
}

/** Takes over what is left out for a reason that stands; how many are left out for none. */
function judge(names, found, { records, holders, site, last, count }) {
  if (!found) return 0;
  // It held the item by proven records, and the site does not tell of it.
  if (found.silent) return 1;
  count.strangers += found.strangers;
  let refused = 0;
  for (const other of found.read) {
    const reason = reasonOf(other, names, holders, site);
    // One that was recorded while the page was being read is not missing on it.
    if (reason === "none" && other.record.place > last) continue;
    if (reason === "none" || reason === "refuted") refused += 1;
    else if (records.take(names, other.record) && reason !== "listed" && reason !== "cut") count[reason] += 1;
  }
  return refused;
}

function reasonOf({ id, at, left, said }, names, holders, site) {
  const proven = Date.parse(said.values.get("/eventTime"));
  if (site.lists(id)) return "listed";
  // Listed as of another time than it has: the reason rests on nothing.
  if (at && !Number.isNaN(proven) && proven !== Date.parse(at)) return "refuted";
  if (left === "outsider" || left === "declared") return left;
  if (left !== "elsewhere") return site.cut ? "cut" : "none";
  // What was put into a box, or taken out, is told of that and not of the box.
  if (!said.named.some((pointer) => /^\/(epcList|childEPCs)\/-$/.test(pointer))) return "elsewhere";
  if (Number.isNaN(proven)) return "unproven";
  return holders.surelyHeldIn(names, proven) ? "refuted" : holders.heldIn(names, proven, proven) ? "unproven" : "elsewhere";
}

/**
 * What the check comes to. "uncounted": all shown is proven, but whether something is missing rests on the site's word.
 * @param {string[]} states of the records shown
 * @returns {"refuted" | "missing" | "incomplete" | "uncounted" | "proven"}
 */
export function verdictOf(states, count) {
  if (states.includes("refuted")) return "refuted";
  if (count.missing > 0) return "missing";
  if (states.length === 0 || states.some((s) => s !== "proven")) return "incomplete";
  const asserted = count.outsider + count.declared + count.unproven + count.strangers + count.older + count.crowded + count.lots;
  return asserted > 0 || count.cut ? "uncounted" : "proven";
}
