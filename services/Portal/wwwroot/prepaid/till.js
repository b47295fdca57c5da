// The till: scans, redeems, signs the receipt with a key that only this device has, and keeps what was given out while
// there was no network. Without this module the page's form redeems as the clerk's entry or by PIN.
import { read, watch } from "../goods/scan.js";

const chinese = document.documentElement.lang.startsWith("zh");
const say = (zh, en) => (chinese ? zh : en);
const byId = (id) => document.getElementById(id);
const form = byId("till");
const field = (name) => form.elements.namedItem(`Form.${name}`);
const { merchant, owner } = form.dataset;
// What the service lets a till give out in one go, and for how long it takes the report.
const offlineMost = 500_00;
const offlineHours = 24;

const money = (fen) => `¥${Math.floor(fen / 100).toLocaleString("en-US")}.${String(fen % 100).padStart(2, "0")}`;

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function show(kind, ...parts) {
  const box = byId("result");
  box.hidden = false;
  box.className = `notice ${kind}`;
  box.replaceChildren(...parts.map((p) => (typeof p === "string" ? element("p", p) : p)));
  box.focus({ preventScroll: true });
}

// ---- whose card ----------------------------------------------------------------------------------------------------
const identity = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const cardOf = (text) => new RegExp(identity).exec(text)?.[0];

async function scanned(text) {
  field("Scan").value = text.trim();
  const status = byId("scanned");
  const card = cardOf(text);
  if (!card) return (status.textContent = say("扫到的不是付款码，也不是卡号。", "That is neither a payment code nor a card number."));
  status.textContent = text.startsWith("prepaid-code/1|") ? say(`付款码，卡${card.slice(-8)}`, `Payment code of card ${card.slice(-8)}`) : say(`卡${card.slice(-8)}`, `Card ${card.slice(-8)}`);
  navigator.vibrate?.(60);
  try {
    const answer = await fetch(`/prepaid/till/cards/${card}`);
    const found = await answer.json();
    if (!answer.ok) return (status.textContent = found.problem);
    holds(found);
  } catch {
    status.textContent += say("。没有网络，看不到余额。", ". No network: the balance can't be seen.");
  }
}

/** What of the card can be used, and the balance that is most likely meant. */
function holds(card) {
  const usable = card.lots.filter((lot) => lot.usable);
  const list = element("ul", undefined, { class: "plain" });
  const value = usable.filter((l) => l.lot.kind === "value").reduce((sum, l) => sum + l.remaining, 0);
  if (value) list.append(element("li", say(`储值可用${money(value)}`, `Value: ${money(value)} to use`)));
  for (const { lot, remaining } of usable.filter((l) => l.lot.kind !== "value")) {
    list.append(element("li", lot.kind === "counted"
      ? say(`次卡${lot.item ?? "不限项目"}，剩余${remaining}次`, `${lot.item ?? "Any item"}: ${remaining} times left`)
      : say(`期限卡${lot.item ?? ""}，剩余${remaining}天`, `Timed ${lot.item ?? ""}: ${remaining} days left`)));
  }
  if (!usable.length) list.append(element("li", say("没有可用的余额。", "Nothing that can be used.")));
  byId("held").replaceChildren(list);
  if (usable.length && !usable.some((l) => l.lot.kind === field("Kind").value)) field("Kind").value = usable[0].lot.kind;
  const only = usable.filter((l) => l.lot.kind === field("Kind").value);
  if (only.length === 1 && only[0].lot.item) field("Item").value = only[0].lot.item;
  fit();
}

const fit = () => { for (const part of form.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== field("Kind").value; };
field("Kind").addEventListener("change", fit);
field("Scan").addEventListener("change", ({ target }) => target.value.trim() && scanned(target.value));
fit();
const rememberedShop = localStorage.getItem(`till-branch:${owner}`);
if (rememberedShop) field("Branch").value = rememberedShop;

let stop = null;
function close() {
  stop?.();
  stop = null;
  byId("camera").textContent = say("打开相机扫码", "Scan with the camera");
}
byId("camera").addEventListener("click", async ({ target }) => {
  if (stop) return close();
  try {
    stop = await watch(byId("view"), (code) => { close(); scanned(code); });
    target.textContent = say("关闭相机", "Close the camera");
  } catch {
    byId("scanned").textContent = say("相机没有打开。可以拍照识别，或者输入卡号。", "The camera can't be opened. Read from a photo, or type the number.");
  }
});
document.addEventListener("visibilitychange", () => document.hidden && close());
byId("picture").addEventListener("change", async ({ target }) => {
  const picture = target.files[0] && await createImageBitmap(target.files[0]).catch(() => null);
  const code = picture && await read(picture, picture.width, picture.height);
  if (code) await scanned(code);
  else byId("scanned").textContent = say("照片里没有认出码。请靠近再拍，或者输入卡号。", "No code was found in the photo. Take it from nearer, or type the number.");
  target.value = "";
});

// ---- the till's key ------------------------------------------------------------------------------------------------
function keys(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("prepaid-till", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const request = act(opening.result.transaction("keys", mode).objectStore("keys"));
      request.transaction.oncomplete = () => { opening.result.close(); resolve(request.result); };
      request.transaction.onabort = () => reject(request.error);
    };
  });
}

