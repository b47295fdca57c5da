import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { keccak256, parseEventLogs } from "viem";
import { connect } from "./node.mjs";
import { consistencyProof, hex, leaves, treeHash } from "./merkle.mjs";

const ORIGIN = "0x" + "11".repeat(32);
const all = leaves(300);
const root = (n) => hex(treeHash(all.slice(0, n)));
const proof = (m, n) => (m === 0 ? [] : consistencyProof(m, all.slice(0, n)).map(hex));

describe("AnchorRegistry", () => {
  let chain, anchor, stranger, member, governance, registry;

  before(async () => {
    chain = await connect();
    anchor = chain.wallet();
    stranger = chain.wallet();
    member = chain.wallet();
    governance = await chain.deploy(member, "Governance", [
      [member.account.address], [member.account.address], [anchor.account.address],
    ]);
  });
  after(() => chain.stop());

  const open = async () => {
    registry = await chain.deploy(member, "AnchorRegistry", [governance.address, ORIGIN]);
  };
  const checkpoint = (m, n, wallet = anchor) => chain.send(wallet, registry, "checkpoint", [BigInt(n), root(n), proof(m, n)]);
  const refused = (work, error) => assert.rejects(work, (e) => e.message.includes(error) || assert.fail(e.message));

  it("starts empty and takes a first checkpoint with an empty proof", async () => {
    await open();
    assert.deepEqual(await chain.read(registry, "latest"), [ORIGIN, 0n, "0x" + "00".repeat(32), 0n]);
    const mined = await checkpoint(0, 5);
    const [event] = parseEventLogs({ abi: registry.abi, logs: mined.logs });
    assert.equal(event.eventName, "CheckpointRecorded");
    assert.deepEqual(event.args, { origin: ORIGIN, size: 5n, root: root(5), epoch: 0n });
    assert.deepEqual(await chain.read(registry, "latest"), [ORIGIN, 5n, root(5), 0n]);
  });

  it("refuses a first checkpoint with a proof or of size 0", async () => {
    await open();
    await refused(chain.send(anchor, registry, "checkpoint", [5n, root(5), [root(3)]]), "AnchorRegistryInconsistent");
    await refused(chain.send(anchor, registry, "checkpoint", [0n, root(0), []]), "AnchorRegistryNotNewer");
  });

  it("follows the log through every small size and across powers of two", async () => {
    await open();
    let latest = 0;
    for (const size of [1, 2, 3, 4, 6, 7, 8, 9, 16, 17, 64, 127, 128, 129, 256, 300]) {
      await checkpoint(latest, size);
      latest = size;
    }
    assert.deepEqual(await chain.read(registry, "latest"), [ORIGIN, 300n, root(300), 0n]);
  });

  it("accepts every correct proof of small trees and none with another root", async () => {
    for (let m = 1; m <= 17; m += 4) {
      await open();
      await checkpoint(0, m);
      const simulate = (n, r) => chain.client.simulateContract({
        ...registry, functionName: "checkpoint", args: [BigInt(n), r, proof(m, n)], account: anchor.account.address,
      });
      for (let n = m + 1; n <= 20; n++) {
        await simulate(n, root(n));
        await refused(simulate(n, root(n + 1)), "AnchorRegistryInconsistent");
      }
    }
  });

  it("refuses equal and smaller sizes, even with the same root", async () => {
    await open();
    await checkpoint(0, 8);
    await refused(chain.send(anchor, registry, "checkpoint", [8n, root(8), []]), "AnchorRegistryNotNewer");
    await refused(chain.send(anchor, registry, "checkpoint", [7n, root(7), []]), "AnchorRegistryNotNewer");
  });

  it("refuses surplus, missing, swapped and altered proof elements", async () => {
    await open();
    await checkpoint(0, 7);
    const good = proof(7, 20);
    const attempts = [
      [...good, root(1)], [root(1), ...good], good.slice(1), good.slice(0, -1), [good[1], good[0], ...good.slice(2)],
      good.map((h, i) => (i === 2 ? h.replace(/.$/, (c) => (c === "0" ? "1" : "0")) : h)), [],
    ];
    for (const attempt of attempts) {
      await refused(chain.send(anchor, registry, "checkpoint", [20n, root(20), attempt]), "AnchorRegistryInconsistent");
    }
    await checkpoint(7, 20);
  });

  it("refuses a log that rewrites its history", async () => {
    await open();
    await checkpoint(0, 20);
    const forked = [...leaves(1, "other"), ...all.slice(1, 40)];
    const forgedRoot = hex(treeHash(forked));
    const forgedProof = consistencyProof(20, forked).map(hex);
    await refused(chain.send(anchor, registry, "checkpoint", [40n, forgedRoot, forgedProof]), "AnchorRegistryInconsistent");
  });

  it("keeps its word at the largest size and refuses what does not fit", async () => {
    await open();
    await checkpoint(0, 4);
    const most = 2n ** 64n - 1n;
    await refused(chain.send(anchor, registry, "checkpoint", [most, root(5), proof(4, 5)]), "AnchorRegistryInconsistent");
    await assert.rejects(chain.send(anchor, registry, "checkpoint", [most + 1n, root(5), []]));
  });

  it("takes checkpoints from anchors only", async () => {
    await open();
    await refused(checkpoint(0, 5, stranger), "AnchorRegistryNotAnchor");
    await refused(checkpoint(0, 5, member), "AnchorRegistryNotAnchor");
  });

  it("opens a new epoch by governance only, under another origin", async () => {
    await open();
    await checkpoint(0, 5);
    const other = "0x" + "22".repeat(32);
    await refused(chain.send(anchor, registry, "openEpoch", [other]), "AnchorRegistryNotGovernance");
    await refused(chain.send(member, governance, "propose", [6, registry.address, ORIGIN]), "revert");
    await chain.send(member, governance, "propose", [6, registry.address, other]);
    assert.deepEqual(await chain.read(registry, "latest"), [other, 0n, "0x" + "00".repeat(32), 1n]);
    await checkpoint(0, 3);
  });

  for (const [how, mark] of [["by its constructor", true], ["by a genesis block without the mark of its origin", false]]) {
    it(`never opens an origin again, placed ${how}`, async (t) => {
      await open();
      if (!mark) {
        if (process.env.RPC_URL) return t.skip("needs a node that sets storage");
        const slot = keccak256(ORIGIN + "4".padStart(64, "0"));
        await chain.client.request({ method: "anvil_setStorageAt", params: [registry.address, slot, "0x" + "00".repeat(32)] });
      }
      const [second, third] = ["0x" + "22".repeat(32), "0x" + "33".repeat(32)];
      const propose = (origin) => chain.send(member, governance, "propose", [6, registry.address, origin]);
      await refused(propose(ORIGIN), "revert");
      await propose(second);
      await refused(propose(ORIGIN), "revert");
      await propose(third);
      await refused(propose(ORIGIN), "revert");
      await refused(propose(second), "revert");
      assert.deepEqual(await chain.read(registry, "latest"), [third, 0n, "0x" + "00".repeat(32), 2n]);
    });
  }
});
