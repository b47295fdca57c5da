// A holder's own card. The link's secret stands behind # and goes to the service in a header; receipts are kept on this
// device, and with them the day's root on the chain is checked here.
import { checkLiability, checkReceipt, fingerprint, readReceipt } from "../verifier.js";
import { draw, findKey, makeCode, makeKey } from "./code.js";
import { refunds } from "./refunds.js";

const chinese = document.documentElement.lang.startsWith("zh");
const say = (zh, en) => (chinese ? zh : en);
const page = document.getElementById("card");
const id = page.dataset.card;
const kept = `prepaid-card ${id}`;
const state = JSON.parse(localStorage.getItem(kept) ?? "null") ?? { secret: null, receipts: {} };
if (location.hash.length > 1) {
  state.secret = decodeURIComponent(location.hash.slice(1));
  // Who looks over a shoulder, or at the history, sees the address.
  history.replaceState(null, "", location.pathname + location.search);
}

const money = (fen) => `¥${(Math.floor(fen / 100)).toLocaleString("en-US")}.${String(fen % 100).padStart(2, "0")}`;
const keep = () => localStorage.setItem(kept, JSON.stringify(state));
const show = (name, ...nodes) => document.getElementById(name).replaceChildren(...nodes);

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function notice(kind, title, ...texts) {
  const box = element("section", undefined, { class: `notice ${kind}`, ...(kind === "bad" ? { role: "alert" } : {}) });
  box.append(element("h3", title), ...texts.map((t) => (typeof t === "string" ? element("p", t) : t)));
  return box;
}

function facts(pairs, kind = "") {
  const list = element("dl", undefined, { class: `facts ${kind}` });
  for (const [term, value] of pairs) {
    const row = element("div");
    row.append(element("dt", term), element("dd", value));
    list.append(row);
  }
  return list;
}

class Refused extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title ?? say("服务没有应答，请稍后再试。", "The service does not answer. Try again later."));
    this.code = problem.code;
  }
}

// By how much this device's clock is ahead of the server's.
let ahead = 0;

async function get(path, body) {
  const headers = { "Card-Secret": state.secret ?? "", "Accept-Language": chinese ? "zh" : "en", ...(body ? { "Content-Type": "application/json" } : {}) };
  const answer = await fetch(path, { headers, ...(body === undefined ? {} : { method: "POST", body: body && JSON.stringify(body) }) });
  if (answer.headers.has("Date")) ahead = Date.now() - Date.parse(answer.headers.get("Date"));
  if (answer.ok) return answer;
  if (answer.status === 429) {
    // Many receipts at the first time: the limit is for all who have no account.
    await new Promise((done) => setTimeout(done, 1000 * Number(answer.headers.get("Retry-After") ?? 1)));
    return get(path, body);
  }
  throw new Refused(await answer.json().catch(() => ({})));
}

const bytesOf = async (answer) => new Uint8Array(await answer.arrayBuffer());

const bodyOf = (note) => note.slice(0, note.lastIndexOf("\n\n"));

/** Fetches receipts that are not kept yet; one that is kept is never replaced. */
async function receipts(last) {
  for (let number = 1; number <= last; number++) {
    const own = state.receipts[number];
    // One that the merchant has not signed is asked for again; its text must be the same.
    if (own && own.slice(own.lastIndexOf("\n\n")).split("\n— ").length > 2) continue;
    const note = await (await get(`/api/prepaid/open/cards/${id}/receipts/${number}`)).text();
    const read = readReceipt(note);
    if (read.card !== id || read.number !== number) throw new Error(say("收据编号不对。", "A receipt has another number."));
    if (own && bodyOf(own) !== bodyOf(note)) {
      throw new Error(say(`第${number}号收据与您保存的不同。您保存的那张仍在这里，请下载后向12315投诉。`, `Receipt ${number} is not the one that you keep. Yours is still here: download it and complain to 12315.`));
    }
    state.receipts[number] = note;
    keep();
  }
}

function download(name, text, type) {
  const link = element("a", name, { download: name });
  link.href = URL.createObjectURL(new Blob([text], { type }));
  return link;
}

