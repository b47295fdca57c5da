// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAnchorRegistry} from "./IAnchorRegistry.sol";
import {ConsistencyProof} from "./ConsistencyProof.sol";
import {IGovernance} from "../Governing/IGovernance.sol";

/// @title AnchorRegistry, see IAnchorRegistry.
/// @dev There are no immutables: a genesis block places the deployed code together with the storage that the
/// constructor would have written, so that the genesis hash binds both.
contract AnchorRegistry is IAnchorRegistry {
    IGovernance private _governance; // slot 0
    bytes32 private _origin; // slot 1
    uint64 private _size; // slot 2, lowest bits
    uint64 private _epoch; // slot 2, next 64 bits
    bytes32 private _root; // slot 3
    mapping(bytes32 => bool) private _used; // slot 4: origins of this and earlier epochs

    /// @param governance The contract that names the anchors and may open a new epoch.
    /// @param origin SHA-256 of the log's origin line.
    constructor(IGovernance governance, bytes32 origin) {
        _governance = governance;
        _origin = origin;
        _used[origin] = true;
    }

    /// @inheritdoc IAnchorRegistry
    function checkpoint(uint64 size, bytes32 root, bytes32[] calldata proof) external {
        if (!_governance.isAnchor(msg.sender)) revert AnchorRegistryNotAnchor(msg.sender);
        if (size <= _size) revert AnchorRegistryNotNewer(_size, size);
        if (!ConsistencyProof.verify(_size, _root, size, root, proof)) {
            revert AnchorRegistryInconsistent(_size, size);
        }
        _size = size;
        _root = root;
        emit CheckpointRecorded(_origin, size, root, _epoch);
    }

    /// @inheritdoc IAnchorRegistry
    function openEpoch(bytes32 origin) external {
        if (msg.sender != address(_governance)) revert AnchorRegistryNotGovernance(msg.sender);
        if (origin == _origin || _used[origin]) revert AnchorRegistryOriginInUse(origin);
        _used[_origin] = true; // a genesis block may have placed the first origin without this mark
        _used[origin] = true;
        _origin = origin;
        _size = 0;
        _root = 0;
        _epoch += 1;
        emit EpochOpened(origin, _epoch);
    }

    /// @inheritdoc IAnchorRegistry
    function latest() external view returns (bytes32 origin, uint64 size, bytes32 root, uint64 epoch) {
        return (_origin, _size, _root, _epoch);
    }
}
