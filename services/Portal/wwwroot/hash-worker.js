import { createSha256 } from "./verifier.js";

const PIECE = 4 << 20;

onmessage = async ({ data: file }) => {
  try {
    const hash = createSha256();
    for (let at = 0; at < file.size; at += PIECE) {
      hash.update(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
      postMessage({ percent: Math.min(100, ((at + PIECE) * 100) / file.size) });
    }
    postMessage({ digest: hash.digestHex() });
  } catch (e) {
    postMessage({ error: e.message });
  }
};
