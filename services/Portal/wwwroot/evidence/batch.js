// The batch form: fills the list from many files that stay here, or from a list file, and counts its lines.
import { acceptDrops, chinese, sha256 } from "../hash.js";

const form = document.getElementById("batch");
const lines = document.getElementById("lines");
const count = document.getElementById("count");
const submit = form.querySelector("button[type=submit]");
const max = Number(form.dataset.max);
const fieldBytesMax = 3 << 20;
const fileBytesMax = 15 << 20;
const number = (n) => n.toLocaleString("en");

/** One value of a CSV line (RFC 4180). */
const quoted = (value) => /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""').replaceAll(/[\r\n]+/g, " ")}"` : value;

function recount() {
  const n = lines.value.split("\n").filter((line) => line.trim()).length;
  const over = n > max;
  count.textContent = n === 0 ? "" : chinese
    ? `${number(n)}行${over ? `，一批最多${number(max)}条` : ""}`
    : `${number(n)} ${n === 1 ? "line" : "lines"}${over ? `; a batch takes up to ${number(max)}` : ""}`;
}

async function add(files) {
  const bar = document.getElementById("progress");
  const text = document.getElementById("progress-text");
  const made = [];
  let announced = 0;
  submit.disabled = true;
  bar.hidden = false;
  try {
    for (const [i, file] of [...files].entries()) {
      bar.value = (i * 100) / files.length;
      // A screen reader hears every quarter, not every file.
      if (i === 0 || (i * 4) / files.length >= announced + 1) {
        announced = Math.floor((i * 4) / files.length);
        text.textContent = chinese ? `正在计算摘要：${number(i + 1)}/${number(files.length)}` : `computing digests: ${number(i + 1)} of ${number(files.length)}`;
      }
      const digest = await sha256(file, (percent) => { bar.value = ((i + percent / 100) * 100) / files.length; });
      made.push([digest, quoted(file.name), "", file.size].join(","));
    }
    text.textContent = chinese ? `已填入${number(made.length)}个文件的摘要` : `the digests of ${number(made.length)} files are in the list`;
  } catch (e) {
    text.textContent = chinese ? `第${number(made.length + 1)}个文件读不出来：${e.message}` : `file ${number(made.length + 1)} can't be read: ${e.message}`;
  } finally {
    const before = lines.value.trimEnd();
    lines.value = [...(before ? [before] : []), ...made].join("\n");
    bar.hidden = true;
    submit.disabled = false;
    recount();
  }
}

acceptDrops(form.querySelector("[data-drop]"));
const files = document.getElementById("files");
files.addEventListener("change", async () => {
  if (files.files.length === 0) return;
  await add(files.files);
  files.value = "";
});

const list = document.getElementById("list");
list.addEventListener("change", async () => {
  const [file] = list.files;
  if (!file) return;
  if (file.size > fileBytesMax) {
    list.value = "";
    count.textContent = chinese ? "清单文件超过15 MB，请分批。" : "The list file is larger than 15 MB; make several batches.";
    return;
  }
  // A field of a form holds up to 4 MB; what is longer is sent as the file that it is.
  if (file.size > fieldBytesMax) return;
  lines.value = await file.text();
  list.value = "";
  recount();
});
lines.addEventListener("input", recount);
recount();
document.getElementById("problems")?.focus();
