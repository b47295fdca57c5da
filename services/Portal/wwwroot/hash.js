// SHA-256 of a file of any size, in this browser. Small files go through WebCrypto, larger ones piece by piece through a
// worker, so that the page stays responsive and memory stays small.
const SMALL = 64 << 20;

const hex = (buffer) => Array.from(new Uint8Array(buffer), (b) => b.toString(16).padStart(2, "0")).join("");

/** @param {File} file @param {(percent: number) => void} progress @returns {Promise<string>} hex */
export async function sha256(file, progress) {
  if (file.size <= SMALL && crypto.subtle) {
    progress(0);
    const digest = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    progress(100);
    return digest;
  }
  const worker = new Worker(new URL("./hash-worker.js", import.meta.url), { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => {
        if (data.digest) resolve(data.digest);
        else if (data.error) reject(new Error(data.error));
        else progress(data.percent);
      };
      worker.onerror = (e) => reject(new Error(e.message));
      worker.postMessage(file);
    });
  } finally {
    worker.terminate();
  }
}

/** Shows a file's hashing in a progress element and a status line. */
export async function hashWithProgress(file, bar, text, words) {
  bar.hidden = false;
  let announced = -25;
  try {
    return await sha256(file, (percent) => {
      bar.value = percent;
      // A screen reader hears every quarter, not every piece.
      if (percent - announced >= 25 || percent === 100) {
        announced = percent;
        text.textContent = `${file.name}: ${words.hashing} ${Math.floor(percent)}%`;
      }
    });
  } finally {
    bar.hidden = true;
    text.textContent = "";
  }
}

/** Lets a drop area add to the file input inside it. */
export function acceptDrops(area) {
  const input = area.querySelector("input[type=file]");
  for (const type of ["dragenter", "dragover"]) {
    area.addEventListener(type, (e) => { e.preventDefault(); area.classList.add("over"); });
  }
  area.addEventListener("dragleave", () => area.classList.remove("over"));
  area.addEventListener("drop", (e) => {
    e.preventDefault();
    area.classList.remove("over");
    input.files = e.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

export const chinese = document.documentElement.lang.startsWith("zh");
