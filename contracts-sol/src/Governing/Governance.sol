// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernance} from "./IGovernance.sol";
import {IAnchorRegistry} from "../Anchoring/IAnchorRegistry.sol";

/// @title Governance, see IGovernance.
/// @dev Slots 0 to 2 are written by the genesis block; the node reads slot 0 as the validator set of the next block and
/// verifiers prove it by its storage. The set can never become empty, which would stop the chain.
contract Governance is IGovernance {
    /// @notice More validators than this cost more in messages than they add in trust.
    uint256 public constant VALIDATORS_MAX = 64;
    /// @notice Limit of members, so that counting approvals stays cheap.
    uint256 public constant MEMBERS_MAX = 64;

    struct Proposal {
        Action action;
        address target;
        bool enacted;
        uint64 membership;
        bytes32 argument;
        address[] approvals;
    }

    address[] private _validators; // slot 0
    address[] private _members; // slot 1
    mapping(address account => bool) private _isAnchor; // slot 2
    // Grows with every change of members: approvals given under another membership no longer count.
    uint64 private _membership; // slot 3
    Proposal[] private _proposals; // slot 4

    constructor(address[] memory validators, address[] memory members, address[] memory anchors) {
        if (validators.length > VALIDATORS_MAX) revert GovernanceTooMany(VALIDATORS_MAX);
        if (members.length > MEMBERS_MAX) revert GovernanceTooMany(MEMBERS_MAX);
        if (validators.length == 0 || members.length == 0) revert GovernanceLastOne(address(0));
        for (uint256 i = 0; i < validators.length; i++) _add(_validators, validators[i]);
        for (uint256 i = 0; i < members.length; i++) _add(_members, members[i]);
        for (uint256 i = 0; i < anchors.length; i++) _isAnchor[anchors[i]] = true;
    }

    modifier onlyMember() {
        if (!_contains(_members, msg.sender)) revert GovernanceNotMember(msg.sender);
        _;
    }

    /// @inheritdoc IGovernance
    function propose(Action action, address target, bytes32 argument) external onlyMember returns (uint256 id) {
        if (target == address(0)) revert GovernanceZeroAddress();
        id = _proposals.length;
        Proposal storage proposal = _proposals.push();
        proposal.action = action;
        proposal.target = target;
        proposal.argument = argument;
        proposal.membership = _membership;
        emit Proposed(id, action, target, argument, msg.sender);
        _approve(id, proposal);
    }

    /// @inheritdoc IGovernance
    function approve(uint256 id) external onlyMember {
        if (id >= _proposals.length) revert GovernanceUnknownProposal(id);
        Proposal storage proposal = _proposals[id];
        if (proposal.enacted) revert GovernanceAlreadyEnacted(id);
        if (proposal.membership != _membership) revert GovernanceOutdated(id);
        if (_contains(proposal.approvals, msg.sender)) revert GovernanceAlreadyApproved(id, msg.sender);
        _approve(id, proposal);
    }

    /// @inheritdoc IGovernance
    function getValidators() external view returns (address[] memory) {
        return _validators;
    }

    /// @inheritdoc IGovernance
    function getMembers() external view returns (address[] memory) {
        return _members;
    }

    /// @inheritdoc IGovernance
    function isAnchor(address account) external view returns (bool) {
        return _isAnchor[account];
    }

    /// @inheritdoc IGovernance
    function majority() public view returns (uint256) {
        return _members.length / 2 + 1;
    }

    function _approve(uint256 id, Proposal storage proposal) private {
        proposal.approvals.push(msg.sender);
        emit Approved(id, msg.sender, proposal.approvals.length, majority());
        if (proposal.approvals.length < majority()) return;
        proposal.enacted = true;
        _enact(proposal.action, proposal.target, proposal.argument);
        emit Enacted(id);
    }

    function _enact(Action action, address target, bytes32 argument) private {
        if (action == Action.AddValidator) {
            if (_validators.length == VALIDATORS_MAX) revert GovernanceTooMany(VALIDATORS_MAX);
            _add(_validators, target);
            emit ValidatorAdded(target);
        } else if (action == Action.RemoveValidator) {
            _remove(_validators, target);
            emit ValidatorRemoved(target);
        } else if (action == Action.AddMember) {
            if (_members.length == MEMBERS_MAX) revert GovernanceTooMany(MEMBERS_MAX);
            _add(_members, target);
            _membership++;
            emit MemberAdded(target);
        } else if (action == Action.RemoveMember) {
            _remove(_members, target);
            _membership++;
            emit MemberRemoved(target);
        } else if (action == Action.AddAnchor) {
            if (_isAnchor[target]) revert GovernanceAlreadyPresent(target);
            _isAnchor[target] = true;
            emit AnchorAdded(target);
        } else if (action == Action.RemoveAnchor) {
            if (!_isAnchor[target]) revert GovernanceNotPresent(target);
            _isAnchor[target] = false;
            emit AnchorRemoved(target);
        } else {
            IAnchorRegistry(target).openEpoch(argument);
        }
    }

    function _add(address[] storage accounts, address account) private {
        if (account == address(0)) revert GovernanceZeroAddress();
        if (_contains(accounts, account)) revert GovernanceAlreadyPresent(account);
        accounts.push(account);
    }

    function _remove(address[] storage accounts, address account) private {
        uint256 last = accounts.length - 1;
        for (uint256 i = 0; i <= last; i++) {
            if (accounts[i] != account) continue;
            if (last == 0) revert GovernanceLastOne(account);
            accounts[i] = accounts[last];
            accounts.pop();
            return;
        }
        revert GovernanceNotPresent(account);
    }

    function _contains(address[] storage accounts, address account) private view returns (bool) {
        for (uint256 i = 0; i < accounts.length; i++) {
            if (accounts[i] == account) return true;
        }
        return false;
    }
}
