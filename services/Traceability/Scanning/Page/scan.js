// The consumer page: checks in this browser what the page shows, and shares a position when asked to. Nothing here is
// needed to read the page.
const chinese = document.documentElement.lang.startsWith("zh");
const w = chinese
  ? {
      loading: "正在取得证明…", checking: (n, all) => `正在核验第${n}条，共${all}条`, bound: "✓ 与锚定的记录一致", differs: "✗ 与记录不同", unbound: "○ 未核验",
      pending: "○ 正在锚定，请稍后再试", refused: "✗ 记录已被改动，或证明不成立", offline: "取不到证明，请检查网络后重试。", again: "再次核验",
      proven: (n) => `${n}条记录全部得到证明`, some: (n, all) => `${all}条中有${n}条得到证明，其余未能核验`, wrong: (n) => `${n}条记录与证明不符`,
      facts: (n) => `页面上的${n}项内容与链上记录一致。`, first: "第一条记录的四项结果", item: "✓ 记录写明了这件商品", lot: "○ 记录是关于批次的，数量没有公开，所属批次未核验",
      held: "✓ 当时这件商品在里面", unheld: "○ 记录成立，但没有证明当时这件商品在里面",
      not: "不能证明：写入之前是真的；实物就是记录所指的那一件。", asking: "正在取得位置…", thanks: "谢谢，已记录。", refusedPosition: "没有取得位置，什么也没有记录。",
    }
  : {
      loading: "Fetching the proofs…", checking: (n, all) => `Checking record ${n} of ${all}`, bound: "✓ as in the anchored record", differs: "✗ differs from the record", unbound: "○ not checked",
      pending: "○ being anchored; try again shortly", refused: "✗ the record was altered, or its proof fails", offline: "The proofs can't be fetched. Check the network and try again.", again: "Check again",
      proven: (n) => `All ${n} records are proven`, some: (n, all) => `${n} of ${all} records are proven; the others could not be checked`, wrong: (n) => `${n} records do not match their proofs`,
      facts: (n) => `${n} facts on this page are those of the anchored records.`, first: "The four answers for the first record", item: "✓ the record names this item", lot: "○ the record is about a lot whose quantity is not published, so its lot is not checked",
      held: "✓ the item was in it then", unheld: "○ the record stands, but that the item was in it then is not proven",
      not: "Not proven: that it was true before it was written; that the goods in your hand are the ones recorded.", asking: "Asking for the position…", thanks: "Thank you, it is recorded.", refusedPosition: "No position was given and nothing was recorded.",
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
  const response = await fetch(path);
  if (response.status === 202) return null;
  if (!response.ok) throw new Error(`${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function checkAll(progress) {
  const verifier = await import("/verifier.js");
  const trust = await bytes("/api/anchor/groups/trace/trust");
  const records = [...document.querySelectorAll("[data-event]")];
  // What holds the item and since when, as far as proven records say; the records stand in order of time.
  const holders = new Map([[key(check.dataset.key), -Infinity]]);
  const total = { proven: 0, wrong: 0, facts: 0, first: null, holders };
  for (const [i, record] of records.entries()) {
    progress(i + 1, records.length);
    await checkOne(verifier, trust, record, total);
  }
  return summary(verifier, total, records.length);
}

async function checkOne(verifier, trust, record, total) {
  const names = record.dataset.names;
  const path = `/api/trace/open/events/${record.dataset.event}`;
  const bundle = await bytes(`${path}/proof`);
  if (!bundle) return mark(record, w.pending);
  const result = verifier.verify(bundle, trust, null);
  total.first ??= result;
  const sameEvent = result.event?.id === record.dataset.event;
  if (result.verdict === "incomplete") return mark(record, w.unbound);
  if (result.verdict !== "proven" || !sameEvent) {
    total.wrong++;
    return mark(record, w.refused);
  }
  let says = (pointer) => at(result.event, pointer);
  if (names) {
    const shown = verifier.checkStatements(await bytes(`${path}/statements?key=${encodeURIComponent(names)}`), result.event);
    if (shown.verdict !== "proven") {
      total.wrong++;
      return mark(record, w.refused);
    }
    const values = new Map(shown.shown.map((s) => [s.pointer, JSON.parse(s.value)]));
    says = (pointer) => values.get(pointer) ?? (pointer === "/bizLocation" ? values.get("/readPoint") : undefined);
    const named = [...values].some(([pointer, value]) => /^\/(\w+EPCList|epcList|childEPCs|\w*[qQ]uantityList)\/-$/.test(pointer) && key(value.epcClass ?? value) === key(names));
    mark(record, named ? w.item : w.lot);
    const time = Date.parse(values.get("/eventTime"));
    const parent = values.get("/parentID");
    const wasIn = named && total.holders.get(key(names)) <= time;
    if (wasIn && parent && values.get("/action") === "DELETE") total.holders.delete(key(parent));
    else if (wasIn && parent) total.holders.set(key(parent), time);
    if ("held" in record.dataset) mark(record, wasIn ? w.held : w.unheld);
    if ("held" in record.dataset && !wasIn) return;
  } else if ("held" in record.dataset) {
    const { subject, to } = result.event.data;
    const wasIn = total.holders.get(key(subject)) <= Date.parse(to);
    mark(record, wasIn ? w.held : w.unheld);
    if (!wasIn) return;
  }
  let wrong = 0;
  for (const fact of [...record.querySelectorAll("[data-fact]")].filter((f) => f.dataset.value !== "")) {
    const said = says(fact.dataset.fact);
    const shown = fact.dataset.value ?? fact.textContent;
    if (said === undefined) continue;
    if (same(fact.dataset.fact, said, shown)) total.facts++;
    else {
      wrong++;
      mark(fact, ` ${w.differs}`);
    }
  }
  if (wrong === 0) {
    total.proven++;
    mark(record, w.bound);
  } else total.wrong++;
}

/** Whether the record says what the page shows; a time, a step and a place each have more than one way to be written. */
function same(pointer, said, shown) {
  if (pointer === "/eventTime") return Date.parse(said) === Date.parse(shown);
  if (pointer === "/bizStep") return last(said) === last(shown);
  if (pointer === "/bizLocation" || pointer === "/parentID") return key(said.id ?? said) === key(shown);
  return `${said}` === shown;
}

const last = (uri) => uri.split(/[/:#-]/).at(-1);

const at = (value, pointer) => pointer.split("/").slice(1).reduce((v, name) => v?.[name], value);

function checkDigit(digits) {
  const sum = [...digits].reverse().reduce((total, d, i) => total + d * (i % 2 === 0 ? 3 : 1), 0);
  return digits + ((10 - (sum % 10)) % 10);
}

/** A GS1 key in one form, from an EPC URN (EPC Tag Data Standard) or a Digital Link; anything else as it is. */
function key(uri) {
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

function summary(verifier, total, all) {
  const fragment = document.createDocumentFragment();
  const verdict = total.wrong > 0 ? "refuted" : total.proven === all ? "proven" : "incomplete";
  const box = element("section", "", `notice ${{ refuted: "bad", proven: "ok", incomplete: "" }[verdict]}`);
  box.dataset.page = verdict;
  box.append(element("h3", verdict === "refuted" ? w.wrong(total.wrong) : verdict === "proven" ? w.proven(all) : w.some(total.proven, all)));
  box.append(element("p", w.facts(total.facts)), element("p", w.not, "small"));
  fragment.append(box);
  if (total.first) {
    const details = element("details");
    const content = element("div");
    content.append(verifier.render(total.first, chinese ? "zh" : "en"));
    // Four green answers beside a red headline would be taken for the page's own.
    details.open = total.wrong === 0;
    details.append(element("summary", w.first), content);
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
