// The offline page: proof file, trust file and, where the fact speaks of a file, the file itself.
import { createSha256, render, verify } from "./index.js";

const PIECE = 4 << 20;
const chinese = !(navigator.languages ?? []).some((l) => l.startsWith("en")) || navigator.languages[0].startsWith("zh");
let language = chinese ? "zh" : "en";

const texts = {
  zh: {
    title: "离线核验", intro: "这个页面不连接任何网络。把证明文件、信任文件和原文件放进来，结果由这台设备计算。",
    proof: "证明文件（….proof.json）", trust: "信任文件（….trust.json）", file: "原文件（选填）", go: "核验", other: "English",
    missing: "请先选择证明文件和信任文件。", hashing: "正在计算摘要",
  },
  en: {
    title: "Offline verification", intro: "This page contacts no network. Choose the proof file, the trust file and the original; this device computes the result.",
    proof: "Proof file (….proof.json)", trust: "Trust file (….trust.json)", file: "Original file (optional)", go: "Verify", other: "中文",
    missing: "Choose the proof file and the trust file first.", hashing: "computing the digest",
  },
};

const $ = (id) => document.getElementById(id);

function label() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = texts[language].title;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = texts[language][node.dataset.text];
}

async function digestOf(file) {
  const hash = createSha256();
  for (let at = 0; at < file.size; at += PIECE) {
    hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    $("status").textContent = `${texts[language].hashing} ${Math.min(100, Math.floor(((at + PIECE) * 100) / file.size))}%`;
  }
  $("status").textContent = "";
  return hash.digestHex();
}

const bytesOf = async (file) => new Uint8Array(await file.arrayBuffer());

async function check() {
  const [proof, trust, file] = ["proof", "trust", "file"].map((id) => $(id).files[0]);
  if (!proof || !trust) {
    $("result").textContent = texts[language].missing;
    return;
  }
  const digest = file ? await digestOf(file) : null;
  $("result").replaceChildren(render(verify(await bytesOf(proof), await bytesOf(trust), digest), language));
  $("result").focus();
}

$("form").addEventListener("submit", (e) => {
  e.preventDefault();
  check();
});
$("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  label();
  if ($("result").childElementCount > 0) check();
});
label();
