import { Contract, ContractFactory, JsonRpcProvider, Wallet } from "ethers";
import { artifact, assert, done, governance, key, origin, root, url } from "./registry.mjs";

// An idle group makes no further block: an answer "no receipt yet", remembered for 250 ms, would be waited on for ever.
const provider = new JsonRpcProvider(url, undefined, { pollingInterval: 100, cacheTimeout: -1 });
const wallet = new Wallet(key, provider);
const factory = new ContractFactory(artifact.abi, artifact.bytecode, wallet);
const deployed = await factory.deploy(governance, origin);
await deployed.waitForDeployment();
const registry = new Contract(await deployed.getAddress(), artifact.abi, wallet);
assert.equal((await registry.latest()).origin, origin);

const receipt = await (await registry.checkpoint(1n, root, [])).wait();
assert.equal(receipt.status, 1);
assert.equal((await registry.latest()).root, root);
const logs = await registry.queryFilter(registry.filters.CheckpointRecorded(), receipt.blockNumber, receipt.blockNumber);
assert.equal(logs.length, 1);
assert.equal(logs[0].args.root, root);

await assert.rejects(registry.checkpoint.staticCall(1n, root, []), (error) => error.revert?.name === "AnchorRegistryNotNewer");
const proof = await provider.send("eth_getProof", [registry.target, ["0x3"], "latest"]);
assert.equal(BigInt(proof.storageProof[0].value), BigInt(root));
const block = await provider.getBlock(receipt.blockNumber, true);
assert.equal(block.prefetchedTransactions[0].hash, receipt.hash);
done("ethers");
provider.destroy();
