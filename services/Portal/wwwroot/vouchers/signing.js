// Signs pages with a key that never leaves this device: WebCrypto P-256, not extractable, kept in IndexedDB.
// Other pages may import createKey, findKey, readPage and sign; the forms of drafts and of new keys wire themselves.
const chinese = document.documentElement.lang.startsWith("zh");
const say = (zh, en) => (chinese ? zh : en);
const algorithm = { name: "ECDSA", namedCurve: "P-256" };
const encode = (text) => new TextEncoder().encode(text);
const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
// A page's stated time may be five minutes from the server's; it is read again before that.
const freshFor = 4 * 60_000;

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** One request to the device's own store of keys. */
function store(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("signing", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys", { keyPath: "keyId" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const request = act(database.transaction("keys", mode).objectStore("keys"));
      request.transaction.oncomplete = () => { database.close(); resolve(request.result); };
      request.transaction.onabort = () => { database.close(); reject(request.transaction.error ?? request.error); };
    };
  });
}

/**
 * Makes a key on this device. Its record: { keyId, owner, x, y, key, head, signed }. keyId is the RFC 7638 thumbprint,
 * head the SHA-256 of the last page known to be recorded, signed those of pages sent since.
 */
export async function createKey(owner) {
  const pair = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  const { x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const keyId = base64url(await sha256(encode(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`)));
  const record = { keyId, owner, x, y, key: pair.privateKey, head: null, signed: [] };
  await store("readwrite", (keys) => keys.add(record));
  await navigator.storage?.persist?.();
  return record;
}

/** The first of some keys that is on this device, or undefined. */
export async function findKey(keyIds) {
  for (const id of keyIds) {
    const record = id && await store("readonly", (keys) => keys.get(id));
    if (record) return record;
  }
}

/**
 * Fetches the exact bytes of a page: { bytes, text, at, previous, sha256 }. The digest is computed here. Throws where
 * the server's last signature of the key is none that this device made.
 */
export async function readPage(address, record, role, language) {
  const answer = await fetch(`${address}?${new URLSearchParams({ role, key: record.keyId, language })}`);
  if (!answer.ok) throw new Error(say("取不到要签署的页面，请刷新再试。", "The page to sign can't be fetched. Reload and try again."));
  const bytes = new Uint8Array(await answer.arrayBuffer());
  // What is shown must be what is signed: bytes that are no text are refused.
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const previous = answer.headers.get("page-previous");
  if (previous !== record.head && !record.signed.includes(previous)) {
    throw new Error(say(
      "服务器记录的上一次签署不是本机做的那一次。请不要签署，先请管理员核对这把密钥的签署记录。",
      "The last signature that the server names was not made on this device. Do not sign; ask an administrator to check this key's record."));
  }
  return { bytes, text, previous, at: answer.headers.get("page-time"), sha256: hex(await sha256(bytes)), read: Date.now() };
}

/** Signs a page's bytes and remembers it: r ‖ s in base64url. */
export async function sign(record, page) {
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, record.key, page.bytes);
  record.signed = [...record.signed.slice(record.signed.indexOf(page.previous) + 1), page.sha256];
  record.head = page.previous;
  await store("readwrite", (keys) => keys.put(record));
  return base64url(new Uint8Array(signature));
}

/** A form that signs a draft: data-page, data-role, data-keys; the parts that it fills carry data-part. */
async function wireDraft(form) {
  const part = (name) => form.querySelector(`[data-part=${name}]`);
  const status = part("status");
  const { page: address, role, keys } = form.dataset;
  const language = chinese ? "zh" : "en";
  const record = await findKey(keys.split(" "));
  if (!record) {
    part("missing").hidden = false;
    return;
  }

  let page;
  async function show() {
    page = await readPage(address, record, role, language);
    const other = await readPage(address, record, role, chinese ? "en" : "zh");
    part("text").textContent = page.text;
    part("other").textContent = other.text;
    part("digest").textContent = page.sha256;
    part("shown").hidden = false;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = part("press");
    button.disabled = true;
    try {
      if (Date.now() - page.read > freshFor) {
        await show();
        status.textContent = say("签署时间已过，页面已重新取来。请再看一遍后签署。", "The stated time had passed and the page was fetched again. Read it once more, then sign.");
        button.disabled = false;
        return;
      }

      const signature = await sign(record, page);
      const values = { KeyId: record.keyId, Language: language, At: page.at, Previous: page.previous ?? "", PageSha256: page.sha256, Signature: signature };
      for (const [name, value] of Object.entries(values)) form.elements[`Form.${name}`].value = value;
      form.submit();
    } catch (problem) {
      status.textContent = problem.message;
      button.disabled = false;
    }
  });
  try {
    await show();
  } catch (problem) {
    status.textContent = problem.message;
  }
}

/** A form that asks for a new key: data-owner, and in data-bound the keys that the organisation knows. */
function wireKey(form) {
  form.querySelector("button").disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { owner, bound } = form.dataset;
    try {
      // One that was made here and never bound is used, so that pressing twice makes one key.
      const here = await store("readonly", (keys) => keys.getAll());
      const record = here.find((k) => k.owner === owner && !bound.split(" ").includes(k.keyId)) ?? await createKey(owner);
      for (const [name, value] of Object.entries({ KeyId: record.keyId, X: record.x, Y: record.y })) form.elements[`Form.${name}`].value = value;
      form.submit();
    } catch (problem) {
      form.querySelector("[data-part=status]").textContent = say(
        "这个浏览器不能保存密钥（例如无痕模式）。请换用普通窗口或别的浏览器。", "This browser can't keep a key (a private window, for example). Use an ordinary window or another browser.") + ` ${problem.name}`;
    }
  });
}

/** Marks in a list which keys are on this device. */
async function wireList(list) {
  for (const mark of list.querySelectorAll("[data-key]")) mark.hidden = !await findKey([mark.dataset.key]);
}

for (const form of document.querySelectorAll("form[data-sign]")) wireDraft(form);
for (const form of document.querySelectorAll("form[data-new-key]")) wireKey(form);
for (const list of document.querySelectorAll("[data-device-keys]")) wireList(list);
document.getElementById("problems")?.focus();