/** The platform's signature must be there; the merchant's is shown, or that it is missing. */
async function showReceipts(merchant) {
  const keys = await bytesOf(await get(`/api/prepaid/open/merchants/${encodeURIComponent(merchant)}/keys`));
  const list = element("ul", undefined, { class: "plain" });
  for (const [number, note] of Object.entries(state.receipts).sort(([a], [b]) => b - a)) {
    const read = readReceipt(note);
    const item = element("li", `${number} · ${read.day} · ${say("余额", "balance")} ${money(read.balance.principal)} `);
    const signed = await checkReceipt(note, keys);
    item.append(element("span", !signed?.byService ? say("签名不对", "the signature is wrong")
      : signed.byMerchant ? say("商户与平台都已签名", "signed by merchant and platform")
        : say("商户还没有签名，仅平台签名", "not signed by the merchant, only by the platform"), { class: "quiet small" }), " ");
    item.append(download(`receipt-${number}.txt`, note, "text/plain"));
    const objection = objectionTo(note);
    if (objection) item.append(objection);
    list.append(item);
  }
  show("receipts", list);
}

/** What a clerk entered without code or PIN can be objected to for a day; a button for that, or null. */
function objectionTo(note) {
  const [, name, until] = /^redeemed (\S+) proof (?:clerk|queued) object-by (\S+)$/m.exec(note) ?? [];
  if (!name || Date.parse(until) <= Date.now() - ahead || Object.values(state.receipts).some((other) => other.includes(`\nreversed ${name}\n`))) return null;
  const part = element("div", undefined, { class: "notice warn" });
  const button = element("button", say("这次不是我用的，要求退回", "This was not me: give it back"), { type: "button" });
  part.append(element("p", say(`店员代录，没有您的付款码或密码。${new Date(until).toLocaleString("zh-CN")}前可以提出异议。`, `Entered by the clerk without your code or PIN. You may object until ${new Date(until).toLocaleString("en-GB")}.`)), button);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await get(`/api/prepaid/open/cards/${id}/redemptions/${encodeURIComponent(name)}/objection`, null);
      await run();
    } catch (e) {
      part.append(element("p", e.message, { role: "alert" }));
      button.disabled = false;
    }
  });
  return part;
}

/** A balance that only the merchant has stated: its holder says whether it is right. */
function stated() {
  const box = notice("warn", say("余额由商户填报，等您确认", "Stated by the merchant; do you agree?"), say("确认之前不能使用。不对的，请写下您认为的余额；以后以查实的为准。", "It can't be used before. If it is wrong, say what you think it is; it is then looked into."));
  const yes = element("button", say("余额对，确认", "It is right"), { type: "button", class: "filled" });
  const amount = element("input", undefined, { type: "text", inputmode: "decimal", id: "claimed", maxlength: "12" });
  const words = element("input", undefined, { type: "text", id: "because", maxlength: "500" });
  const no = element("button", say("余额不对", "It is wrong"), { type: "button" });
  const fields = element("div", undefined, { class: "field" });
  fields.append(element("label", say("您认为的余额（元，现金部分）", "The balance as you know it (yuan, of what you paid)"), { for: "claimed" }), amount, element("label", say("依据", "Why"), { for: "because" }), words);
  const act = (path, body) => async () => {
    try {
      await get(`/api/prepaid/open/cards/${id}/${path}`, body());
      await run();
    } catch (e) {
      box.append(element("p", e.message, { role: "alert" }));
    }
  };
  yes.addEventListener("click", act("confirmation", () => null));
  no.addEventListener("click", act("dispute", () => ({ principalFen: Math.round(Number(amount.value.replaceAll(",", "")) * 100) || 0, giftFen: 0, words: words.value })));
  box.append(yes, fields, no);
  return box;
}

let showing = 0;

/** The payment code: on one device only, renewed by itself while it is looked at. */
async function code(card) {
  const part = document.getElementById("code-part");
  part.hidden = card.frozen || card.statedByMerchant;
  const own = await findKey(id).catch(() => undefined);
  if (card.key && own?.spki !== card.key) {
    return show("code", element("p", say("付款码在您的另一台设备上。在这里可以看余额和收据。", "Codes of this card are shown by another device of yours. Here you see balance and receipts.")));
  }
  const button = element("button", card.key ? say("出示付款码", "Show a payment code") : say("在这台设备上启用付款码", "Show codes on this device"), { type: "button", class: "filled" });
  const about = element("p", say("给收银台扫。一个码60秒内有效，只能用一次；密钥在这台设备上，取不出来。", "For the till to scan. A code holds for 60 seconds and one use; its key stays on this device."), { class: "small quiet" });
  button.addEventListener("click", async () => {
    try {
      const key = await makeKey(id);
      if (!card.key) {
        await get(`/api/prepaid/open/cards/${id}/key`, { key: key.spki });
        card.key = key.spki;
      }
      await present(key, ++showing);
    } catch (e) {
      show("code", button, about, notice("bad", say("不能出示付款码", "No code can be shown"), e.message));
    }
  });
  show("code", button, about);
}

