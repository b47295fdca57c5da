// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Who runs a chain group.
/// @notice Holds the validators that QBFT takes for the next block, the members that vote on changes, and the accounts
/// that may anchor. Every change is a proposal that a majority of the members approves.
interface IGovernance {
    enum Action {
        AddValidator,
        RemoveValidator,
        AddMember,
        RemoveMember,
        AddAnchor,
        RemoveAnchor,
        OpenEpoch
    }

    event Proposed(uint256 indexed id, Action action, address target, bytes32 argument, address indexed member);
    event Approved(uint256 indexed id, address indexed member, uint256 approvals, uint256 needed);
    event Enacted(uint256 indexed id);
    event ValidatorAdded(address indexed validator);
    event ValidatorRemoved(address indexed validator);
    event MemberAdded(address indexed member);
    event MemberRemoved(address indexed member);
    event AnchorAdded(address indexed anchor);
    event AnchorRemoved(address indexed anchor);

    error GovernanceNotMember(address sender);
    error GovernanceUnknownProposal(uint256 id);
    error GovernanceAlreadyEnacted(uint256 id);
    error GovernanceOutdated(uint256 id);
    error GovernanceAlreadyApproved(uint256 id, address member);
    error GovernanceAlreadyPresent(address account);
    error GovernanceNotPresent(address account);
    error GovernanceLastOne(address account);
    error GovernanceTooMany(uint256 limit);
    error GovernanceZeroAddress();

    /// @notice Proposes a change and approves it at once.
    /// @param action What is to change.
    /// @param target The account concerned; for `OpenEpoch` the AnchorRegistry.
    /// @param argument For `OpenEpoch` SHA-256 of the new origin line, otherwise 0.
    /// @return id Number of the proposal, from 0.
    function propose(Action action, address target, bytes32 argument) external returns (uint256 id);

    /// @notice Approves a proposal; the approval that reaches the majority enacts it in the same transaction.
    function approve(uint256 id) external;

    /// @notice The validators; QBFT sorts them by address.
    function getValidators() external view returns (address[] memory);

    /// @notice The members that vote.
    function getMembers() external view returns (address[] memory);

    /// @notice Whether `account` may write checkpoints.
    function isAnchor(address account) external view returns (bool);

    /// @notice Approvals that enact a proposal: more than half of the members.
    function majority() external view returns (uint256);
}
