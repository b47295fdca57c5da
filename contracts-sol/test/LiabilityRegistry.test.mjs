import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { keccak256, encodeAbiParameters, hexToBigInt, parseEventLogs, sha256, toHex, zeroHash } from "viem";
import { connect } from "./node.mjs";

const MERCHANT = sha256(toHex("gym"));
const ROOT = sha256(toHex("root"));
const DAY = 24 * 60 * 60;

describe("LiabilityRegistry", () => {
  let chain, members, publisher, stranger, registry, today;
  const address = (wallet) => wallet.account.address;
  const refused = (work, error) => assert.rejects(work, (e) => e.message.includes(error) || assert.fail(e.message));
  const send = (wallet, name, ...args) => chain.send(wallet, registry, name, args);
  const read = (name, ...args) => chain.read(registry, name, args);
  const record = (day, root = ROOT, depth = 3, principal = 500n, gift = 20n, merchant = MERCHANT, by = publisher) =>
    send(by, "record", day, [{ merchant, root, principal, gift, depth }]);

  before(async () => {
    chain = await connect();
    members = [chain.wallet(), chain.wallet(), chain.wallet()];
    [publisher, stranger] = [chain.wallet(), chain.wallet()];
    today = Math.floor((Number((await chain.client.getBlock()).timestamp) + 8 * 3600) / DAY);
  });
  after(() => chain.stop());
  beforeEach(async () => {
    const governance = await chain.deploy(members[0], "Governance", [[address(members[0])], members.map(address), []]);
    registry = await chain.deploy(members[0], "LiabilityRegistry", [governance.address]);
    await send(members[0], "admitPublisher", address(publisher));
    await send(members[1], "admitPublisher", address(publisher));
  });

  it("takes one root for a merchant and day and refuses a second, even the same", async () => {
    const mined = await record(today - 1);
    const [event] = parseEventLogs({ abi: registry.abi, logs: mined.logs });
    assert.deepEqual(event.args, {
      merchant: MERCHANT, day: today - 1, root: ROOT, depth: 3, principal: 500n, gift: 20n, publisher: address(publisher),
    });
    await refused(record(today - 1, sha256(toHex("other"))), "LiabilityTaken");
    await refused(record(today - 1), "LiabilityTaken");
    const found = await read("liabilityOf", MERCHANT, today - 1);
    assert.deepEqual([found.root, found.principal, found.gift, found.depth], [ROOT, 500n, 20n, 3]);
    // Another day and another merchant are free.
    await record(today - 2);
    await record(today - 1, ROOT, 3, 500n, 20n, sha256(toHex("barber")));
    assert.equal((await read("liabilityOf", MERCHANT, today - 3)).root, zeroHash);
  });

  it("takes all roots of a call or none", async () => {
    const entry = (name) => ({ merchant: sha256(toHex(name)), root: ROOT, principal: 1n, gift: 0n, depth: 1 });
    await record(today - 1);
    await refused(send(publisher, "record", today - 1, [entry("barber"), entry("gym")]), "LiabilityTaken");
    assert.equal((await read("liabilityOf", entry("barber").merchant, today - 1)).root, zeroHash);
    await send(publisher, "record", today - 1, [entry("barber"), entry("school")]);
    assert.equal((await read("liabilityOf", entry("school").merchant, today - 1)).root, ROOT);
  });

  it("takes no day that is not over in China", async () => {
    await refused(record(today), "LiabilityDayNotOver");
    await refused(record(today + 1), "LiabilityDayNotOver");
  });

  it("takes no root without sums below 2^53 and a depth", async () => {
    for (const wrong of [[zeroHash], [ROOT, 0], [ROOT, 31], [ROOT, 3, 1n << 53n], [ROOT, 3, 1n, 1n << 53n]])
      await refused(record(today - 1, ...wrong), "LiabilityForm");
    await record(today - 1, ROOT, 30, (1n << 53n) - 1n, (1n << 53n) - 1n);
  });

  it("lets publishers record that a majority of members admitted, and nobody else", async () => {
    await refused(record(today - 1, ROOT, 3, 1n, 1n, MERCHANT, stranger), "LiabilityNotPublisher");
    await refused(send(stranger, "admitPublisher", address(stranger)), "MajorityNotMember");
    await send(members[0], "admitPublisher", address(stranger));
    assert.equal(await read("isPublisher", address(stranger)), false);
    await send(members[0], "removePublisher", address(publisher));
    await send(members[2], "removePublisher", address(publisher));
    await refused(record(today - 1), "LiabilityNotPublisher");
  });

  it("keeps root and figures in two words that a storage proof shows", async () => {
    await record(today - 1);
    const key = keccak256(encodeAbiParameters([{ type: "bytes32" }, { type: "uint32" }], [MERCHANT, today - 1]));
    const slot = keccak256(encodeAbiParameters([{ type: "bytes32" }, { type: "uint256" }], [key, 3n]));
    const word = (at) => chain.client.getStorageAt({ address: registry.address, slot: toHex(at, { size: 32 }) });
    assert.equal(await word(hexToBigInt(slot)), ROOT);
    const figures = hexToBigInt(await word(hexToBigInt(slot) + 1n));
    assert.deepEqual([figures & 0xffffffffffffffffn, (figures >> 64n) & 0xffffffffffffffffn, figures >> 192n], [500n, 20n, 3n]);
  });
});
