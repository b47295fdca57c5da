// OpenZeppelin's ERC-20 as published, compiled here: what a member deploys must behave as on any Ethereum chain.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";
import { parseEventLogs } from "viem";
import { connect } from "./node.mjs";

const require = createRequire(import.meta.url);
const SUPPLY = 10n ** 24n;
const UNLIMITED = 2n ** 256n - 1n;

const TOKEN = `
// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
contract Token is ERC20 {
    constructor(uint256 supply) ERC20("Token", "TKN") { _mint(msg.sender, supply); }
}`;

function compile() {
  const solc = require("solc");
  const input = {
    language: "Solidity",
    sources: { "Token.sol": { content: TOKEN } },
    settings: {
      evmVersion: "cancun",
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { "Token.sol": { Token: ["abi", "evm.bytecode.object"] } },
    },
  };
  const read = (path) => ({ contents: readFileSync(require.resolve(path), "utf8") });
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }));
  assert.deepEqual(output.errors ?? [], []);
  const { abi, evm } = output.contracts["Token.sol"].Token;
  return { abi, bytecode: "0x" + evm.bytecode.object };
}

describe("OpenZeppelin ERC-20", () => {
  let chain, holder, buyer, spender, token;
  const send = (wallet, name, ...args) => chain.send(wallet, token, name, args);
  const balance = (wallet) => chain.read(token, "balanceOf", [wallet.account.address]);
  const refused = (work, error) => assert.rejects(work, (e) => e.message.includes(error) || assert.fail(e.message));

  before(async () => {
    chain = await connect();
    [holder, buyer, spender] = [chain.wallet(), chain.wallet(), chain.wallet()];
    token = await chain.deploy(holder, compile(), [SUPPLY]);
  });
  after(() => chain.stop());

  it("is deployed with its supply", async () => {
    assert.equal(await chain.read(token, "name"), "Token");
    assert.equal(await chain.read(token, "decimals"), 18);
    assert.equal(await chain.read(token, "totalSupply"), SUPPLY);
    assert.equal(await balance(holder), SUPPLY);
  });

  it("transfers and logs it", async () => {
    const mined = await send(holder, "transfer", buyer.account.address, 1_000n);
    const [event] = parseEventLogs({ abi: token.abi, logs: mined.logs });
    assert.equal(event.eventName, "Transfer");
    assert.deepEqual(event.args, { from: holder.account.address, to: buyer.account.address, value: 1_000n });
    assert.equal(await balance(buyer), 1_000n);
    assert.equal(await balance(holder), SUPPLY - 1_000n);
  });

  it("lets an approved account spend up to the allowance", async () => {
    const [owner, to] = [holder.account.address, spender.account.address];
    await send(holder, "approve", to, 300n);
    await send(spender, "transferFrom", owner, to, 200n);
    assert.equal(await chain.read(token, "allowance", [owner, to]), 100n);
    await refused(send(spender, "transferFrom", owner, to, 101n), "ERC20InsufficientAllowance");
    await send(holder, "approve", to, UNLIMITED);
    await send(spender, "transferFrom", owner, to, 500n);
    assert.equal(await chain.read(token, "allowance", [owner, to]), UNLIMITED);
    assert.equal(await balance(spender), 700n);
  });

  it("refuses more than the balance, the zero address and a stranger", async () => {
    await refused(send(buyer, "transfer", spender.account.address, 1_001n), "ERC20InsufficientBalance");
    await refused(send(buyer, "transfer", "0x" + "00".repeat(20), 1n), "ERC20InvalidReceiver");
    await refused(send(buyer, "transferFrom", holder.account.address, buyer.account.address, 1n), "ERC20InsufficientAllowance");
  });

  it("records a refused transfer in a block without effect", async () => {
    const hash = await buyer.writeContract({
      ...token, functionName: "transfer", args: [spender.account.address, 1_001n],
      gas: 200_000n, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n,
    });
    const mined = await chain.client.waitForTransactionReceipt({ hash, timeout: 20_000 });
    assert.equal(mined.status, "reverted");
    assert.deepEqual(mined.logs, []);
    assert.equal(await balance(buyer), 1_000n);
  });
});
