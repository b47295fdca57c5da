// Receipts signed by the platform, by the merchant's till, by both, and by somebody else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, toBase64, utf8 } from "../src/bytes.js";
import { writeCanonical } from "../src/json.js";
import { checkReceipt } from "../src/receipt.js";
import { ed25519, sha256 } from "../vendor/noble.js";

const TEXT = ["prepaid-receipt/1", "merchant gym", "card 00000001-0000-0000-0000-000000000000", "receipt 1", "at 2026-03-02T04:00:00.000Z",
  "event 00000000-0000-0000-0000-000000000000 00", "key changed", "lot 1 left 500 principal 500 gift 0",
  "balance 500 gift 0 by owed/1 on 2026-03-02", ""].join("\n");
const secret = new Uint8Array(32).fill(7);
const service = { name: "prepaid-receipts", publicKey: ed25519.getPublicKey(secret) };
const make = () => crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
const spkiOf = async (pair) => new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
const line = (name, algorithm, key, signature) =>
  `— ${name} ${toBase64(concat(sha256(concat(utf8(name), Uint8Array.of(0x0a, algorithm), key)).subarray(0, 4), signature))}\n`;
const byService = (text = TEXT) => line(service.name, 1, service.publicKey, ed25519.sign(utf8(text), secret));
const byTill = async (pair, text = TEXT) => line("gym", 2, await spkiOf(pair),
  new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, utf8(text))));
const keysOf = async (merchant, ...pairs) => utf8(writeCanonical({
  format: "prepaid-keys/1", merchant, service: { name: service.name, key: toBase64(service.publicKey) },
  keys: (await Promise.all(pairs.map(spkiOf))).map(toBase64),
}));

test("a receipt says who signed it, and nobody else counts", async () => {
  const [till, stranger] = [await make(), await make()];
  const keys = await keysOf("gym", till);
  const check = async (...lines) => checkReceipt(`${TEXT}\n${(await Promise.all(lines)).join("")}`, keys);
  assert.deepEqual(await check(byService()), { byService: true, byMerchant: false });
  assert.deepEqual(await check(byService(), byTill(till)), { byService: true, byMerchant: true });
  assert.deepEqual(await check(byTill(till)), { byService: false, byMerchant: true });
  assert.deepEqual(await check(byService(), byTill(stranger)), { byService: true, byMerchant: false });
  assert.deepEqual(await check(byService(`${TEXT}x`), byTill(till, `${TEXT}x`)), { byService: false, byMerchant: false });
  assert.equal(await checkReceipt(`${TEXT}\n${byService()}`, await keysOf("spa", till)), null);
  assert.equal(await checkReceipt(TEXT, keys), null);
});
