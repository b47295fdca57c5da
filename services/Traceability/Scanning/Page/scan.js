// The consumer page: checks in this browser what the page shows, and shares a position when asked to. Nothing here is
// needed to read the page.
const chinese = document.documentElement.lang.startsWith("zh");
const w = chinese
  ? {
      loading: "正在取得证明…", checking: (n, all) => `正在核验第${n}条，共${all}条`, bound: "✓ 与锚定的记录一致", differs: "✗ 与记录不同", unbound: "○ 未核验",
      pending: "○ 正在锚定，请稍后再试", refused: "✗ 记录已被改动，或证明不成立", offline: "取不到证明，请检查网络后重试。", again: "再次核验",
      proven: (n) => `页面所示的${n}条记录全部得到证明`, some: (n, all) => `${all}条中有${n}条得到证明，其余未能核验`, wrong: (n) => `${n}条记录与证明不符`,
      facts: (n) => `页面上的${n}项内容与链上记录一致。`, first: "第一条记录的四项结果", bad: "不符的那条记录的四项结果", advice: "不要相信本页所示；保留商品和凭证，在本页投诉。", item: "✓ 记录写明了这件商品", lot: "✓ 记录写明了这个批次",
      unnamed: "○ 记录没有公开它是关于什么的，未核验", other: "✗ 记录说的不是页面上的这件事",
      rest: "不在核验之列：商品图、机构名称、查询次数、是否售出、召回、标签的核定数量；温度的结论、曲线和表格（只核验列出的设备记录）；证书后来有没有撤回、标签和商品说明有没有更新、记录有没有被声明有误。这些由本网站说明。",
      held: "✓ 当时这件商品在里面", unheld: "○ 记录成立，但没有证明当时这件商品在里面",
      gone: (n) => `! 少了${n}条记录`, goneAdvice: "已证明的记录表明还有别的公开记录，而这里没有列出，或没有列出的理由与记录不符。可能被删去了，也可能其机构后来不再公开。不要只凭本页判断。",
      whole: "在所列的最后一条记录之前，没有少掉这件商品和它所在箱、托盘的公开记录：每条都写明此前有几条。", elsewhere: (n) => `另有${n}条箱、托盘的记录也已核对，与这件商品无关，没有列出。`,
      uncounted: (n) => `页面所示的${n}条记录全部得到证明；有没有缺少，没有全部核对`,
      outsider: (n) => `另有${n}条记录没有列出：本网站说，登记的机构不在这件商品的流转链上。任何机构都可以登记，这本身不说明商品有问题。`,
      declared: (n) => `另有${n}条记录没有列出：本网站说，登记的机构已声明有误。`,
      unproven: (n) => `另有${n}条箱、托盘的记录没有列出：本网站说，当时这件商品不在里面；记录本身没有证明这一点。`,
      lots: (n) => `其中${n}条是批次的记录。批次的记录不计数，有没有缺少，不能核对。`,
      older: (n) => `${n}条较早的记录没有写明此前有几条，其间有没有少，不能核对。`, crowded: (n) => (n > 0 ? `记录太多，有没有缺少，没有核对；没有看的记录中，本网站说有${n}条由不在流转链上的机构登记。` : "记录太多，有没有缺少，没有核对。"),
      cut: "旅程超过60条，只列了前60条。",
      not: "不能证明：写入之前是真的；实物就是记录所指的那一件；所列的最后一条之后再没有记录。", asking: "正在取得位置…", thanks: "谢谢，已记录。", refusedPosition: "没有取得位置，什么也没有记录。",
      smaller: (kb) => `照片已在手机上缩小到${kb} KB。`, large: "照片超过3 MB，也缩不小。请换一张，或不带照片提交。",
    }
  : {
      loading: "Fetching the proofs…", checking: (n, all) => `Checking record ${n} of ${all}`, bound: "✓ as in the anchored record", differs: "✗ differs from the record", unbound: "○ not checked",
      pending: "○ being anchored; try again shortly", refused: "✗ the record was altered, or its proof fails", offline: "The proofs can't be fetched. Check the network and try again.", again: "Check again",
      proven: (n) => `All ${n} records shown are proven`, some: (n, all) => `${n} of ${all} records are proven; the others could not be checked`, wrong: (n) => `${n} records do not match their proofs`,
      facts: (n) => `${n} facts on this page are those of the anchored records.`, first: "The four answers for the first record", bad: "The four answers for the record that does not match", advice: "Do not rely on this page. Keep the goods and the receipt, and complain below.", item: "✓ the record names this item", lot: "✓ the record names the lot",
      unnamed: "○ what the record is about is not published, so it is not checked", other: "✗ the record is about something else",
      rest: "Not covered: the picture, names of organisations, the number of checks, sales, recalls and certified amounts; what is said of the temperature, its curve and table (only the listed records of devices are compared); and whether a certificate was withdrawn, a label or description replaced, or a record declared wrong since. For these you have this site's word.",
      held: "✓ the item was in it then", unheld: "○ the record stands, but that the item was in it then is not proven",
      gone: (n) => (n === 1 ? "! 1 record is missing" : `! ${n} records are missing`), goneAdvice: "Proven records tell of other public records, which are not here, or are left out for a reason that does not hold. They may have been removed, or their organisation no longer publishes them. Do not rely on this page alone.",
      whole: "Before the last record shown no public record of this item, or of the box and pallet it was in, is missing: each says how many there were before it.", elsewhere: (n) => `Checked and not listed, ${n} more of the box or pallet: not about this item.`,
      uncounted: (n) => `All ${n} records shown are proven; whether one is missing could not be checked in full`,
      outsider: (n) => `Not listed, ${n} more: this site says that organisations outside of the item's chain recorded them. Any organisation can; it tells nothing against the goods.`,
      declared: (n) => `Not listed, ${n} more: this site says that their organisation declared them wrong.`,
      unproven: (n) => `Not listed, ${n} more of the box or pallet: this site says that the item was not in it then; the records do not prove it.`,
      lots: (n) => `Records of the lot among them: ${n}. Those are not counted, and whether one is missing can't be checked.`,
      older: (n) => `${n} older records do not say how many there were before them; whether one is missing among them can't be checked.`, crowded: (n) => (n > 0 ? `There are too many records to check that none is missing; of those not looked at, this site says that organisations outside of the chain recorded ${n}.` : "There are too many records to check that none is missing."),
      cut: "The journey has more than 60 records; the first 60 are listed.",
      not: "Not proven: that it was true before it was written; that the goods in your hand are the ones recorded; that nothing was recorded after the last one shown.", asking: "Asking for the position…", thanks: "Thank you, it is recorded.", refusedPosition: "No position was given and nothing was recorded.",
      smaller: (kb) => `The photo was made smaller on this device: ${kb} KB.`, large: "The photo is larger than 3 MB and can't be made smaller. Choose another, or send without one.",
    };

