// The account by which a supplier lets a claim move: a secp256k1 key made on this device. It lies in IndexedDB under an
// AES key that can't be exported, and never goes anywhere else.
import { keccak256, secp256k1 } from "./secp256k1.js";

const chinese = document.documentElement.lang.startsWith("zh");
const say = (zh, en) => (chinese ? zh : en);
const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const bytesOf = (text) => Uint8Array.from(text.replace(/^0x/, "").match(/../g) ?? [], (b) => parseInt(b, 16));

function store(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("accounts", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("accounts", { keyPath: "address" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const request = act(database.transaction("accounts", mode).objectStore("accounts"));
      request.transaction.oncomplete = () => { database.close(); resolve(request.result); };
      request.transaction.onabort = () => { database.close(); reject(request.transaction.error ?? request.error); };
    };
  });
}

/** The account of a key: the last 20 bytes of keccak256 over its uncompressed point. */
export function addressOf(secret) {
  return `0x${hex(keccak256(secp256k1.getPublicKey(secret, false).subarray(1)).subarray(12))}`;
}

/** r ‖ s ‖ v in hex over a 32-byte digest; s is the lower one, v is 27 or 28. */
export function signDigest(digest, secret) {
  const signed = secp256k1.sign(bytesOf(digest), secret, { prehash: false, lowS: true, format: "recovered" });
  return `0x${hex(signed.subarray(1))}${(27 + signed[0]).toString(16)}`;
}

async function create(owner) {
  const secret = secp256k1.utils.randomSecretKey();
  const address = addressOf(secret);
  const box = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, box, secret);
  secret.fill(0);
  await store("readwrite", (accounts) => accounts.add({ address, owner, box, iv, sealed }));
  await navigator.storage?.persist?.();
  return address;
}

async function secretOf(address) {
  const record = await store("readonly", (accounts) => accounts.get(address.toLowerCase()));
  return record && new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: record.iv }, record.box, record.sealed));
}

/** A form that names a new account: data-owner. One that was made here before is used again. */
function wireAccount(form) {
  form.querySelector("button").disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const here = await store("readonly", (accounts) => accounts.getAll());
      form.elements.Account.value = here.find((a) => a.owner === form.dataset.owner)?.address ?? await create(form.dataset.owner);
      form.submit();
    } catch (problem) {
      form.querySelector("[data-part=status]").textContent = say("这个浏览器不能保存密钥。请换用普通窗口或别的浏览器。", "This browser can't keep a key. Use an ordinary window or another browser.") + ` ${problem.name}`;
    }
  });
}

/** A form that confirms a move: data-digest and data-account. */
async function wireMove(form) {
  const status = form.querySelector("[data-part=status]");
  const { digest, account } = form.dataset;
  if (!await secretOf(account)) {
    status.textContent = say("这个账户的密钥不在这台设备上。请用创建它的那台设备打开这一页。", "This account's key is not on this device. Open this page on the device that made it.");
    return;
  }

  const button = form.querySelector("button");
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    const secret = await secretOf(account);
    form.elements.Signature.value = signDigest(digest, secret);
    secret.fill(0);
    form.submit();
  });
}

for (const form of document.querySelectorAll("form[data-account-form]")) wireAccount(form);
for (const form of document.querySelectorAll("form[data-digest]")) wireMove(form);
