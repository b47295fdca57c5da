// The field worker's page: scanning, and a queue on this device that keeps records until they were accepted. Every record
// carries a key of its own, so that sending it twice records it once. Without this module the page works by typing.
import { sha256 } from "../hash.js";
import { read, watch } from "./scan.js";

const chinese = document.documentElement.lang.startsWith("zh");
const w = (zh, en) => (chinese ? zh : en);
const form = document.getElementById("capture");
const items = document.getElementById("items");
const byId = (id) => document.getElementById(id);

// ---- the list of scanned codes -------------------------------------------------------------------------------------
const codes = () => items.value.split("\n").map((c) => c.trim()).filter(Boolean);

function show() {
  byId("list").replaceChildren(...codes().map((code, i) => {
    const row = document.createElement("li");
    const text = document.createElement("code");
    text.translate = false;
    text.textContent = short(code);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = w("删除", "Remove");
    remove.setAttribute("aria-label", w(`删除第${i + 1}个`, `Remove number ${i + 1}`));
    remove.addEventListener("click", () => {
      items.value = codes().filter((c) => c !== code).join("\n");
      show();
      items.focus();
    });
    row.append(text, remove);
    return row;
  }));
}

/** The key and its end, which is what people compare; the whole code stands in the field below. */
function short(code) {
  const path = /\/(0[01]\/.+)$/.exec(code)?.[1] ?? code;
  return path.length > 40 ? `${path.slice(0, 18)}…${path.slice(-12)}` : path;
}

function add(code, into) {
  const status = byId("scanned");
  if (into) {
    into.value = code;
    status.textContent = w("箱码已填入。", "The case's code is filled in.");
    return;
  }
  if (codes().includes(code)) {
    status.textContent = w("这个码已经扫过。", "This code was scanned already.");
    return;
  }
  items.value = [...codes(), code].join("\n");
  show();
  status.textContent = w(`已扫${codes().length}个。`, `${codes().length} scanned.`);
  navigator.vibrate?.(60);
}

// Rows stand for what was scanned. Who types works in the field itself; and nothing may grow when the field is left, or
// the button would move away under the click that left it.
items.addEventListener("input", () => byId("list").replaceChildren());

// ---- reading codes -------------------------------------------------------------------------------------------------
byId("picture").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (!file) return;
  const status = byId("scanned");
  status.textContent = w("正在识别…", "Reading…");
  const picture = await createImageBitmap(file).catch(() => null);
  const code = picture && (await read(picture, picture.width, picture.height));
  if (code) add(code);
  else status.textContent = w("照片里没有认出码。请靠近一些再拍，或者输入编码。", "No code was found in the photo. Take it from nearer, or type the code.");
  target.value = "";
});

let stop = null;
async function open(button, into) {
  if (stop) return close();
  try {
    stop = await watch(byId("view"), (code) => {
      add(code, into);
      if (into) close();
    });
  } catch {
    byId("scanned").textContent = w("相机没有打开。可以拍照识别，或者输入编码。", "The camera can't be opened. Read from a photo, or type the code.");
    return;
  }
  button.textContent = w("关闭相机", "Close the camera");
}

function close() {
  stop?.();
  stop = null;
  byId("camera").textContent = w("打开相机扫码", "Scan with the camera");
  byId("camera-parent").textContent = w("扫箱码", "Scan the case");
}

byId("camera").addEventListener("click", ({ target }) => open(target));
byId("camera-parent").addEventListener("click", ({ target }) => open(target, byId("parent")));
document.addEventListener("visibilitychange", () => document.hidden && close());

// ---- the form ------------------------------------------------------------------------------------------------------
function fit() {
  const chosen = form.querySelector("[name='Form.What']:checked");
  for (const part of form.querySelectorAll("[data-for]"))
    part.hidden = !(part.dataset.for in (chosen?.dataset ?? {}));
}
for (const choice of form.querySelectorAll("[name='Form.What']")) choice.addEventListener("change", fit);
fit();

