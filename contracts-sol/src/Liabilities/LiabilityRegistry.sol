// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILiabilityRegistry} from "./ILiabilityRegistry.sol";
import {IGovernance} from "../Governing/IGovernance.sol";
import {Majority} from "../Governing/Majority.sol";

/// @title LiabilityRegistry, see ILiabilityRegistry.
/// @dev Nothing recorded is ever changed or deleted. A root is found at keccak256(key ‖ 3), its figures in the word after
/// it, so that two storage proofs under one state root show both.
contract LiabilityRegistry is ILiabilityRegistry, Majority {
    /// @notice Sums stay below 2⁵³, so that a browser counts them exactly.
    uint64 public constant LIMIT = 1 << 53;
    /// @notice The deepest tree.
    uint8 public constant DEPTH_MAX = 30;
    uint256 private constant CHINA = 8 hours;

    mapping(bytes32 key => Liability) private _liabilities; // slot 3, by keccak256(merchant ‖ day)
    mapping(address account => bool) private _isPublisher; // slot 4

    constructor(IGovernance governance) Majority(governance) {}

    /// @inheritdoc ILiabilityRegistry
    function admitPublisher(address publisher) external {
        if (!_agreed() || _isPublisher[publisher]) return;
        _isPublisher[publisher] = true;
        emit PublisherAdmitted(publisher);
    }

    /// @inheritdoc ILiabilityRegistry
    function removePublisher(address publisher) external {
        if (!_agreed() || !_isPublisher[publisher]) return;
        _isPublisher[publisher] = false;
        emit PublisherRemoved(publisher);
    }

    /// @inheritdoc ILiabilityRegistry
    function record(uint32 day, Entry[] calldata entries) external {
        if (!_isPublisher[msg.sender]) revert LiabilityNotPublisher(msg.sender);
        if ((block.timestamp + CHINA) / 1 days <= day) revert LiabilityDayNotOver(day);
        for (uint256 i = 0; i < entries.length; i++) _record(day, entries[i]);
    }

    /// @inheritdoc ILiabilityRegistry
    function liabilityOf(bytes32 merchant, uint32 day) external view returns (Liability memory) {
        return _liabilities[_key(merchant, day)];
    }

    /// @inheritdoc ILiabilityRegistry
    function isPublisher(address account) external view returns (bool) {
        return _isPublisher[account];
    }

    function _record(uint32 day, Entry calldata entry) private {
        if (
            entry.root == 0 || entry.depth == 0 || entry.depth > DEPTH_MAX || entry.principal >= LIMIT
                || entry.gift >= LIMIT
        ) revert LiabilityForm();
        Liability storage made = _liabilities[_key(entry.merchant, day)];
        if (made.root != 0) revert LiabilityTaken(entry.merchant, day, made.root);
        made.root = entry.root;
        made.principal = entry.principal;
        made.gift = entry.gift;
        made.recordedAt = uint64(block.timestamp);
        made.depth = entry.depth;
        emit LiabilityRecorded(
            entry.merchant, day, entry.root, entry.depth, entry.principal, entry.gift, msg.sender);
    }

    function _key(bytes32 merchant, uint32 day) private pure returns (bytes32) {
        return keccak256(abi.encode(merchant, day));
    }
}
