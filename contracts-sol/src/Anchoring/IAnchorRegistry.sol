// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The consensus-checked record of one transparency log.
/// @notice The contract keeps the log's latest checkpoint and accepts a newer one only with an RFC 9162 consistency
/// proof between the two, so that the validators themselves refuse a log that rewrites its history.
interface IAnchorRegistry {
    /// @notice A checkpoint became the latest one.
    /// @param origin SHA-256 of the log's origin line.
    /// @param size Number of entries under `root`.
    /// @param root RFC 6962 Merkle tree hash of the first `size` entries.
    /// @param epoch Counts the logs that governance has opened here, from 0.
    event CheckpointRecorded(bytes32 indexed origin, uint64 indexed size, bytes32 root, uint64 epoch);

    /// @notice Governance gave up a log whose history is lost and opened a new one.
    event EpochOpened(bytes32 indexed origin, uint64 epoch);

    error AnchorRegistryNotAnchor(address sender);
    error AnchorRegistryNotGovernance(address sender);
    error AnchorRegistryNotNewer(uint64 latestSize, uint64 size);
    error AnchorRegistryInconsistent(uint64 latestSize, uint64 size);
    error AnchorRegistryOriginInUse(bytes32 origin);

    /// @notice Records a checkpoint of `size` entries, proven to extend the latest one.
    /// @param size Number of entries, greater than that of the latest checkpoint.
    /// @param root Merkle tree hash of the log at `size`.
    /// @param proof Consistency proof from the latest size to `size` (RFC 9162 §2.1.4.1); empty when the latest is 0.
    function checkpoint(uint64 size, bytes32 root, bytes32[] calldata proof) external;

    /// @notice Opens a new log at size 0. Only for governance.
    /// @param origin SHA-256 of the new log's origin line, different from all that were used here.
    function openEpoch(bytes32 origin) external;

    /// @notice The latest checkpoint.
    function latest() external view returns (bytes32 origin, uint64 size, bytes32 root, uint64 epoch);
}
