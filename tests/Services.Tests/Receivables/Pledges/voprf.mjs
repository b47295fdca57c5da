// A second implementation of what the service computes with OpenSSL: reads one JSON list of cases from standard input and
// writes the same list as noble-curves computes it. Its packages are those of services/Verifier.Js.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const packages = createRequire(new URL("../../../../services/Verifier.Js/package.json", import.meta.url));
const { p256, p256_oprf } = await import(pathToFileURL(packages.resolve("@noble/curves/nist.js")));

const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (value) => Buffer.from(value).toString("hex");
const point = (text) => p256.Point.fromHex(text);
const scalar = (text) => BigInt("0x" + text);

const answers = JSON.parse(readFileSync(0, "utf8")).map(({ input, blind, key, publicKey, blinded, evaluated, proof }) => ({
  sum: point(blinded).add(point(evaluated)).toHex(true),
  product: point(blinded).multiply(scalar(key)).toHex(true),
  publicKey: p256.Point.BASE.multiply(scalar(key)).toHex(true),
  // Throws unless the proof verifies.
  output: hex(p256_oprf.voprf.finalize(
    bytes(input), bytes(blind), bytes(evaluated), bytes(blinded), bytes(publicKey), bytes(proof))),
}));
process.stdout.write(JSON.stringify(answers));
