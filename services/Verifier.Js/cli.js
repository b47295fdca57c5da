#!/usr/bin/env node
// apps-verify BUNDLE --trust TRUST [--file FILE] [--statements FILE] [--device-block FILE]: the independent verifier on the command line; needs Node alone.
import { createReadStream, readFileSync } from "node:fs";
import { createSha256, verify } from "./src/verify.js";
import { checkDeviceBlock } from "./src/device.js";
import { checkStatements } from "./src/statements.js";

const [bundle, ...options] = process.argv.slice(2);
const option = (name) => (options.includes(name) ? options[options.indexOf(name) + 1] : undefined);
if (!bundle || bundle === "--help" || !option("--trust")) {
  console.error("Usage: cli.js BUNDLE --trust TRUST [--file FILE] [--statements FILE] [--device-block FILE]\nExit code: 0 proven, 1 refuted, 2 unreadable, 3 not fully checked.");
  process.exit(bundle === "--help" ? 0 : 2);
}

async function digestOf(file) {
  const hash = createSha256();
  for await (const piece of createReadStream(file)) hash.update(piece);
  return hash.digestHex();
}

const file = option("--file");
const result = verify(new Uint8Array(readFileSync(bundle)), new Uint8Array(readFileSync(option("--trust"))), file ? await digestOf(file) : null);
const CODES = { proven: 0, refuted: 1, unreadable: 2, incomplete: 3 };
const shown = option("--statements") ? checkStatements(new Uint8Array(readFileSync(option("--statements"))), result.event ?? null) : null;
const block = option("--device-block") ? await checkDeviceBlock(new Uint8Array(readFileSync(option("--device-block"))), result.event ?? null) : null;
console.log(JSON.stringify({ ...result, ...(shown && { statements: shown }), ...(block && { deviceBlock: block }) }));
process.exit(CODES[result.verdict] || (shown ? CODES[shown.verdict] : 0) || (block ? CODES[block.verdict] : 0));
