import { createPublicClient, createWalletClient, defineChain, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { artifact, assert, done, governance, key, origin, root, url } from "./registry.mjs";

const transport = http(url);
const id = await createPublicClient({ transport }).getChainId();
const chain = defineChain({
  id, name: "group", nativeCurrency: { name: "none", symbol: "NONE", decimals: 18 }, rpcUrls: { default: { http: [url] } },
});
const reader = createPublicClient({ chain, transport, pollingInterval: 100 });
const wallet = createWalletClient({ account: privateKeyToAccount(key), chain, transport });

const deployment = await wallet.deployContract({ ...artifact, args: [governance, origin] });
const { contractAddress: address } = await reader.waitForTransactionReceipt({ hash: deployment });
const registry = { address, abi: artifact.abi };
const hash = await wallet.writeContract({ ...registry, functionName: "checkpoint", args: [1n, root, []] });
const receipt = await reader.waitForTransactionReceipt({ hash });
assert.equal(receipt.status, "success");

const [readOrigin, size, readRoot] = await reader.readContract({ ...registry, functionName: "latest" });
assert.deepEqual([readOrigin, size, readRoot], [origin, 1n, root]);
const logs = await reader.getContractEvents({
  ...registry, eventName: "CheckpointRecorded", fromBlock: receipt.blockNumber, toBlock: receipt.blockNumber,
});
assert.equal(logs.length, 1);
assert.equal(logs[0].args.root, root);

await assert.rejects(
  reader.simulateContract({ ...registry, functionName: "checkpoint", args: [1n, root, []], account: wallet.account }),
  (error) => error.walk((cause) => cause.data?.errorName === "AnchorRegistryNotNewer") !== null);
const proof = await reader.getProof({ address, storageKeys: ["0x" + "00".repeat(31) + "03"] });
assert.equal(proof.storageProof[0].value, BigInt(root));
done("viem");
