// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What each merchant owes on its prepaid cards at the end of a day: one root for each merchant and day.
/// @notice A second root for the same merchant and day is refused, so that no two holders can be shown two of them. A
/// root is the top of a Merkle sum tree, see services/docs/prepaid.md; amounts are in fen.
interface ILiabilityRegistry {
    /// @param root The top node's hash; zero where the day has none.
    /// @param principal What is owed of what holders paid.
    /// @param gift What is owed of what was given on top.
    /// @param recordedAt Time of the block, in Unix seconds.
    /// @param depth Levels above the leaves.
    struct Liability {
        bytes32 root;
        uint64 principal;
        uint64 gift;
        uint64 recordedAt;
        uint8 depth;
    }

    /// @param merchant SHA-256 of the merchant's id.
    /// @param root The top node's hash, not zero.
    /// @param principal What is owed of what holders paid, below 2⁵³.
    /// @param gift What is owed of what was given on top, below 2⁵³.
    /// @param depth Levels above the leaves, 1 to 30.
    struct Entry {
        bytes32 merchant;
        bytes32 root;
        uint64 principal;
        uint64 gift;
        uint8 depth;
    }

    event PublisherAdmitted(address indexed publisher);
    event PublisherRemoved(address indexed publisher);
    event LiabilityRecorded(
        bytes32 indexed merchant, uint32 indexed day, bytes32 root, uint8 depth, uint64 principal, uint64 gift,
        address publisher
    );

    error LiabilityNotPublisher(address sender);
    error LiabilityTaken(bytes32 merchant, uint32 day, bytes32 root);
    error LiabilityDayNotOver(uint32 day);
    error LiabilityForm();

    /// @notice Admits a publisher. Happens when a majority of the governance's members has made the same call.
    function admitPublisher(address publisher) external;

    /// @notice Removes a publisher, by the same majority; what it recorded stays.
    function removePublisher(address publisher) external;

    /// @notice Records roots of a day that is over: all of them, or none. Only for publishers, once for each merchant
    /// and day.
    /// @param day Days since 1970-01-01 in China (UTC+8).
    function record(uint32 day, Entry[] calldata entries) external;

    /// @notice What is recorded of a merchant's day; all zero where nothing is.
    function liabilityOf(bytes32 merchant, uint32 day) external view returns (Liability memory);

    function isPublisher(address account) external view returns (bool);
}
