// Verifies every bundle of a folder with the independent verifier: node verify-many.mjs FOLDER TRUST
import { readFileSync, readdirSync } from "node:fs";
import { verify } from "../../services/Verifier.Js/src/verify.js";

const [folder, trustFile] = process.argv.slice(2);
const trust = new Uint8Array(readFileSync(trustFile));
let proven = 0;
for (const name of readdirSync(folder)) {
  const result = verify(new Uint8Array(readFileSync(`${folder}/${name}`)), trust);
  if (result.verdict === "proven") proven++;
  else console.error(`${name}: ${JSON.stringify(result.answers ?? result)}`);
}
console.log(proven);
