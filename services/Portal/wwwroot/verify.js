// The verify page: hashes and checks in this browser; asks the server only whether a digest is known.
import { acceptDrops, chinese, hashWithProgress } from "./hash.js";

const words = chinese
  ? {
      hashing: "正在计算摘要", reading: "正在核验…", absent: "没有找到这个摘要",
      absentMore: "可能从未存证，也可能差一个字节：改动任何一处，摘要就完全不同。",
      known: "这个摘要已经存证", operator: "“这份存证属于这个文件”目前是运营方的话。把存证人给您的证明文件和原文件一起放进来，就能自己核验。",
      pending: "已受理，正在锚定；几秒后再试。", failed: "没有完成", offline: "连不上服务器。打开离线核验页，或者把证明文件、信任文件和原文件一起放进来。",
      copied: "已复制",
    }
  : {
      hashing: "computing the digest", reading: "Checking…", absent: "This digest was not found",
      absentMore: "It may never have been deposited, or one byte differs: any change gives an entirely different digest.",
      known: "This digest has been deposited", operator: "That this deposit is of this file is so far the operator's word. Add the proof file that the depositor gave you, together with the file, and check it yourself.",
      pending: "Accepted and being anchored; try again in a few seconds.", failed: "Not completed", offline: "The server can't be reached. Use the offline verifier, or choose proof file, trust file and original together.",
      copied: "Copied",
    };

const form = document.getElementById("verify");
const files = document.getElementById("files");
const trust = document.getElementById("trust");
const bar = document.getElementById("progress");
const text = document.getElementById("progress-text");
const result = document.getElementById("result");

acceptDrops(form.querySelector("[data-drop]"));
form.addEventListener("submit", (e) => {
  // Chosen files are checked here; only a pasted digest is looked up by the server.
  if (files.files.length === 0) return;
  e.preventDefault();
  run(() => check([...files.files]));
});
files.addEventListener("change", () => files.files.length > 0 && run(() => check([...files.files])));
trust.addEventListener("change", () => files.files.length > 0 && run(() => check([...files.files])));

async function run(work) {
  text.textContent = words.reading;
  try {
    show(await work());
  } catch (e) {
    show(note("bad", words.failed, e.message));
  } finally {
    text.textContent = "";
  }
}

/** A proof or trust file says so in its first member; everything else is content. */
async function kindOf(file) {
  if (file.size > 4 << 20) return "content";
  const start = await file.slice(0, 4 << 20).text();
  if (start.includes('"format":"anchor-proof/1"') && start.startsWith("{")) return "bundle";
  if (start.includes('"format":"anchor-trust/1"') && start.startsWith("{")) return "trust";
  return "content";
}

async function check(chosen) {
  const byKind = {};
  for (const file of chosen) byKind[await kindOf(file)] = file;
  const digest = byKind.content ? await hashWithProgress(byKind.content, bar, text, words) : null;
  const trustFile = trust.files[0] ?? byKind.trust;
  if (byKind.bundle) return verified(new Uint8Array(await byKind.bundle.arrayBuffer()), trustFile, digest);
  return lookUp(digest, trustFile);
}

async function verified(bundle, trustFile, digest) {
  const { verify, render } = await import("./verifier.js");
  const trustBytes = trustFile ? new Uint8Array(await trustFile.arrayBuffer()) : await fetchBytes(`/api/anchor/groups/${await groupOf(bundle)}/trust`);
  return render(verify(bundle, trustBytes, digest), chinese ? "zh" : "en");
}

/** The group is the last part of the log's origin; the trust file of another group is refused by the verifier. */
async function groupOf(bundle) {
  const checkpoint = JSON.parse(new TextDecoder().decode(bundle)).log.checkpoint;
  return encodeURIComponent(checkpoint.split("\n")[0].split("/").pop());
}

async function lookUp(digest, trustFile) {
  const answer = await fetch(`/api/evidence/open/digests/${digest}`, { headers: { "Accept-Language": chinese ? "zh-CN" : "en" } }).catch(() => {
    throw new Error(words.offline);
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail ?? body.title);
  if (!body.present) return note("", words.absent, words.absentMore, digest);
  const fragment = document.createDocumentFragment();
  fragment.append(note("", words.known, words.operator, digest));
  const proof = await fetch(`/api/evidence/open/digests/${digest}/proof`);
  if (proof.status === 200) fragment.append(await verified(new Uint8Array(await proof.arrayBuffer()), trustFile, null));
  else fragment.append(note("", words.pending));
  return fragment;
}

async function fetchBytes(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(words.offline);
  return new Uint8Array(await response.arrayBuffer());
}

function note(kind, title, more, digest) {
  const box = document.createElement("section");
  box.className = `notice ${kind}`;
  const heading = document.createElement("h2");
  heading.textContent = title;
  box.append(heading);
  if (more) {
    const p = document.createElement("p");
    p.textContent = more;
    box.append(p);
  }
  if (digest) {
    const code = document.createElement("code");
    code.className = "digest";
    code.textContent = digest;
    box.append(code);
  }
  return box;
}

function show(content) {
  result.replaceChildren(content);
  result.hidden = false;
  result.focus();
}