// Who types another place's number means that place.
byId("gln").addEventListener("input", ({ target }) => target.value.trim() && (byId("place").value = ""));

byId("photo").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  byId("photo-digest").value = file ? await sha256(file, () => {}) : "";
  byId("photo-state").textContent = file ? w(`已计算摘要：${byId("photo-digest").value.slice(0, 8)}…`, `Digest: ${byId("photo-digest").value.slice(0, 8)}…`) : "";
});

// ---- the queue -----------------------------------------------------------------------------------------------------
const state = byId("queue");
const store = `capture:${state.dataset.owner}`;
const queue = () => JSON.parse(localStorage.getItem(store) ?? "[]");
const keep = (entries) => localStorage.setItem(store, JSON.stringify(entries));
let sent = 0;
const warnings = new Set();
let sending = false;
let pressed = false;

const MARKS = { ok: "✓ ", warn: "○ ", bad: "✗ " };

function say(text, kind) {
  state.hidden = false;
  state.className = `notice ${kind}`;
  state.textContent = MARKS[kind] + text;
}

/** Leads to what became of the record that was just sent, unless the worker went on to the next one meanwhile. */
function lead() {
  if (!pressed) return;
  pressed = false;
  if (document.activeElement !== document.body && !state.parentElement.contains(document.activeElement)) return;
  const refused = byId("waiting").lastElementChild;
  if (refused) refused.scrollIntoView({ block: "end" });
  state.focus({ preventScroll: true });
}

function tell(reason) {
  const waiting = queue();
  const refused = waiting.filter((e) => e.refused);
  byId("waiting").replaceChildren(...refused.map(refusedRow));
  const open = waiting.length - refused.length;
  const besides = [sent > 0 && w(`另有${sent}条已受理。`, `${sent} accepted.`), open > 0 && w(`${open}条等待发送。`, `${open} wait to be sent.`)].filter(Boolean).join(" ");
  if (refused.length > 0) say(w(`${refused.length}条没有受理：${refused.at(-1).refused}请在上面改正。${besides}`, `${refused.length} not accepted: ${refused.at(-1).refused} Correct it above. ${besides}`), "bad");
  else if (open > 0) say(w(`${open}条保存在本机，等待发送。${reason ?? ""}`, `${open} kept on this device until they can be sent. ${reason ?? ""}`), "warn");
  else if (warnings.size > 0) say(w(`已受理，但这些商品正在召回：${[...warnings].join("；")}。请停售，封存后退回或销毁。`, `Accepted, but these goods are under recall: ${[...warnings].join("; ")}. Stop selling them; hold them and send them back or destroy them.`), "bad");
  else if (sent > 0) say(w(`全部已受理（本次${sent}条）。`, `All accepted (${sent} this time).`), "ok");
  else state.hidden = true;
}

function refusedRow(entry) {
  const row = document.createElement("li");
  const text = document.createElement("p");
  text.textContent = `✗ ${w("没有受理：", "Not accepted: ")}${entry.refused}`;
  const edit = document.createElement("button");
  edit.type = "button";
  edit.textContent = w("取回改正", "Take back and correct");
  edit.addEventListener("click", () => {
    keep(queue().filter((e) => e.key !== entry.key));
    for (const [name, value] of entry.fields) {
      const field = form.elements.namedItem(name);
      if (field && !name.startsWith("_")) field.value = value;
    }
    byId("list").replaceChildren();
    fit();
    tell();
    items.focus();
  });
  row.append(text, edit);
  // The numbers may be right and their description late: the worker who has the goods at hand decides. So it is with a recall.
  const asked = [["Form.Anyway", entry.undescribed], ["Form.Recalled", entry.recalled]].filter(([, open]) => open).map(([name]) => name);
  if (asked.length) {
    const anyway = document.createElement("button");
    anyway.type = "button";
    anyway.textContent = entry.recalled ? w("知道正在召回，照样登记", "Under recall: record all the same") : w("核对过，照样登记", "Checked: record all the same");
    if (entry.recalled) row.className = "bad";
    anyway.addEventListener("click", () => {
      keep(queue().map((e) => (e.key !== entry.key ? e
        : { key: e.key, fields: [...e.fields.filter(([name]) => !asked.includes(name)), ...asked.map((name) => [name, "true"])] })));
      flush();
    });
    row.append(anyway);
  }
  return row;
}