const toBase64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
const registered = () => form.dataset.keys.split(" ").filter(Boolean);
let own = await keys("readonly", (store) => store.get(merchant)).catch(() => undefined);

function keyState() {
  const good = own && registered().includes(own.spki);
  byId("key-state").textContent = good
    ? say("✓ 本机密钥已登记，每次核销后自动签收据。", "✓ This till's key is registered; it signs the receipt after every movement.")
    : own ? say("○ 本机已有密钥，还没有登记。", "○ This till has a key that is not registered.") : say("○ 本机还没有密钥，收据只有平台签名。", "○ This till has no key; receipts carry the platform's signature alone.");
  if (byId("new-key")) byId("new-key").hidden = good;
}
keyState();

byId("new-key")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!own) {
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
    own = { spki: toBase64(await crypto.subtle.exportKey("spki", pair.publicKey)), key: pair.privateKey };
    await keys("readwrite", (store) => store.put(own, merchant));
    await navigator.storage?.persist?.();
  }
  byId("public-key").value = own.spki;
  event.target.submit();
});

/** Signs a receipt that says what this till just did, and nothing else. Answers whether the service took it. */
async function sign(card, number, name) {
  if (!own || !registered().includes(own.spki)) return false;
  const answer = await fetch(`/prepaid/cards/${card}/receipts/${number}`);
  if (!answer.ok) return false;
  const note = await answer.text();
  const text = note.slice(0, note.lastIndexOf("\n\n") + 1);
  if (!text.startsWith(`prepaid-receipt/1\nmerchant ${merchant}\ncard ${card}\nreceipt ${number}\n`) || !text.includes(`\nredeemed ${name} `)) return false;
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, own.key, new TextEncoder().encode(text));
  return (await post("/prepaid/till/signatures", { card, number, key: own.spki, signature: toBase64(signature) })).ok;
}

// ---- sending -------------------------------------------------------------------------------------------------------
let token = form.elements.namedItem("__RequestVerificationToken").value;

/** Sends a form; with a new token of the session where the one of the page has ended. */
async function post(path, values) {
  for (let attempt = 0; ; attempt++) {
    const body = new FormData();
    for (const [name, value] of Object.entries(values)) body.set(name, value);
    body.set("__RequestVerificationToken", token);
    const answer = await fetch(path, { method: "POST", body });
    if (answer.status !== 401 || attempt > 0) return answer;
    const page = await (await fetch("/prepaid/till", { headers: { Accept: "text/html" } })).text();
    token = /name="__RequestVerificationToken"[^>]*value="([^"]+)"/.exec(page)?.[1] ?? token;
  }
}

const nameOf = (key) => `r${key.replaceAll("-", "")}`;
const entry = () => Object.fromEntries([...new FormData(form)].flatMap(([name, value]) => (name.startsWith("Form.") ? [[name.slice(5), value]] : [])));
const redemption = (values) => post("/prepaid/till/redemptions", Object.fromEntries(Object.entries(values).map(([name, value]) => [`Form.${name}`, value])));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector(".send button");
  button.disabled = true;
  const values = entry();
  localStorage.setItem(`till-branch:${owner}`, values.Branch);
  try {
    const answer = await redemption(values);
    if (answer.status >= 502) throw new TypeError("away");
    const done = await answer.json().catch(() => ({}));
    if (!answer.ok) return refused(answer.status, done);
    await redeemed(done, values);
  } catch {
    offline(values);
  } finally {
    button.disabled = false;
  }
});

function refused(status, answer) {
  if (status === 503) return offline(entry(), answer.problem);
  show("bad", status === 401 ? say("登录已过期，没有扣款。请在新标签页登录后再按一次。", "Your sign-in has expired and nothing was taken. Sign in in a new tab and press again.") : `✗ ${answer.problem ?? say("没有扣款。", "Nothing was taken.")}`);
}

