// Compiles src/ with the pinned solc and writes one artefact a contract to build/; with --check it compares instead.
// solc's npm build is the compiler itself as WebAssembly, so that the same version gives the same bytes everywhere.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const root = new URL(".", import.meta.url).pathname;
const solc = createRequire(import.meta.url)("solc");

const artefacts = {
  "Anchoring/AnchorRegistry.sol": "AnchorRegistry",
  "Governing/Governance.sol": "Governance",
  "Liabilities/LiabilityRegistry.sol": "LiabilityRegistry",
  "Pledging/PledgeRegistry.sol": "PledgeRegistry",
};

const sources = {};
for (const entry of readdirSync(join(root, "src"), { recursive: true }).sort()) {
  if (!entry.endsWith(".sol")) continue;
  sources[entry.replaceAll("\\", "/")] = { content: readFileSync(join(root, "src", entry), "utf8") };
}

const input = {
  language: "Solidity",
  sources,
  settings: {
    evmVersion: "cancun",
    optimizer: { enabled: true, runs: 1000 },
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "storageLayout"] } },
  },
};

const output = JSON.parse(solc.compile(JSON.stringify(input)));
const problems = (output.errors ?? []).map((e) => e.formattedMessage);
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}

const sourceHash = createHash("sha256");
for (const [path, { content }] of Object.entries(sources)) sourceHash.update(`${path}\0${content}\0`);
const hash = sourceHash.digest("hex");

let differences = 0;
mkdirSync(join(root, "build"), { recursive: true });
for (const [path, contract] of Object.entries(artefacts)) {
  const compiled = output.contracts[path][contract];
  const artefact = {
    contract,
    compiler: solc.version(),
    sourceHash: hash,
    abi: compiled.abi,
    bytecode: "0x" + compiled.evm.bytecode.object,
    deployedBytecode: "0x" + compiled.evm.deployedBytecode.object,
    storageLayout: compiled.storageLayout.storage.map(({ label, slot, offset, type }) => ({ label, slot, offset, type })),
  };
  // Type names of the layout carry compiler-internal numbers that change with unrelated edits.
  const text = JSON.stringify(artefact, null, 2).replaceAll(/(t_(?:contract|struct|enum)\([A-Za-z]+\))\d+/g, "$1") + "\n";
  const file = join(root, "build", `${contract}.json`);
  if (!process.argv.includes("--check")) {
    writeFileSync(file, text);
    console.log(`${contract}: ${(artefact.deployedBytecode.length - 2) / 2} bytes of code`);
  } else if (readFileSync(file, "utf8") !== text) {
    differences++;
    console.error(`${file} differs from what the sources compile to; run 'npm run build' and commit the result.`);
  }
}
process.exit(differences === 0 ? 0 : 1);
