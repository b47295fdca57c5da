// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title One platform's exclusive right to one whole thing, without saying which thing.
/// @notice A claim is found by keys that only who knows the thing's number can compute, with the help of key holders:
/// key = keccak256("pledge/1" || y), y from a threshold oblivious function. There is one key for each open key epoch.
/// A claim is committed to in one block and revealed in a later one, so that nobody can copy a pending claim.
interface IPledgeRegistry {
    /// @param id The claim's first key.
    /// @param platform Who has the right; zero when nobody has.
    /// @param claimedAt Time of the block that took it, in Unix seconds.
    /// @param vouchers Number of vouchers bound to it; a claim with none expires.
    /// @param transfers Number of times that it changed the platform.
    /// @param supplier The account that confirms transfers.
    struct Claim {
        bytes32 id;
        address platform;
        uint64 claimedAt;
        uint32 vouchers;
        uint64 transfers;
        address supplier;
    }

    event PlatformAdmitted(address indexed platform);
    event PlatformRemoved(address indexed platform);
    event KeyEpochOpened(uint32 indexed epoch, bytes publicKey, bytes[3] shares, address[3] holders);
    event KeyEpochClosed(uint32 indexed epoch);
    event Committed(address indexed platform, bytes32 indexed commitment);
    event Claimed(bytes32 indexed id, address indexed platform, address supplier, bytes32[] keys);
    event VoucherBound(bytes32 indexed id, address indexed platform, bytes32 voucher);
    event Linked(bytes32 indexed id, bytes32 indexed key);
    event Transferred(bytes32 indexed id, address indexed from, address indexed to, bytes32 statement);
    event Released(bytes32 indexed id, address indexed platform);
    event Expired(bytes32 indexed id, address indexed platform);
    event EvaluationsCounted(address indexed holder, uint32 indexed day, uint64 evaluations, bytes32 statement);

    error PledgeNotPlatform(address sender);
    error PledgeNotHolder(address sender);
    error PledgeTaken(bytes32 key, address platform, uint64 claimedAt);
    error PledgeNotCommitted(bytes32 commitment);
    error PledgeTooEarly(uint64 committedIn);
    error PledgeKeys(uint256 needed);
    error PledgeNotYours(bytes32 id);
    error PledgeExpired(bytes32 id);
    error PledgeNotExpired(bytes32 id);
    error PledgeNotConfirmed(bytes32 id);
    error PledgeEpoch(uint32 epoch);
    error PledgeUnlinked(uint256 claims);
    error PledgeDay(uint32 day);

    /// @notice Admits a platform. Happens when a majority of the governance's members has made the same call.
    function admitPlatform(address platform) external;

    /// @notice Removes a platform, by the same majority; its claims stay until it releases or transfers them.
    function removePlatform(address platform) external;

    /// @notice Opens the next key epoch, by the same majority. Two epochs at most are open.
    /// @param epoch One more than the last.
    /// @param publicKey The key's public point.
    /// @param shares The holders' public shares.
    /// @param holders Accounts that anchor the holders' counts.
    function openKeyEpoch(uint32 epoch, bytes calldata publicKey, bytes[3] calldata shares, address[3] calldata holders)
        external;

    /// @notice Closes the older of two key epochs, by the same majority, once every live claim has a key of the newer.
    function closeKeyEpoch(uint32 epoch) external;

    /// @notice Commits to a claim. Only for platforms.
    /// @param commitment What `commitmentOf` gives for the claim to come.
    function commit(bytes32 commitment) external;

    /// @notice Takes the exclusive right to a thing. The commitment must be of an earlier block.
    /// @param keys The thing's key in each open epoch, the oldest first.
    /// @param supplier The account that confirms transfers; zero rules them out.
    /// @param salt Secret of the commitment.
    function claim(bytes32[] calldata keys, address supplier, bytes32 salt) external;

    /// @notice Binds a voucher to a claim, which then no longer expires.
    /// @param id The claim.
    /// @param voucher Digest that commits to the voucher, not zero.
    function bind(bytes32 id, bytes32 voucher) external;

    /// @notice Adds the key of the newer epoch to a claim of before.
    function link(bytes32 id, bytes32 key) external;

    /// @notice Hands the claim to another platform: sent by the old one, confirmed by the supplier's signature.
    /// @param id The claim.
    /// @param to The new platform.
    /// @param statement Digest of what the old platform says is used and what is left.
    /// @param signature r, s, v of the supplier over `transferDigest`.
    function transfer(bytes32 id, address to, bytes32 statement, bytes calldata signature) external;

    /// @notice Hands a claim of a removed platform to another, by a majority of the members, so that none is eternal.
    function reassign(bytes32 id, address to, bytes32 statement) external;

    /// @notice Gives the right up.
    function release(bytes32 id) external;

    /// @notice Removes a claim that has had no voucher for 24 hours. Anybody may.
    function expire(bytes32 id) external;

    /// @notice A key holder's count of a day, once for each day and in order.
    /// @param day Days since 1970-01-01 UTC.
    /// @param evaluations Blinded points evaluated on that day.
    /// @param statement SHA-256 of the signed statement.
    function recordCounts(uint32 day, uint64 evaluations, bytes32 statement) external;

    /// @notice Who has the right to the thing with this key; expired claims are nobody's.
    function claimOf(bytes32 key) external view returns (Claim memory);

    /// @notice What a platform must commit to before it claims.
    function commitmentOf(address platform, bytes32[] calldata keys, address supplier, bytes32 salt)
        external view returns (bytes32);

    /// @notice What the supplier signs to confirm a transfer; good for one transfer.
    function transferDigest(bytes32 id, address to, bytes32 statement) external view returns (bytes32);

    function isPlatform(address account) external view returns (bool);

    /// @notice Oldest and newest open key epoch; both 0 before the first.
    function keyEpochs() external view returns (uint32 oldest, uint32 newest);
}
