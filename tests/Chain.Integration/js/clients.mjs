// Deploys, sends, calls, reads logs, receipts and proofs with ethers and viem.
// Usage: node clients.mjs RPC-URL PRIVATE-KEY CONTRACT-JSON
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ethers } from 'ethers';
import { createPublicClient, createWalletClient, defineChain, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

const [url, key, artefact] = process.argv.slice(2);
const { abi, bytecode } = JSON.parse(readFileSync(artefact, 'utf8'));

async function withEthers() {
  const provider = new ethers.JsonRpcProvider(url, undefined, { pollingInterval: 50, cacheTimeout: -1 });
  const wallet = new ethers.Wallet(key, provider);
  assert.equal((await provider.getNetwork()).chainId, 1001n);
  const contract = await new ethers.ContractFactory(abi, bytecode, wallet).deploy();
  await contract.waitForDeployment();
  const address = await contract.getAddress();
  assert.notEqual(await provider.getCode(address), '0x');

  const sent = await contract.add(41n);
  const receipt = await sent.wait();
  assert.equal(receipt.status, 1);
  assert.equal(await contract.total(), 41n);
  const [log] = await contract.queryFilter('Added', receipt.blockNumber, receipt.blockNumber);
  assert.deepEqual([log.args.who, log.args.amount], [wallet.address, 41n]);
  await assert.rejects(contract.add.staticCall(0n), (e) => e.reason === 'nothing to add');
  await assert.rejects(contract.add(0n), (e) => e.code === 'CALL_EXCEPTION');

  const block = await provider.getBlock(receipt.blockNumber, true);
  assert.equal(block.prefetchedTransactions[0].hash, sent.hash);
  assert.equal((await provider.getTransaction(sent.hash)).from, wallet.address);
  assert.equal(await provider.getTransactionCount(wallet.address), 2);
  assert.equal((await provider.getFeeData()).gasPrice, 0n);
  const proof = await provider.send('eth_getProof', [address, ['0x0'], 'latest']);
  assert.equal(BigInt(proof.storageProof[0].value), 41n);
  assert.equal(ethers.keccak256(proof.accountProof[0]), (await provider.send('eth_getBlockByNumber', ['latest', false])).stateRoot);
  provider.destroy();
  return address;
}

async function withViem(address) {
  const chain = defineChain({
    id: 1001, name: 'group', nativeCurrency: { name: 'wei', symbol: 'wei', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  const account = privateKeyToAccount(key);
  const reader = createPublicClient({ chain, transport: http(url, { batch: true }), pollingInterval: 50 });
  const wallet = createWalletClient({ account, chain, transport: http(url) });
  assert.equal(await reader.getChainId(), 1001);

  const deployed = await reader.waitForTransactionReceipt({ hash: await wallet.deployContract({ abi, bytecode }) });
  assert.equal(deployed.status, 'success');
  const { request } = await reader.simulateContract({ address, abi, functionName: 'add', args: [1n], account });
  const hash = await wallet.writeContract(request);
  const receipt = await reader.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, 'success');
  assert.equal(await reader.readContract({ address, abi, functionName: 'total' }), 42n);
  const logs = await reader.getContractEvents({ address, abi, eventName: 'Added', fromBlock: 0n });
  assert.deepEqual(logs.map((l) => l.args.amount), [41n, 1n]);
  const filter = await reader.createContractEventFilter({ address, abi, eventName: 'Added' });
  assert.deepEqual(await reader.getFilterChanges({ filter }), []);
  await assert.rejects(
    reader.simulateContract({ address, abi, functionName: 'add', args: [0n], account }), /nothing to add/);

  const [transaction, block, count] = await Promise.all([
    reader.getTransaction({ hash }), reader.getBlock({ includeTransactions: true }),
    reader.getTransactionCount({ address: account.address }),
  ]);
  assert.equal(transaction.blockNumber, receipt.blockNumber);
  assert.equal(block.transactions[0].hash, hash);
  assert.equal(count, 4);
  assert.equal((await reader.getProof({ address, storageKeys: [`0x${'00'.repeat(32)}`] })).storageProof[0].value, 42n);
  assert.equal((await reader.getFeeHistory({ blockCount: 2, rewardPercentiles: [50] })).baseFeePerGas.length, 3);
  await assert.rejects(reader.request({ method: 'eth_sendRawTransaction', params: ['0x00'] }));
}

await withViem(await withEthers());
console.log('ethers and viem: done');
