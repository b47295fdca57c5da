import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { keccak256, parseEventLogs, serializeSignature, toHex, zeroAddress, zeroHash } from "viem";
import { generatePrivateKey, privateKeyToAccount, sign } from "viem/accounts";
import { artefact, connect } from "./node.mjs";

const key = (text) => keccak256(toHex(`pledge/1 ${text}`));
const SALT = key("salt");
const DAY = 24 * 60 * 60;
const PUBLIC = ["0x02" + "11".repeat(32), ["0x02" + "22".repeat(32), "0x02" + "33".repeat(32), "0x03" + "44".repeat(32)]];

describe("PledgeRegistry", () => {
  let chain, members, holder, a, b, registry, supplierKey, supplier;
  const address = (wallet) => wallet.account.address;
  const refused = (work, error) => assert.rejects(work, (e) => e.message.includes(error) || assert.fail(e.message));
  const send = (wallet, name, ...args) => chain.send(wallet, registry, name, args);
  const read = (name, ...args) => chain.read(registry, name, args);
  const vote = async (name, ...args) => {
    await send(members[0], name, ...args);
    return send(members[1], name, ...args);
  };
  const commit = async (wallet, keys, salt = SALT) => {
    await send(wallet, "commit", await read("commitmentOf", address(wallet), keys, supplier, salt));
    await send(wallet, "commit", zeroHash); // Simulated calls run in the head: one block more is needed.
  };
  const claim = (wallet, keys, salt = SALT) => send(wallet, "claim", keys, supplier, salt);
  const take = async (wallet, ...keys) => {
    await commit(wallet, keys);
    return claim(wallet, keys);
  };
  const openEpoch = (epoch) =>
    vote("openKeyEpoch", epoch, ...PUBLIC, [address(holder), address(members[0]), address(members[1])]);
  const local = (t) => process.env.RPC_URL ? (t.skip("needs a node whose clock can be set"), false) : true;
  const wait = async (seconds) => {
    await chain.client.request({ method: "evm_increaseTime", params: [seconds] });
    await chain.client.request({ method: "evm_mine" });
  };
  const signed = async (id, to, statement, secret = supplierKey) =>
    serializeSignature(await sign({ hash: await read("transferDigest", id, to, statement), privateKey: secret }));

  before(async () => {
    chain = await connect();
    members = [chain.wallet(), chain.wallet(), chain.wallet()];
    [holder, a, b] = [chain.wallet(), chain.wallet(), chain.wallet()];
    supplierKey = generatePrivateKey();
    supplier = privateKeyToAccount(supplierKey).address;
  });
  after(() => chain.stop());
  beforeEach(async () => {
    const governance = await chain.deploy(members[0], "Governance", [[address(members[0])], members.map(address), []]);
    registry = await chain.deploy(members[0], "PledgeRegistry", [governance.address]);
    await vote("admitPlatform", address(a));
    await vote("admitPlatform", address(b));
    await openEpoch(1);
  });

  it("gives a thing to who reveals a commitment of an earlier block", async () => {
    await commit(a, [key("1")]);
    const mined = await claim(a, [key("1")]);
    const [event] = parseEventLogs({ abi: registry.abi, logs: mined.logs });
    assert.deepEqual(event.args, { id: key("1"), platform: address(a), supplier, keys: [key("1")] });
    const found = await read("claimOf", key("1"));
    assert.deepEqual([found.id, found.platform, found.vouchers, found.supplier], [key("1"), address(a), 0, supplier]);
    assert.equal((await read("claimOf", key("2"))).platform, zeroAddress);
  });

  it("gives it to nobody else, with the holder's address as the reason", async () => {
    await take(a, key("1"));
    await commit(b, [key("1")]);
    await refused(claim(b, [key("1")]), "PledgeTaken");
    await refused(claim(b, [key("1")]), address(a));
    await commit(a, [key("1")]);
    await refused(claim(a, [key("1")]), "PledgeTaken");
  });

  it("takes no claim without a commitment, with another's, or of other terms", async () => {
    await refused(claim(a, [key("1")]), "PledgeNotCommitted");
    await commit(a, [key("1")]);
    await refused(claim(b, [key("1")]), "PledgeNotCommitted");
    await refused(claim(a, [key("2")]), "PledgeNotCommitted");
    await refused(claim(a, [key("1")], key("other salt")), "PledgeNotCommitted");
    // Copying the digest of a pending commitment gives nothing and takes nothing.
    await send(b, "commit", await read("commitmentOf", address(a), [key("1")], supplier, SALT));
    await refused(claim(b, [key("1")]), "PledgeNotCommitted");
    await claim(a, [key("1")]);
    await refused(claim(a, [key("1")]), "PledgeNotCommitted");
  });

  it("refuses a commitment and a claim in one block, and of two claims in one block the second", async (t) => {
    if (!local(t)) return;
    const raw = (wallet, functionName, args, nonce) =>
      wallet.writeContract({ ...registry, functionName, args, nonce, gas: 1_000_000n, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n });
    const inOneBlock = async (work) => {
      await chain.client.request({ method: "evm_setAutomine", params: [false] });
      const hashes = await work();
      await chain.client.request({ method: "evm_mine" });
      await chain.client.request({ method: "evm_setAutomine", params: [true] });
      return Promise.all(hashes.map((hash) => chain.client.waitForTransactionReceipt({ hash })));
    };
    await commit(a, [key("1")]);
    const nonce = await chain.client.getTransactionCount({ address: address(b) });
    const [first, second, third] = await inOneBlock(async () => [
      await raw(a, "claim", [[key("1")], supplier, SALT]),
      await raw(b, "commit", [await read("commitmentOf", address(b), [key("1")], supplier, SALT)], nonce),
      await raw(b, "claim", [[key("1")], supplier, SALT], nonce + 1),
    ]);
    assert.equal(first.blockNumber, third.blockNumber);
    assert.deepEqual([first.status, second.status, third.status], ["success", "success", "reverted"]);

    await commit(a, [key("2")]);
    await commit(b, [key("2")]);
    const both = await inOneBlock(async () => [
      await raw(a, "claim", [[key("2")], supplier, SALT]), await raw(b, "claim", [[key("2")], supplier, SALT]),
    ]);
    assert.deepEqual(both.map((r) => r.status).sort(), ["reverted", "success"]);
    assert.equal(both[0].blockNumber, both[1].blockNumber);
  });

  it("lets a claim without a voucher lapse after 24 hours and keeps one with a voucher", async (t) => {
    if (!local(t)) return;
    await take(a, key("1"));
    await take(a, key("2"));
    await refused(send(b, "bind", key("2"), key("voucher")), "PledgeNotYours");
    await refused(send(a, "bind", key("2"), zeroHash), "PledgeNotCommitted");
    await send(a, "bind", key("2"), key("voucher"));
    await wait(DAY - 60);
    await refused(send(b, "expire", key("1")), "PledgeNotExpired");
    await wait(61);
    assert.equal((await read("claimOf", key("1"))).platform, zeroAddress);
    assert.equal((await read("claimOf", key("2"))).platform, address(a));
    await refused(send(a, "bind", key("1"), key("late")), "PledgeExpired");
    await refused(send(b, "expire", key("2")), "PledgeNotExpired");
    // Who claims next removes what has lapsed.
    const mined = await take(b, key("1"));
    assert.deepEqual(parseEventLogs({ abi: registry.abi, logs: mined.logs }).map((e) => e.eventName), ["Expired", "Claimed"]);
    assert.equal((await read("claimOf", key("1"))).platform, address(b));
    await wait(DAY);
    await send(holder, "expire", key("1"));
    await refused(send(holder, "expire", key("1")), "PledgeNotExpired");
  });

  it("keeps a commitment for an hour", async (t) => {
    if (!local(t)) return;
    await commit(a, [key("1")]);
    await wait(3601);
    await refused(claim(a, [key("1")]), "PledgeNotCommitted");
  });

  it("transfers by the old platform with the supplier's signature, once", async () => {
    await take(a, key("1"));
    const statement = key("statement");
    const good = await signed(key("1"), address(b), statement);
    await refused(send(b, "transfer", key("1"), address(b), statement, good), "PledgeNotYours");
    await refused(send(a, "transfer", key("1"), address(holder), statement, good), "PledgeNotPlatform");
    await refused(send(a, "transfer", key("1"), address(b), key("another"), good), "PledgeNotConfirmed");
    const forged = await signed(key("1"), address(b), statement, generatePrivateKey());
    await refused(send(a, "transfer", key("1"), address(b), statement, forged), "PledgeNotConfirmed");
    await refused(send(a, "transfer", key("1"), address(b), statement, "0x"), "PledgeNotConfirmed");
    await send(a, "transfer", key("1"), address(b), statement, good);
    assert.equal((await read("claimOf", key("1"))).platform, address(b));
    const back = await signed(key("1"), address(a), statement);
    await send(b, "transfer", key("1"), address(a), statement, back);
    await refused(send(a, "transfer", key("1"), address(b), statement, good), "PledgeNotConfirmed");
  });

  it("rules transfers out when no supplier was named", async () => {
    supplier = zeroAddress;
    await take(a, key("1"));
    supplier = privateKeyToAccount(supplierKey).address;
    const any = "0x" + "00".repeat(64) + "1b";
    await refused(send(a, "transfer", key("1"), address(b), key("s"), any), "PledgeNotConfirmed");
  });

  it("is free again once released, by its platform only", async () => {
    await take(a, key("1"));
    await refused(send(b, "release", key("1")), "PledgeNotYours");
    await send(a, "release", key("1"));
    await refused(send(a, "release", key("1")), "PledgeNotYours");
    await take(b, key("1"));
  });

  it("needs the keys of both epochs while a key changes, and closes the old one when all are linked", async () => {
    await take(a, key("old 1"));
    await take(a, key("old 2"));
    await openEpoch(2);
    await refused(vote("openKeyEpoch", 3, ...PUBLIC, members.map(address)), "PledgeEpoch");
    // An old claim is found by its old key, whatever the new one.
    await commit(b, [key("old 1"), key("new 1")]);
    await refused(claim(b, [key("old 1"), key("new 1")]), "PledgeTaken");
    await commit(b, [key("new 1")]);
    await refused(claim(b, [key("new 1")]), "PledgeKeys");
    await commit(b, [key("x"), key("x")]);
    await refused(claim(b, [key("x"), key("x")]), "PledgeKeys");
    await take(b, key("old 3"), key("new 3"));

    await refused(vote("closeKeyEpoch", 1), "PledgeUnlinked");
    await refused(send(b, "link", key("old 1"), key("new 1")), "PledgeNotYours");
    await refused(send(a, "link", key("old 1"), key("new 3")), "PledgeTaken");
    await send(a, "link", key("old 1"), key("new 1"));
    await refused(send(a, "link", key("old 1"), key("new 1")), "PledgeEpoch");
    await send(a, "release", key("old 2"));
    await vote("closeKeyEpoch", 1);
    assert.deepEqual(await read("keyEpochs"), [2, 2]);
    for (const n of [1, 3]) {
      await commit(b, [key(`new ${n}`)]);
      await refused(claim(b, [key(`new ${n}`)]), "PledgeTaken");
    }
    await take(b, key("new 2"));
    await send(a, "release", key("old 1"));
    await take(b, key("new 1"));
  });

  it("listens to a majority of members about platforms and keys", async () => {
    const stranger = chain.wallet();
    await refused(send(stranger, "admitPlatform", address(stranger)), "MajorityNotMember");
    await send(members[0], "admitPlatform", address(stranger));
    await send(members[0], "admitPlatform", address(stranger));
    assert.equal(await read("isPlatform", address(stranger)), false);
    await send(members[2], "admitPlatform", address(stranger));
    assert.equal(await read("isPlatform", address(stranger)), true);
    await take(a, key("1"));
    await vote("removePlatform", address(a));
    await refused(commit(a, [key("2")]), "PledgeNotPlatform");
    await refused(send(a, "bind", key("1"), key("v")), "PledgeNotPlatform");
    // Votes of an earlier round don't count again.
    await send(members[0], "admitPlatform", address(a));
    assert.equal(await read("isPlatform", address(a)), false);
    await refused(openEpoch(7), "PledgeEpoch");
  });

  it("hands the claims of a removed platform on by a majority, and of no other", async () => {
    await take(a, key("1"));
    await refused(vote("reassign", key("1"), address(b), key("s")), "PledgeNotYours");
    await vote("removePlatform", address(a));
    await vote("reassign", key("1"), address(b), key("s"));
    assert.equal((await read("claimOf", key("1"))).platform, address(b));
  });

  it("takes a count from each holder, once for each day that is over", async () => {
    const today = Math.floor(Number((await chain.client.getBlock()).timestamp) / DAY);
    await refused(send(a, "recordCounts", today - 1, 5n, key("s")), "PledgeNotHolder");
    await refused(send(holder, "recordCounts", today, 5n, key("s")), "PledgeDay");
    await send(holder, "recordCounts", today - 2, 5n, key("s"));
    await refused(send(holder, "recordCounts", today - 2, 6n, key("s")), "PledgeDay");
    await send(holder, "recordCounts", today - 1, 6n, key("s"));
  });

  it("keeps slots that a genesis block and a storage proof rely on", async () => {
    const slots = Object.fromEntries(artefact("PledgeRegistry").storageLayout.map((s) => [s.label, s.slot]));
    assert.deepEqual([slots._governance, slots._claims, slots._ids], ["0", "3", "4"]);
    await take(a, key("1"));
    await send(a, "bind", key("1"), key("voucher"));
    const word = await chain.client.getStorageAt({
      address: registry.address, slot: keccak256(key("1") + "3".padStart(64, "0")),
    });
    const found = await read("claimOf", key("1"));
    const expected = "00000001" + found.claimedAt.toString(16).padStart(16, "0") + address(a).slice(2).toLowerCase();
    assert.equal(word, "0x" + expected);
  });
});
