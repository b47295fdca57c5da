#!/usr/bin/env node
// apps-verify BUNDLE --trust TRUST [--file FILE]: the independent verifier on the command line; needs Node alone.
import { createReadStream, readFileSync } from "node:fs";
import { createSha256, verify } from "./src/verify.js";

const [bundle, ...options] = process.argv.slice(2);
const option = (name) => (options.includes(name) ? options[options.indexOf(name) + 1] : undefined);
if (!bundle || bundle === "--help" || !option("--trust")) {
  console.error("Usage: cli.js BUNDLE --trust TRUST [--file FILE]\nExit code: 0 proven, 1 refuted, 2 unreadable, 3 not fully checked.");
  process.exit(bundle === "--help" ? 0 : 2);
}

async function digestOf(file) {
  const hash = createSha256();
  for await (const piece of createReadStream(file)) hash.update(piece);
  return hash.digestHex();
}

const file = option("--file");
const result = verify(new Uint8Array(readFileSync(bundle)), new Uint8Array(readFileSync(option("--trust"))), file ? await digestOf(file) : null);
console.log(JSON.stringify(result));
process.exit({ proven: 0, refuted: 1, unreadable: 2, incomplete: 3 }[result.verdict]);