async function redeemed(done, values) {
  const { card, receipt, balance } = done;
  const link = element("a", say(`收据第${receipt}号`, `Receipt ${receipt}`), { href: `/prepaid/cards/${card}/receipts/${receipt}` });
  const signed = element("p", say("正在签收据…", "Signing the receipt…"), { class: "small" });
  show("ok", say(`✓ 已核销。余额${money(balance.principalFen)}，赠送${money(balance.giftFen)}。`, `✓ Redeemed. Balance ${money(balance.principalFen)}, gift ${money(balance.giftFen)}.`), link, signed);
  next();
  const good = await sign(card, receipt, nameOf(values.Key)).catch(() => false);
  signed.textContent = good ? say("商户与平台都已签名。", "Signed by merchant and platform.") : say("仅平台签名：本机没有登记的密钥。", "Signed by the platform alone: this till has no registered key.");
}

/** The form for the next customer: nothing of the last one stays. */
function next() {
  for (const name of ["Scan", "Pin", "Price", "List", "Item"]) field(name).value = "";
  field("Times").value = "1";
  field("Key").value = crypto.randomUUID();
  byId("held").replaceChildren();
  byId("scanned").textContent = "";
}

// ---- offline -------------------------------------------------------------------------------------------------------
const kept = `till-queue:${owner}`;
const queue = () => JSON.parse(localStorage.getItem(kept) ?? "[]");
const keep = (entries) => { localStorage.setItem(kept, JSON.stringify(entries)); list(); };
const fenOf = (typed) => Math.round(Number((typed ?? "").replaceAll(/[,¥\s]/g, "")) * 100);

/** No answer: the clerk decides whether to give it out on trust; the merchant bears it if the card does not hold it. */
function offline(values, reason) {
  const price = fenOf(values.Price);
  if (!(price <= offlineMost)) {
    return show("bad", reason ?? say("没有网络，没有扣款。", "No network, and nothing was taken."), say(`离线一次最多${money(offlineMost)}，请等网络恢复。`, `Offline at most ${money(offlineMost)} in one go: wait for the network.`));
  }
  const button = element("button", say("先放行，联网后补记（商户承担风险）", "Give it out and report later, at the merchant's risk"), { type: "button" });
  button.addEventListener("click", () => {
    // A PIN is not kept on a device; a code would have run out.
    keep([...queue(), { ...values, Pin: "", TakenAt: new Date().toISOString() }]);
    next();
    show("warn", say("○ 已存在本机，联网后自动补记。", "○ Kept on this device; it is reported when the network is back."));
  });
  show("warn", reason ?? say("没有网络，不能确定是否扣款。", "No network: it is not known whether anything was taken."),
    say(`卡里不够时由商户承担；请在${offlineHours}小时内联网，同一笔只记一次。`, `If the card does not hold it the merchant bears it. Be online within ${offlineHours} hours; it is recorded once only.`), button);
}

function list(outcomes = []) {
  byId("waiting").replaceChildren(
    ...queue().map((e) => element("li", say(`等待补记：卡${cardOf(e.Scan)?.slice(-8)}，${e.Price || e.Times}，${new Date(e.TakenAt).toLocaleTimeString()}`, `Waiting: card ${cardOf(e.Scan)?.slice(-8)}, ${e.Price || e.Times}, ${new Date(e.TakenAt).toLocaleTimeString()}`))),
    ...outcomes.map(([text, kind]) => element("li", text, { class: kind })));
}

let flushing = false;
async function flush() {
  if (flushing || queue().length === 0) return;
  flushing = true;
  const outcomes = [];
  try {
    for (const one of queue()) {
      const answer = await redemption(one);
      if (answer.status >= 500 || answer.status === 401) break;
      const done = await answer.json();
      keep(queue().filter((e) => e.Key !== one.Key));
      const card = cardOf(one.Scan)?.slice(-8);
      outcomes.push(!answer.ok ? [`✗ ${done.problem}`, "bad"]
        : done.outcome === "loss" ? [say(`✗ 卡${card}：卡里不够或已过时限，${one.Price || one.Times}由商户承担（${done.reason}）。`, `✗ Card ${card}: it did not hold this or the time was over; the merchant bears ${one.Price || one.Times} (${done.reason}).`), "bad"]
          : [say(`✓ 卡${card}：已补记，收据第${done.receipt}号。`, `✓ Card ${card}: reported, receipt ${done.receipt}.`), ""]);
      if (answer.ok && done.outcome === "redeemed") await sign(done.card, done.receipt, nameOf(one.Key)).catch(() => false);
    }
  } catch {
    // Still no network.
  } finally {
    flushing = false;
    list(outcomes);
  }
}

addEventListener("online", flush);
setInterval(flush, 30_000);
list();
flush();
if (field("Scan").value) scanned(field("Scan").value);
byId("problems")?.focus();