const check = document.querySelector("[data-check]");
if (check) {
  const button = check.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    const status = check.querySelector("[role=status]");
    status.textContent = w.loading;
    try {
      const result = await checkAll((n, all) => (status.textContent = w.checking(n, all)));
      const into = check.querySelector("[data-result]");
      into.replaceChildren(result);
      into.focus();
      status.textContent = "";
      button.textContent = w.again;
    } catch {
      status.textContent = w.offline;
    }
    button.disabled = false;
  });
}

const PATIENCE = 30;

async function bytes(path, tries = 0, optional = false) {
  // A proof that the browser kept would still fit a record that was altered since.
  const response = await fetch(path, { cache: "no-store" });
  // A long journey, or many readers behind one address, ask for more at once than one source may.
  if (response.status === 429 && tries < PATIENCE) {
    const seconds = Math.min(5, Number(response.headers.get("Retry-After")) || 1);
    await new Promise((done) => setTimeout(done, seconds * 1000));
    return bytes(path, tries + 1, optional);
  }
  if (response.status === 202 || optional && response.status === 404) return null;
  if (!response.ok) throw new Error(`${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function checkAll(progress) {
  for (const tag of document.querySelectorAll(".bound")) tag.remove();
  const verifier = await import("/verifier.js");
  const trust = await bytes("/api/anchor/groups/trace/trust");
  const records = [...document.querySelectorAll("[data-event]")];
  const page = pageOf(check.dataset.key);
  // The records of the journey stand in order of time, and before what was measured on it.
  const total = { verifier, trust, page, holders: new Holders(page.item), results: new Map(), states: new Map(), records: new Records(), lots: 0, facts: 0, first: null, bad: null };
  for (const [i, record] of records.entries()) {
    progress(i + 1, records.length);
    const { event } = record.dataset;
    const state = await checkOne(total, record);
    if (state === "refuted") total.bad ??= total.results.get(event);
    const before = total.states.get(event) ?? "proven";
    total.states.set(event, [state, before].find((s) => s === "refuted") ?? [state, before].find((s) => s === "not-checked") ?? "proven");
  }
  // What is of no record at all is proven by none.
  const orphans = [...document.querySelectorAll("[data-fact]")].filter((fact) => !fact.closest("[data-event]"));
  for (const fact of orphans) mark(fact, ` ${w.unbound}`);
  if (orphans.length > 0) total.states.set("", "not-checked");
  total.count = { ...(await countAll(total.records, total.holders, siteOf(total))), lots: total.lots };
  return summary(total);
}

/** What the site leaves out of the page, for {@link countAll}. */
function siteOf(total) {
  const item = encodeURIComponent(check.dataset.key);
  return {
    cut: "cut" in check.dataset,
    lists: (id) => total.states.has(id),
    ask: async (names) => {
      const answer = await bytes(`/api/trace/open/items/records?item=${item}&key=${encodeURIComponent(names)}`, 0, true);
      return answer && JSON.parse(new TextDecoder().decode(answer)).records;
    },
    read: async (id, names) => {
      const result = await verified(total, id);
      if (result?.verdict !== "proven") return null;
      const shown = await statements(total, result.event, names);
      return shown.verdict === "proven" ? recordOf(id, names, total.page, result, shown.shown) : null;
    },
  };
}

const no = (record, state, text) => (mark(record, text), state);

/** The verified bundle of an event, which may stand on the page more than once; null while there is none. */
async function verified(total, id) {
  if (!total.results.has(id)) {
    const bundle = await bytes(`/api/trace/open/events/${id}/proof`);
    const result = bundle && total.verifier.verify(bundle, total.trust, null);
    // Where it stands in the log, which the proof binds; a later log comes after all of an earlier one.
    if (result?.block) result.place = result.block.epoch * 2 ** 40 + JSON.parse(new TextDecoder().decode(bundle)).log.index;
    total.results.set(id, result);
  }
  return total.results.get(id);
}

const statements = async (total, event, names) => total.verifier.checkStatements(
  await bytes(`/api/trace/open/events/${event.id}/statements?key=${encodeURIComponent(names)}`), event);

/** What a record is shown for: a place for where the step was, a withdrawal for its certificate. */
function shownFor(total, record) {
  const around = record.parentElement;
  if (record.dataset.kind === "place") return /\/41[47]\/(\d{13})/.exec(around.closest("[data-fact='/bizLocation']")?.dataset.value)?.[1];
  if (record.dataset.kind === "withdrawal") return total.results.get(around.closest("[data-event]")?.dataset.event)?.event?.stream;
  return record.dataset.of;
}

async function checkOne(total, record) {
  const { event: id, kind, names, of } = record.dataset;
  const result = await verified(total, id);
  if (!result) return no(record, "not-checked", w.pending);
  total.first ??= result;
  if (result.verdict === "incomplete") return no(record, "not-checked", w.unbound);
  if (result.verdict !== "proven" || result.event?.id !== id) return no(record, "refuted", w.refused);
  if (!isAbout(kind, result.event, total.page, shownFor(total, record))) return no(record, "refuted", w.other);
  if (kind === "step") return checkStep(total, record, result, names);
  const { from, to } = result.event.data;
  if (kind === "block" && !total.holders.heldIn(of, Date.parse(from), Date.parse(to))) return no(record, "not-checked", w.unheld);
  if (kind === "block") mark(record, w.held);
  return checkFacts(total, record, (pointer) => at(result.event, pointer));
}

async function checkStep(total, record, result, names) {
  const shown = await statements(total, result.event, names);
  if (shown.verdict !== "proven") return no(record, "refuted", w.refused);
  const said = readStatements(shown.shown, names);
  if (said.named.length === 0) return no(record, "not-checked", w.unnamed);
  if (key(names) === total.page.ofLot) total.lots += 1;
  else {
    const kept = recordOf(result.event.id, names, total.page, result, shown.shown);
    if (!kept) return no(record, "not-checked", w.unbound);
    if (!total.records.take(names, kept.record)) return no(record, "refuted", w.refused);
  }
  total.holders.take(names, said);
  if ("held" in record.dataset) {
    const time = Date.parse(said.values.get("/eventTime"));
    if (!total.holders.heldIn(names, time, time)) return no(record, "not-checked", w.unheld);
    mark(record, w.held);
  } else if (key(names) === total.page.item) mark(record, w.item);
  else if (key(names) === total.page.ofLot) mark(record, w.lot);
  else return no(record, "refuted", w.other);
  return checkFacts(total, record, saidBy(said.values));
}

/** Compares the facts that are the record's own; those of a record inside it are that one's. */
function checkFacts(total, record, says) {
  const facts = [...record.querySelectorAll("[data-fact]")].filter((f) => f.closest("[data-event]") === record);
  const { state, each } = compare(facts.map((f) => ({ pointer: f.dataset.fact, shown: f.dataset.value ?? f.textContent })), says);
  for (const [i, fact] of facts.entries()) {
    if (each[i] === "differs") mark(fact, ` ${w.differs}`);
    if (each[i] === "unsaid") mark(fact, ` ${w.unbound}`);
  }
  total.facts += each.filter((e) => e === "same").length;
  if (state === "proven") mark(record, record.localName === "span" ? "✓" : w.bound);
  else if (state === "not-checked") mark(record, w.unbound);
  return state;
}

function mark(record, text) {
  let tag = record.querySelector(":scope > .bound");
  if (!tag) {
    tag = document.createElement("span");
    tag.className = "bound";
    record.append(tag);
  }
  tag.textContent = tag.textContent ? `${tag.textContent} · ${text}` : text;
  if (text.includes("✗")) tag.classList.add("tag", "bad");
}

function element(tag, text, className) {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  if (className) node.className = className;
  return node;
}

function summary(total) {
  const fragment = document.createDocumentFragment();
  const states = [...total.states.values()];
  const [all, wrong, proven] = [states.length, ...["refuted", "proven"].map((state) => states.filter((s) => s === state).length)];
  const { count } = total;
  const { missing } = count;
  const verdict = verdictOf(states, count);
  const box = element("section", "", `notice ${{ refuted: "bad", missing: "warn", proven: "ok" }[verdict] ?? ""}`);
  box.dataset.page = verdict;
  const head = {
    refuted: () => w.wrong(wrong), missing: () => w.gone(missing), proven: () => w.proven(all), uncounted: () => w.uncounted(all),
    incomplete: () => w.some(proven, all),
  };
  box.append(element("h3", head[verdict]()));
  if (wrong > 0) box.append(element("p", w.advice));
  if (missing > 0) box.append(element("p", wrong > 0 ? w.gone(missing) : w.goneAdvice));
  box.append(element("p", w.facts(total.facts)));
  if (count.crowded > 0) box.append(element("p", w.crowded(count.strangers), "small"));
  if (count.cut) box.append(element("p", w.cut, "small"));
  const open = missing + count.older + count.crowded + count.outsider + count.declared + count.unproven;
  if (open === 0 && total.records.names.length > 0 && !count.cut) box.append(element("p", w.whole, "small"));
  for (const kind of ["lots", "older", "outsider", "declared", "unproven", "elsewhere"]) {
    if (count[kind] > 0) box.append(element("p", w[kind](count[kind]), "small"));
  }
  box.append(element("p", w.rest, "small"), element("p", w.not, "small"));
  fragment.append(box);
  const shown = total.bad ?? total.first;
  if (shown) {
    const details = element("details");
    const content = element("div");
    content.append(total.verifier.render(shown, chinese ? "zh" : "en"));
    // Four green answers beside a red headline would be taken for the page's own.
    details.open = verdict === "proven" || verdict === "incomplete";
    details.append(element("summary", total.bad ? w.bad : w.first), content);
    fragment.append(details);
  }
  return fragment;
}

const locate = document.querySelector("[data-locate]");
if (locate && navigator.geolocation) {
  locate.hidden = false;
  const status = locate.querySelector("[role=status]");
  locate.querySelector("button").addEventListener("click", () => {
    status.textContent = w.asking;
    navigator.geolocation.getCurrentPosition(async ({ coords }) => {
      // Two decimals of a degree are about one kilometre; more never leaves the phone.
      const body = { key: locate.dataset.key, latitude: Math.round(coords.latitude * 100) / 100, longitude: Math.round(coords.longitude * 100) / 100, accuracyKm: Math.max(1, coords.accuracy / 1000) };
      const sent = await fetch("/api/trace/scans/position", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }).catch(() => null);
      status.textContent = sent?.ok ? w.thanks : w.refusedPosition;
    }, () => (status.textContent = w.refusedPosition), { maximumAge: 600000, timeout: 15000 });
  });
}

// Most photos of a phone are larger than what is taken: they are sent smaller, and with nothing but the picture in them.
const photo = document.querySelector("input[data-most]");
photo?.addEventListener("change", async () => {
  const [file] = photo.files;
  const [most, send, status] = [Number(photo.dataset.most), photo.form.querySelector("[type=submit]"), document.getElementById("photo-state")];
  status.textContent = "";
  if (!file || file.size <= most) return;
  send.disabled = true;
  const small = await smaller(file, most).catch(() => null);
  send.disabled = false;
  if (photo.files[0] !== file) return;
  if (small) {
    const chosen = new DataTransfer();
    chosen.items.add(small);
    photo.files = chosen.files;
  }
  status.textContent = small ? w.smaller(Math.round(small.size / 1024)) : w.large;
});

/** The picture as a JPEG of at most so many bytes, the largest of a few sizes that fits; null where none does. */
async function smaller(file, most) {
  const picture = await createImageBitmap(file);
  for (const side of [3000, 2000, 1200]) {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    if (blob && blob.size <= most) return new File([blob], "photo.jpg", { type: "image/jpeg" });
  }
  return null;
}
