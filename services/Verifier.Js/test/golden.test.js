// Every golden file is answered as the C# verifier answers it: the whole result, not only the verdict.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writeCanonical } from "../src/json.js";
import { verify } from "../src/verify.js";

const folder = new URL("../../../tests/Vectors/proofs/", import.meta.url);
const bytes = (base64) => new Uint8Array(Buffer.from(base64, "base64"));
const cases = readdirSync(folder).filter((name) => name.endsWith(".json")).sort().map((name) => {
  const { bundle, trust, file, result } = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
  return { name: name.slice(0, -".json".length), bundle: bytes(bundle), trust: bytes(trust), file, result };
});

test("every golden file has the result that the other verifier gives", (t) => {
  const counts = {};
  for (const { name, bundle, trust, file, result } of cases) {
    const ours = verify(bundle, trust, file);
    assert.deepEqual(ours, result, name);
    assert.equal(writeCanonical(ours), writeCanonical(result), name);
    assert.ok(name.startsWith(ours.verdict), `${name} says ${ours.verdict}`);
    counts[ours.verdict] = (counts[ours.verdict] ?? 0) + 1;
  }
  t.diagnostic(`golden files: ${cases.length} (${Object.entries(counts).map(([k, n]) => `${n} ${k}`).join(", ")})`);
  assert.ok(cases.length >= 100, "golden files are missing");
  assert.deepEqual(Object.keys(counts).sort(), ["incomplete", "proven", "refuted", "unreadable"]);
});

test("a valid bundle with any byte changed three ways is never proven", (t) => {
  let changed = 0;
  for (const name of ["proven-one-validator", "proven-event-withheld"]) {
    const { bundle, trust } = cases.find((c) => c.name === name);
    for (let i = 0; i < bundle.length; i++) {
      const right = bundle[i];
      for (const wrong of [right ^ 1, right ^ 0x80, (right + 1) & 255]) {
        bundle[i] = wrong;
        assert.notEqual(verify(bundle, trust).verdict, "proven", `${name}, byte ${i}: ${right} → ${wrong}`);
        changed++;
      }
      bundle[i] = right;
    }
    assert.equal(verify(bundle, trust).verdict, "proven");
  }
  t.diagnostic(`changed bundles: ${changed}, none proven`);
});

test("a trust file with any byte of its second set changed is never proven", (t) => {
  const { bundle, trust } = cases.find((c) => c.name === "proven-by-second-set");
  const text = Buffer.from(trust).toString("latin1");
  const [start, end] = [text.indexOf('"accountProof"'), text.indexOf('"witnesses"')];
  assert.ok(start > 0 && end > start);
  let changed = 0;
  for (let i = start; i < end; i += 7, changed++) {
    trust[i] ^= 1;
    assert.notEqual(verify(bundle, trust).verdict, "proven", `byte ${i}`);
    trust[i] ^= 1;
  }
  t.diagnostic(`changed trust files: ${changed}, none proven`);
});

test("a bundle cut anywhere or with more behind it is unreadable", () => {
  const { bundle, trust } = cases.find((c) => c.name === "proven-one-validator");
  for (let length = 0; length < bundle.length; length += 13) {
    assert.equal(verify(bundle.subarray(0, length), trust).verdict, "unreadable", `${length} bytes`);
  }
  assert.equal(verify(new Uint8Array([...bundle, 0x20]), trust).verdict, "unreadable");
});

test("the command line's exit code follows the verdict", () => {
  const work = mkdtempSync(join(tmpdir(), "verifier-"));
  try {
    for (const [name, code] of [["proven-four-validators", 0], ["refuted-pin", 1], ["unreadable-newline", 2], ["incomplete-newer-validators", 3]]) {
      const { bundle, trust } = cases.find((c) => c.name === name);
      writeFileSync(join(work, "bundle"), bundle);
      writeFileSync(join(work, "trust"), trust);
      const run = spawnSync(process.execPath, [new URL("../cli.js", import.meta.url).pathname, join(work, "bundle"), "--trust", join(work, "trust")]);
      assert.equal(run.status, code, `${name}: ${run.stderr}`);
    }
  } finally {
    rmSync(work, { recursive: true });
  }
});
