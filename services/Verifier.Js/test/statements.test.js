// Every golden file of statements is answered as the C# verifier answers it.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { writeCanonical } from "../src/json.js";
import { checkStatements } from "../src/statements.js";

const folder = new URL("../../../tests/Vectors/statements/", import.meta.url);
const cases = readdirSync(folder).filter((name) => name.endsWith(".json")).map((name) => {
  const { event, result, statements } = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
  return { name, event, result, file: new Uint8Array(Buffer.from(statements, "base64")) };
});

test("every golden file of statements has the result that the other verifier gives", () => {
  assert.ok(cases.length >= 15, "golden files are missing");
  for (const { name, event, result, file } of cases) {
    const ours = checkStatements(file, event);
    assert.equal(writeCanonical(ours), writeCanonical(result), name);
    assert.ok(name.startsWith(ours.verdict), name);
  }
});

test("a file of statements with any byte changed shows nothing that is not the event's", () => {
  const { event, file } = cases.find((c) => c.name === "proven-two.json");
  for (let i = 0; i < file.length; i++) {
    const right = file[i];
    for (const wrong of [right ^ 1, right ^ 0x80, (right + 1) & 255]) {
      file[i] = wrong;
      assert.notEqual(checkStatements(file, event).verdict, "proven", `byte ${i}: ${right} → ${wrong}`);
    }
    file[i] = right;
  }
});
