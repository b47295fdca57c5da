// Fills in digest, size and name from a file that stays here.
import { acceptDrops, chinese, hashWithProgress } from "../hash.js";

const words = { hashing: chinese ? "正在计算摘要" : "computing the digest" };
const form = document.querySelector("form[data-hash]");
const input = form.querySelector("#file");

if (input) {
  acceptDrops(form.querySelector("[data-drop]"));
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    const submit = form.querySelector("button[type=submit]");
    submit.disabled = true;
    const digest = document.getElementById("sha256");
    digest.value = "";
    try {
      const bar = document.getElementById("progress");
      digest.value = await hashWithProgress(file, bar, document.getElementById("progress-text"), words);
      const size = document.getElementById("size");
      if (size) size.value = file.size;
      const name = document.getElementById("name");
      if (name && !name.value) name.value = file.name;
    } finally {
      submit.disabled = false;
    }
  });
}
document.getElementById("problems")?.focus();
