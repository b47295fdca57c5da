// Whether a device signed the readings that an event records (services/docs/proof-format.md, "Sensor blocks").
import { attempt, fromBase64, require, toHex, utf8 } from "./bytes.js";
import { Members, parseCanonical } from "./json.js";
import { ed25519, sha256 } from "../vendor/noble.js";

const MAX = 16 * 2 ** 20;

/**
 * @param {Uint8Array} bytes a file of format sensor-block/1
 * @param {object | null} event the event of a verified bundle; whether that is proven is the bundle's own answer
 */
export async function checkDeviceBlock(bytes, event) {
  const no = (verdict, reason) => ({ reason, verdict });
  const file = attempt(() => read(bytes));
  if (!file) return no("unreadable", "sensor-block");
  if (!event) return no("incomplete", "event-withheld");
  const said = attempt(() => readEvent(event));
  if (!said) return no("refuted", "event-is-no-sensor-block");
  if (toHex(sha256(file.raw)) !== said.rawSha256) return no("refuted", "block-mismatch");
  if (!said.keySha256) return no("incomplete", "key-not-named");
  if (toHex(sha256(file.key)) !== said.keySha256) return no("refuted", "key-mismatch");
  const head = utf8(`${said.device}\n${said.sequence}\n${said.subject}\n`);
  const signed = new Uint8Array(head.length + file.raw.length);
  signed.set(head);
  signed.set(file.raw, head.length);
  if (!(await verifies(file.key, signed, said.signature))) return no("refuted", "signature-wrong");
  return { device: said.device, keySha256: said.keySha256, reason: "ok", subject: said.subject, verdict: "proven" };
}

async function verifies(key, bytes, signature) {
  if (signature.length !== 64) return false;
  try {
    if (key.length === 32) return ed25519.verify(signature, bytes, key, { zip215: false });
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const imported = await crypto.subtle.importKey("spki", key, algorithm, false, ["verify"]);
    return await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, imported, signature, bytes);
  } catch {
    return false;
  }
}

function read(bytes) {
  require(bytes.length <= MAX);
  const members = new Members(parseCanonical(bytes));
  require(members.text("format") === "sensor-block/1");
  const file = { raw: members.base64("raw"), key: members.base64("key") };
  members.end();
  return file;
}

function readEvent(event) {
  const members = new Members(event);
  require(members.text("type") === "trace.sensor-block-recorded.v1");
  const data = members.object("data");
  return {
    device: data.text("device"),
    sequence: data.number("sequence"),
    subject: data.text(data.has("signedSubject") ? "signedSubject" : "subject"),
    rawSha256: toHex(data.hex("rawSha256", 32)),
    signature: fromBase64(data.text("signature")),
    keySha256: data.has("keySha256") ? toHex(data.hex("keySha256", 32)) : null,
  };
}
