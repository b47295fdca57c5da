// Who signed a receipt: the platform (Ed25519) and, with a key that only its till has, the merchant (ECDSA P-256, signature
// type 0x02 of C2SP signed notes). Checked against the file prepaid-keys/1.
import { attempt, concat, equal, fromBase64, require, utf8 } from "./bytes.js";
import { Members, parseCanonical } from "./json.js";
import { readReceipt } from "./liability.js";
import { isKeyName, readNote, signedByLog } from "./log.js";
import { sha256 } from "../vendor/noble.js";

const ECDSA = 2;
const P256 = { name: "ECDSA", namedCurve: "P-256" };

/**
 * @param {string} note the receipt
 * @param {Uint8Array} keysBytes the merchant's keys
 * @returns {Promise<{byService: boolean, byMerchant: boolean} | null>} null where one of them can't be read
 */
export async function checkReceipt(note, keysBytes) {
  const keys = attempt(() => readKeys(keysBytes));
  const claim = attempt(() => readReceipt(note));
  if (!keys || !claim || claim.merchant !== keys.merchant) return null;
  const { text, signatures } = readNote(note);
  const own = await Promise.all(signatures.map((s) => signedByMerchant(text, s, keys)));
  return { byService: signatures.some((s) => signedByLog(text, s, keys.service)), byMerchant: own.some(Boolean) };
}

function readKeys(bytes) {
  const members = new Members(parseCanonical(bytes));
  require(members.text("format") === "prepaid-keys/1");
  const service = members.object("service");
  const keys = {
    merchant: members.text("merchant"),
    service: { name: service.text("name"), publicKey: service.base64("key") },
    own: members.list("keys", fromBase64),
  };
  service.end();
  members.end();
  require(isKeyName(keys.service.name) && keys.service.publicKey.length === 32);
  return keys;
}

async function signedByMerchant(text, { name, id, signature }, { merchant, own }) {
  if (name !== merchant || signature.length !== 64) return false;
  for (const spki of own) {
    if (!equal(id, sha256(concat(utf8(merchant), Uint8Array.of(0x0a, ECDSA), spki)).subarray(0, 4))) continue;
    try {
      const key = await crypto.subtle.importKey("spki", spki, P256, false, ["verify"]);
      if (await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, utf8(text))) return true;
    } catch {
      // No key of the curve.
    }
  }
  return false;
}
