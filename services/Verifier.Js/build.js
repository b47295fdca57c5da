// Bundles the vendored libraries, the browser module and the self-contained offline page; with --check it compares.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const at = (path) => new URL(path, import.meta.url).pathname;
const version = (name) => JSON.parse(readFileSync(at(`node_modules/${name}/package.json`), "utf8")).version;

async function bundle(entry, options) {
  const result = await build({ absWorkingDir: at("."), entryPoints: [at(entry)], bundle: true, write: false, target: "es2022", legalComments: "inline", ...options });
  return result.outputFiles[0].text;
}

const noble = `// @noble/curves ${version("@noble/curves")} and @noble/hashes ${version("@noble/hashes")}, MIT licence, (c) Paul Miller. Bundled by build.js.\n`
  + await bundle("vendor/entry.js", { format: "esm" });
const outputs = new Map([["vendor/noble.js", noble]]);
const check = process.argv.includes("--check");

let differences = 0;
function put(path, text) {
  if (!check) {
    writeFileSync(at(path), text);
    console.log(`${path}: ${text.length} characters`);
  } else if (readFileSync(at(path), "utf8") !== text) {
    differences++;
    console.error(`${path} differs from what the sources give; run 'npm run build' and commit the result.`);
  }
}

for (const [path, text] of outputs) put(path, text);
put("../Portal/wwwroot/verifier.js", await bundle("src/index.js", { format: "esm", minify: true }));
// Reads QR codes where a browser does not; loaded when a camera is opened, never with a page.
put("../Portal/wwwroot/goods/qr.js", `// qr ${version("qr")}, MIT or Apache-2.0 licence, (c) Paul Miller. Bundled by build.js.\n`
  + await bundle("vendor/qr.js", { format: "esm", minify: true }));

// Draws the holder's payment code, which is made in the browser and never leaves it otherwise.
put("../Portal/wwwroot/cards/qr.js", `// qr ${version("qr")}, MIT or Apache-2.0 licence, (c) Paul Miller. Bundled by build.js.\n`
  + await bundle("vendor/qr-encode.js", { format: "esm", minify: true }));

put("../Portal/wwwroot/vouchers/secp256k1.js", `// @noble/curves ${version("@noble/curves")} and @noble/hashes ${version("@noble/hashes")}, MIT licence, (c) Paul Miller. Bundled by build.js.\n`
  + await bundle("vendor/account.js", { format: "esm", minify: true }));

const hash = (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`;
const script = (await bundle("src/page.js", { format: "iife", minify: true })).replaceAll("</script", "<\\/script");
const style = readFileSync(at("../Portal/wwwroot/app.css"), "utf8");
put("../Portal/wwwroot/verify.html", readFileSync(at("src/page.html"), "utf8")
  .replace("SCRIPT_HASH", () => hash(script)).replace("STYLE_HASH", () => hash(style))
  .replace("/*STYLE*/", () => style).replace("/*SCRIPT*/", () => script));
process.exit(differences === 0 ? 0 : 1);
