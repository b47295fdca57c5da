import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { connect } from "./node.mjs";

const Action = { AddValidator: 0, RemoveValidator: 1, AddMember: 2, RemoveMember: 3, AddAnchor: 4, RemoveAnchor: 5 };
const NONE = "0x" + "00".repeat(32);

describe("Governance", () => {
  let chain, members, stranger, governance;
  const address = (wallet) => wallet.account.address;
  const propose = (wallet, action, target) => chain.send(wallet, governance, "propose", [action, target, NONE]);
  const approve = (wallet, id) => chain.send(wallet, governance, "approve", [BigInt(id)]);
  const refused = (work, error) => assert.rejects(work, (e) => e.message.includes(error) || assert.fail(e.message));

  before(async () => {
    chain = await connect();
    members = [chain.wallet(), chain.wallet(), chain.wallet()];
    stranger = chain.wallet();
  });
  after(() => chain.stop());
  beforeEach(async () => {
    governance = await chain.deploy(members[0], "Governance", [[address(members[0])], members.map(address), []]);
  });

  it("adds a validator once a majority of members has approved", async () => {
    await propose(members[0], Action.AddValidator, address(stranger));
    assert.equal((await chain.read(governance, "getValidators")).length, 1);
    await approve(members[1], 0);
    assert.deepEqual(await chain.read(governance, "getValidators"), [address(members[0]), address(stranger)]);
    await refused(approve(members[2], 0), "GovernanceAlreadyEnacted");
  });

  it("never removes the last validator", async () => {
    await propose(members[0], Action.RemoveValidator, address(members[0]));
    await refused(approve(members[1], 0), "GovernanceLastOne");
  });

  it("listens to members only, each once", async () => {
    await refused(propose(stranger, Action.AddAnchor, address(stranger)), "GovernanceNotMember");
    await propose(members[0], Action.AddAnchor, address(stranger));
    await refused(approve(members[0], 0), "GovernanceAlreadyApproved");
    await refused(approve(stranger, 0), "GovernanceNotMember");
    await refused(approve(members[1], 7), "GovernanceUnknownProposal");
    assert.equal(await chain.read(governance, "isAnchor", [address(stranger)]), false);
    await approve(members[2], 0);
    assert.equal(await chain.read(governance, "isAnchor", [address(stranger)]), true);
  });

  it("drops approvals given under another membership", async () => {
    await propose(members[0], Action.AddAnchor, address(stranger));
    await propose(members[0], Action.AddMember, address(stranger));
    await approve(members[1], 1);
    await refused(approve(members[1], 0), "GovernanceOutdated");
  });

  it("refuses who is there already, who is not, and nobody", async () => {
    await propose(members[0], Action.AddValidator, address(members[0]));
    await refused(approve(members[1], 0), "GovernanceAlreadyPresent");
    await propose(members[0], Action.RemoveAnchor, address(stranger));
    await refused(approve(members[1], 1), "GovernanceNotPresent");
    await refused(propose(members[0], Action.AddValidator, "0x" + "00".repeat(20)), "GovernanceZeroAddress");
  });
});