async function present(key, turn) {
  const figure = element("div", undefined, { class: "qr" });
  const left = element("p", undefined, { role: "timer" });
  const typed = element("details");
  const another = element("button", say("换一个", "New code"), { type: "button" });
  const text = element("code", undefined, { class: "address", translate: "no" });
  typed.append(element("summary", say("扫不了：文字码", "It can't be scanned: as text")), text);
  another.addEventListener("click", () => present(key, ++showing));
  show("code", figure, left, another, typed);
  while (turn === showing) {
    const made = await makeCode(id, key, ahead);
    figure.replaceChildren(draw(made.text, say("付款码", "Payment code")));
    text.textContent = made.text;
    // A new one before the last has ended: who scans it needs a moment.
    while (turn === showing && made.until - Date.now() > 8000) {
      left.textContent = say(`${Math.ceil((made.until - Date.now()) / 1000)}秒内有效`, `Good for ${Math.ceil((made.until - Date.now()) / 1000)} seconds`);
      await new Promise((next) => setTimeout(next, 1000));
    }
    if (document.hidden) return show("code", another);
  }
}

/** A complaint goes on record here; and all that 12315 or a court needs is made: what the holder says, and the receipts. */
function complaint(card) {
  document.getElementById("complain").onclick = async ({ target }) => {
    const words = document.getElementById("words").value.trim();
    if (!words) return show("complaint", notice("bad", say("请先写发生了什么。", "Say what happened first.")));
    target.disabled = true;
    let told = say("已提交：商户和主管部门都能看到，主管部门会结案。", "It is on record: merchant and authority see it, and the authority ends it.");
    try {
      await get(`/api/prepaid/open/cards/${id}/complaints`, { kind: document.getElementById("complaint-kind").value, words });
    } catch (e) {
      told = e.message;
      target.disabled = false;
    }
    const file = download(`complaint-${id}.json`, JSON.stringify({
      format: "prepaid-complaint/1", merchant: card.merchant, card: id, words, made: new Date().toISOString(), balance: card.balance, receipts: state.receipts,
    }, null, 2), "application/json");
    const line = element("p", say("还可以拨打12315，附上这份材料（收据上的签名任何人都能核验）：", "You can call 12315 as well and attach this file, whose receipts anybody can check: "));
    line.append(file);
    show("complaint", notice("", say("投诉", "Complaint"), told, line));
  };
  const paid = card.lots.find((l) => !l.lot.refunded)?.lot;
  if (paid) document.getElementById("refund").href = `/refund?${new URLSearchParams({ paidOn: paid.paidOn, paid: (paid.paidFen / 100).toFixed(2), gift: (paid.giftFen / 100).toFixed(2) })}`;
}

/** What is left of a lot, in its own unit. */
const left = ({ lot, remaining }) => ({
  value: say(`剩余${money(remaining)}`, `${money(remaining)} left`),
  counted: say(`剩余${remaining}次`, `${remaining} times left`),
  timed: say(`剩余${remaining}天`, `${remaining} days left`),
})[lot.kind];

function showCard(card) {
  const nodes = [facts([
    [say("还欠您（现金部分）", "Owed to you, of what was paid"), money(card.balance.principalFen)],
    [say("赠送，不能兑现", "Gift, never cash"), money(card.balance.giftFen)],
  ], "figures"), facts([[say("商户", "Merchant"), card.merchant], ...card.lots.map((lot) => [
    `${say("第", "Lot ")}${lot.lot.id}${say("笔", "")}`,
    left(lot) + ` · ${say("欠", "owed ")}${money(lot.owed.principalFen)}`,
  ])], "wide")];
  if (card.statedByMerchant) nodes.push(stated());
  if (card.frozen) nodes.push(notice("warn", say("这张卡已冻结", "This card is frozen")));
  show("balance", ...nodes);
}

const REASONS = {
  "other-balance": say("计入的金额与您的收据不同。", "The amount that is counted is not that of your receipt."),
  "other-receipt": say("计入的不是您最后一张收据。", "What is counted is not your last receipt."),
  "other-root": say("商户给您看的账，与链上的不是同一份。", "What you are shown is not the account that is on the chain."),
  "other-total": say("账目与链上的总额不符。", "The account does not come to the total on the chain."),
  "other-card": say("给您看的是别人的余额。", "You were shown somebody else's balance."),
  "not-two-leaves": say("给您看的证明不完整。", "The proof that you were shown is incomplete."),
  "bad-sum": say("账目里有不可能的金额。", "The account holds an impossible amount."),
  "no-root": say("链上没有这一天的总额。", "The chain holds no total of that day."),
  "card-not-counted": say("您的卡没有计入。", "Your card is not counted."),
};

