// Every golden file of a device's block has the answer that it says; the C# verifier reads the same files.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { writeCanonical } from "../src/json.js";
import { checkDeviceBlock } from "../src/device.js";

const folder = new URL("../../../tests/Vectors/device-blocks/", import.meta.url);
const cases = readdirSync(folder).map((name) => {
  const { event, result, block } = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
  return { name, event, result, file: new Uint8Array(Buffer.from(block, "base64")) };
});

test("every golden file of a device's block has its answer", async () => {
  assert.ok(cases.length >= 15, "golden files are missing");
  for (const { name, event, result, file } of cases) {
    const ours = await checkDeviceBlock(file, event);
    assert.equal(writeCanonical(ours), writeCanonical(result), name);
    assert.ok(name.startsWith(ours.verdict), name);
  }
});

test("a block with any byte changed is not what the device signed", async () => {
  const { event, file } = cases.find((c) => c.name === "proven-p256.json");
  for (let i = 0; i < file.length; i++) {
    const changed = file.slice();
    changed[i] ^= 1;
    assert.notEqual((await checkDeviceBlock(changed, event)).verdict, "proven", `byte ${i}`);
  }
});
