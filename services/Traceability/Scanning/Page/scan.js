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
      rest: "不在核验之列：商品图、机构名称、查询次数、是否售出、召回、标签的核定数量。",
      held: "✓ 当时这件商品在里面", unheld: "○ 记录成立，但没有证明当时这件商品在里面",
      not: "不能证明：写入之前是真的；实物就是记录所指的那一件；没有漏掉别的记录。", asking: "正在取得位置…", thanks: "谢谢，已记录。", refusedPosition: "没有取得位置，什么也没有记录。",
      smaller: (kb) => `照片已在手机上缩小到${kb} KB。`, large: "照片超过3 MB，也缩不小。请换一张，或不带照片提交。",
    }
  : {
      loading: "Fetching the proofs…", checking: (n, all) => `Checking record ${n} of ${all}`, bound: "✓ as in the anchored record", differs: "✗ differs from the record", unbound: "○ not checked",
      pending: "○ being anchored; try again shortly", refused: "✗ the record was altered, or its proof fails", offline: "The proofs can't be fetched. Check the network and try again.", again: "Check again",
      proven: (n) => `All ${n} records shown are proven`, some: (n, all) => `${n} of ${all} records are proven; the others could not be checked`, wrong: (n) => `${n} records do not match their proofs`,
      facts: (n) => `${n} facts on this page are those of the anchored records.`, first: "The four answers for the first record", bad: "The four answers for the record that does not match", advice: "Do not rely on this page. Keep the goods and the receipt, and complain below.", item: "✓ the record names this item", lot: "✓ the record names the lot",
      unnamed: "○ what the record is about is not published, so it is not checked", other: "✗ the record is about something else",
      rest: "Not covered: the picture, names of organisations, the number of checks, sales, recalls and certified amounts.",
      held: "✓ the item was in it then", unheld: "○ the record stands, but that the item was in it then is not proven",
      not: "Not proven: that it was true before it was written; that the goods in your hand are the ones recorded; that no other record is missing.", asking: "Asking for the position…", thanks: "Thank you, it is recorded.", refusedPosition: "No position was given and nothing was recorded.",
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

async function bytes(path) {
  // A proof that the browser kept would still fit a record that was altered since.
  const response = await fetch(path, { cache: "no-store" });
  if (response.status === 202) return null;
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
  const total = { verifier, trust, page, holders: new Holders(page.item), results: new Map(), states: new Map(), facts: 0, first: null, bad: null };
  for (const [i, record] of records.entries()) {
    progress(i + 1, records.length);
    const { event } = record.dataset;
    const state = await checkOne(total, record);
    if (state === "refuted") total.bad ??= total.results.get(event);
    const before = total.states.get(event) ?? "proven";
    total.states.set(event, [state, before].find((s) => s === "refuted") ?? [state, before].find((s) => s === "not-checked") ?? "proven");
  }
  return summary(total);
}

const no = (record, state, text) => (mark(record, text), state);

/** The verified bundle of an event, which may stand on the page more than once; null while there is none. */
async function verified(total, id) {
  if (!total.results.has(id)) {
    const bundle = await bytes(`/api/trace/open/events/${id}/proof`);
    total.results.set(id, bundle && total.verifier.verify(bundle, total.trust, null));
  }
  return total.results.get(id);
}

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
  if (kind === "step") return checkStep(total, record, result.event, names);
  const { from, to } = result.event.data;
  if (kind === "block" && !total.holders.heldIn(of, Date.parse(from), Date.parse(to))) return no(record, "not-checked", w.unheld);
  if (kind === "block") mark(record, w.held);
  return checkFacts(total, record, (pointer) => at(result.event, pointer));
}

async function checkStep(total, record, event, names) {
  const file = await bytes(`/api/trace/open/events/${event.id}/statements?key=${encodeURIComponent(names)}`);
  const shown = total.verifier.checkStatements(file, event);
  if (shown.verdict !== "proven") return no(record, "refuted", w.refused);
  const said = readStatements(shown.shown, names);
  if (said.named.length === 0) return no(record, "not-checked", w.unnamed);
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
  const verdict = wrong > 0 ? "refuted" : proven === all ? "proven" : "incomplete";
  const box = element("section", "", `notice ${{ refuted: "bad", proven: "ok", incomplete: "" }[verdict]}`);
  box.dataset.page = verdict;
  box.append(element("h3", verdict === "refuted" ? w.wrong(wrong) : verdict === "proven" ? w.proven(all) : w.some(proven, all)));
  if (wrong > 0) box.append(element("p", w.advice));
  box.append(element("p", w.facts(total.facts)), element("p", w.rest, "small"), element("p", w.not, "small"));
  fragment.append(box);
  const shown = total.bad ?? total.first;
  if (shown) {
    const details = element("details");
    const content = element("div");
    content.append(total.verifier.render(shown, chinese ? "zh" : "en"));
    // Four green answers beside a red headline would be taken for the page's own.
    details.open = wrong === 0;
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