async function counted() {
  const trust = await bytesOf(await fetch("/api/anchor/groups/prepaid/trust"));
  const answer = await get(`/api/prepaid/open/cards/${id}/liability`);
  const proof = await bytesOf(answer);
  const { merchant, day } = JSON.parse(new TextDecoder().decode(proof));
  const root = await bytesOf(await get(`/api/prepaid/open/liabilities/${encodeURIComponent(merchant)}/${day}/root`));
  const receipt = Object.entries(state.receipts).sort(([a], [b]) => b - a).map(([, note]) => note).find((note) => readReceipt(note).day <= day);
  if (!receipt) return show("counted", notice("", say("还没有可核对的日终", "No close to check yet"), say(`最近一次日终是${day}，在您第一张收据之前。请明天再来。`, `The last close is of ${day}, before your first receipt. Come back tomorrow.`)));
  const result = checkLiability({ receipt, proof, root, trust });
  const more = [[say("截至", "At the end of"), result.day], [say("由您的浏览器核对，信任文件指纹", "Checked by your browser; trust file"), fingerprint(trust)]];
  if (result.own) more.unshift([say("您的余额（收据）", "Your balance by your receipt"), `${money(result.own.principal)} + ${money(result.own.gift)}`]);
  if (result.total) more.unshift([say("商户欠所有持卡人（链上）", "Owed to all holders, on the chain"), `${money(result.total.principal)} + ${money(result.total.gift)}`]);
  if (result.block) more.push([say("区块", "Block"), String(result.block.number)]);
  if (result.verdict === "proven") return show("counted", notice("ok", say("计入了", "It is counted"), facts(more, "wide")), await share(merchant, day));
  if (result.verdict === "incomplete") return show("counted", notice("warn", say("暂时不能核对", "It can't be checked now"), say("信任文件太旧，请刷新后再试。", "The trust file is too old. Reload the page.")));
  failed(REASONS[result.reason] ?? result.reason, { receipt, proof: toBase64(proof), root: toBase64(root), trust: toBase64(trust), result });
}

const toBase64 = (bytes) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));

/** A failed check gives all that somebody else needs to repeat it. */
function failed(reason, pack) {
  const file = download(`evidence-${id}.json`, JSON.stringify({ format: "prepaid-dispute/1", ...pack }, null, 2), "application/json");
  const line = element("p", say("把这份证据包交给主管部门或12315，任何人都能重新核对：", "Give this file to the authority or 12315; anybody can repeat the check with it: "));
  line.append(file);
  show("counted", notice("bad", say("没有通过", "The check failed"), reason, line));
}

async function share(merchant, day) {
  const figures = await (await get(`/api/prepaid/open/liabilities/${encodeURIComponent(merchant)}/${day}`)).json();
  const ten = figures.detection.find((d) => d.changed === 10);
  return element("p", say(
    `这一天有${figures.checked}张卡（共${figures.cards}张）的持卡人来核对。如果有10张卡被改，至少一人发现的机会是${(ten.chance * 100).toFixed(1)}%。`,
    `For this day the holders of ${figures.checked} of ${figures.cards} cards have checked. Had 10 cards been changed, at least one of them would have found it with a chance of ${(ten.chance * 100).toFixed(1)} %.`), { class: "small" });
}

async function run() {
  try {
    const card = await (await get(`/api/prepaid/open/cards/${id}`)).json();
    state.seen = { merchant: card.merchant, principal: card.balance.principalFen, day: new Date().toLocaleDateString("sv-SE") };
    keep();
    showCard(card);
    complaint(card);
    await code(card);
    await refunds(id, get).catch(() => {});
    await receipts(card.receipts);
    await showReceipts(card.merchant);
  } catch (e) {
    show("balance", notice("bad", say("不能打开这张卡", "The card can't be opened"), e.message));
    return show("counted");
  }
  try {
    await counted();
  } catch (e) {
    if (e.code === "card-not-counted") return failed(e.message, { receipts: state.receipts, result: { verdict: "refuted", reason: e.code } });
    show("counted", notice("", say("还不能核对", "It can't be checked yet"), e.message));
  }
}

run();
