// The Ethereum node under test: the one at RPC_URL, or an anvil of our own.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPublicClient, createWalletClient, defineChain, http } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

export const artefact = (name) =>
  JSON.parse(readFileSync(new URL(`../build/${name}.json`, import.meta.url), "utf8"));

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function startAnvil() {
  const port = await freePort();
  const home = await mkdtemp(join(tmpdir(), "anvil-"));
  const binary = new URL("../node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil", import.meta.url).pathname;
  const args = ["--port", port, "--silent", "--hardfork", "cancun", "--base-fee", "0", "--gas-price", "0"];
  const child = spawn(binary, args.map(String), { env: { HOME: home }, stdio: "ignore" });
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill("SIGKILL");
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Connects to the node; `wallet()` gives a new account, `deploy` (an artefact or its name) and `send` wait for the receipt. */
export async function connect() {
  const node = process.env.RPC_URL ? { url: process.env.RPC_URL, stop: async () => {} } : await startAnvil();
  const transport = http(node.url, { retryCount: 30, retryDelay: 100 });
  const id = await createPublicClient({ transport }).getChainId();
  const chain = defineChain({
    id, name: "test", nativeCurrency: { name: "none", symbol: "NONE", decimals: 18 }, rpcUrls: { default: { http: [] } },
  });
  const client = createPublicClient({ chain, transport, pollingInterval: 50 });
  const fees = { gas: 5_000_000n, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n };

  const receipt = async (hash) => {
    const mined = await client.waitForTransactionReceipt({ hash, timeout: 20_000 });
    if (mined.status !== "success") throw new Error("transaction reverted");
    return mined;
  };
  return {
    client,
    stop: node.stop,
    wallet: () => createWalletClient({ account: privateKeyToAccount(generatePrivateKey()), chain, transport }),
    deploy: async (wallet, contract, args) => {
      const { abi, bytecode } = typeof contract === "string" ? artefact(contract) : contract;
      const mined = await receipt(await wallet.deployContract({ abi, bytecode, args, ...fees }));
      return { address: mined.contractAddress, abi };
    },
    send: async (wallet, contract, functionName, args) => {
      // Simulated first, so that a refusal carries the contract's own error.
      await client.simulateContract({ ...contract, functionName, args, account: wallet.account.address });
      return receipt(await wallet.writeContract({ ...contract, functionName, args, ...fees }));
    },
    read: (contract, functionName, args) => client.readContract({ ...contract, functionName, args }),
  };
}
