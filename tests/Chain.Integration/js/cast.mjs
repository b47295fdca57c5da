import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { artifact, assert, done, governance, key, origin, root, url } from "./registry.mjs";

const program = fileURLToPath(new URL("node_modules/@foundry-rs/cast-linux-amd64/bin/cast", import.meta.url));
const cast = (...args) => execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
// Without these cast offers a tip of at least 1 wei, whatever the node says, and accounts here have no balance.
const free = ["--gas-price", "0", "--priority-gas-price", "0"];
const send = (...args) => JSON.parse(cast("send", "--json", ...free, "--rpc-url", url, "--private-key", key, ...args));

const words = cast("abi-encode", "constructor(address,bytes32)", governance, origin).slice(2);
const registry = send("--create", artifact.bytecode + words).contractAddress;
const receipt = send(registry, "checkpoint(uint64,bytes32,bytes32[])", "1", root, "[]");
assert.equal(BigInt(receipt.status), 1n);

const latest = cast("call", "--rpc-url", url, registry, "latest()(bytes32,uint64,bytes32,uint64)").split("\n");
assert.deepEqual([latest[0], latest[2]], [origin, root]);
const logs = JSON.parse(cast("logs", "--json", "--rpc-url", url, "--address", registry, "--from-block", receipt.blockNumber));
assert.equal(logs.length, 1);
assert.equal(JSON.parse(cast("receipt", "--json", "--rpc-url", url, receipt.transactionHash)).blockHash, receipt.blockHash);
assert.throws(() => send(registry, "checkpoint(uint64,bytes32,bytes32[])", "1", root, "[]"));
const proof = JSON.parse(cast("proof", "--rpc-url", url, registry, "3"));
assert.equal(BigInt(proof.storageProof[0].value), BigInt(root));
assert.equal(BigInt(JSON.parse(cast("block", "--json", "--rpc-url", url, "latest")).number), BigInt(receipt.blockNumber));
done("cast");
