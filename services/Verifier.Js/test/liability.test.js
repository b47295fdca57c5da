// Every golden file of liabilities is answered as the C# verifier answers it, the attacks among them.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { writeCanonical } from "../src/json.js";
import { checkLiability } from "../src/liability.js";

const folder = new URL("../../../tests/Vectors/liabilities/", import.meta.url);
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const cases = readdirSync(folder).filter((name) => name.endsWith(".json")).map((name) => {
  const { receipt, proof, root, trust, result } = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
  return { name, result, files: { receipt, proof: bytes(proof), root: bytes(root), trust: bytes(trust) } };
});

test("every golden file of liabilities has the result that the other verifier gives", () => {
  assert.ok(cases.length >= 20, "golden files are missing");
  for (const { name, result, files } of cases) assert.equal(writeCanonical(checkLiability(files)), writeCanonical(result), name);
});

test("a proof or root with any byte changed proves nothing else", () => {
  const { files, result } = cases.find((c) => c.name === "proven-counted-ok.json");
  for (const part of ["proof", "root"]) {
    for (let i = 0; i < files[part].length; i += 3) {
      const changed = files[part].slice();
      changed[i] ^= 1;
      const ours = checkLiability({ ...files, [part]: changed });
      assert.ok(ours.verdict !== "proven" || writeCanonical(ours) === writeCanonical(result), `${part} ${i}`);
      assert.notEqual(ours.verdict, "proven", `${part} ${i}`);
    }
  }
});
