// What the three scripts share: arguments, the contract, and a check that says what it found.
import { readFileSync } from "node:fs";
import { strict as assert } from "node:assert";

const [, , url, key, artifacts] = process.argv;
export { url, key, assert };
export const artifact = JSON.parse(readFileSync(`${artifacts}/AnchorRegistry.json`, "utf8"));
export const governance = "0x0000000000000000000000000000000000001000";
export const origin = "0x" + "0a".repeat(32);
export const root = "0x" + "0b".repeat(32);
export const done = (client) => console.log(`${client}: deployed, sent, called, read logs, receipt and proof`);