/** The local time of now with its offset, so that a record sent later keeps the time at which it was made. */
function now() {
  const at = new Date();
  const two = (n) => `${Math.abs(n)}`.padStart(2, "0");
  const offset = -at.getTimezoneOffset();
  const local = new Date(at.getTime() + offset * 60000).toISOString().slice(0, 19);
  return `${local}${offset < 0 ? "-" : "+"}${two(Math.trunc(offset / 60))}:${two(offset % 60)}`;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!form.querySelector("[name='Form.What']:checked")) {
    say(w("还没有选择做了什么，没有保存任何内容。", "Choose what was done first; nothing was saved."), "bad");
    form.querySelector("[name='Form.What']").focus();
    return;
  }
  const needed = codes().length > 0 || byId("product").value.trim() || form.querySelector("[name='Form.What']:checked")?.value === "unpack";
  if (!needed) {
    say(w("还没有编码。请扫码或输入，没有保存任何内容。", "There is no code yet. Scan or type one; nothing was saved."), "bad");
    items.focus();
    return;
  }
  const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "__RequestVerificationToken");
  for (const field of fields) if (field[0] === "Form.When" && !field[1]) field[1] = now();
  keep([...queue(), { key: byId("key").value, fields }]);
  byId("key").value = crypto.randomUUID();
  for (const id of ["items", "note", "photo-digest", "when"]) byId(id).value = "";
  byId("photo").value = "";
  byId("photo-state").textContent = "";
  show();
  tell();
  pressed = true;
  flush();
});

async function flush() {
  if (sending) return;
  sending = true;
  try {
    while (true) {
      const entry = queue().find((e) => !e.refused);
      if (!entry) break;
      const outcome = await send(entry);
      if (outcome.reason) return (tell(outcome.reason), lead());
      // Only now, after it was accepted or refused, does it leave its place.
      keep(queue().flatMap((e) => (e.key !== entry.key ? [e] : outcome.refused ? [{ ...e, ...outcome }] : [])));
      if (!outcome.refused) sent++;
      if (outcome.warning) warnings.add(outcome.warning);
    }
    tell();
    lead();
  } finally {
    sending = false;
  }
}

async function send(entry) {
  try {
    // A page of its own gives a token of the present sign-in.
    const page = await fetch("/goods/capture", { headers: { Accept: "text/html" } });
    const token = page.ok && /name="__RequestVerificationToken"[^>]*value="([^"]+)"/.exec(await page.text())?.[1];
    if (!token) return { reason: w("登录已过期：请登录后回到本页，会自动发送。", "Your sign-in has expired: sign in and come back, and they are sent.") };
    const body = new FormData();
    body.set("__RequestVerificationToken", token);
    for (const [name, value] of entry.fields) body.append(name, value);
    const answer = await fetch("/goods/capture", { method: "POST", body });
    const { searchParams: told } = new URL(answer.url);
    if (answer.redirected && told.has("done")) return { warning: told.get("recall") ?? "" };
    if (answer.status !== 422) return { reason: w("服务没有应答，稍后自动重试。", "The service did not answer; it is tried again.") };
    const said = new DOMParser().parseFromString(await answer.text(), "text/html");
    return { refused: [...said.querySelectorAll("#problems li")].map((p) => p.textContent.trim()).join(" "), undescribed: said.querySelector("[data-undescribed]") !== null, recalled: said.querySelector("[data-recalled]") !== null };
  } catch {
    return { reason: w("没有网络，恢复后自动发送。", "No network; they are sent when it is back.") };
  }
}

addEventListener("online", flush);
setInterval(() => queue().some((e) => !e.refused) && flush(), 30000);
document.getElementById("problems")?.focus();
tell();
flush();
