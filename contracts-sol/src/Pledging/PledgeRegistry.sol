// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPledgeRegistry} from "./IPledgeRegistry.sol";
import {IGovernance} from "../Governing/IGovernance.sol";
import {Majority} from "../Governing/Majority.sol";

/// @title PledgeRegistry, see IPledgeRegistry.
/// @dev There are no immutables: a genesis block writes slot 0 alone. Nobody owns the contract; the members of governance
/// admit platforms and key epochs by a majority of equal calls.
contract PledgeRegistry is IPledgeRegistry, Majority {
    /// @notice A claim without a voucher lapses after this time.
    uint64 public constant UNBOUND_MAX = 24 hours;
    /// @notice A commitment is good for this time, so that nobody keeps one in stock.
    uint64 public constant COMMITMENT_MAX = 1 hours;
    // Half of the group order of secp256k1: a signature has one form.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    struct Stored {
        address platform; // slot 0 of a claim: one storage proof shows who took it, when and with how many vouchers
        uint64 claimedAt;
        uint32 vouchers;
        address supplier; // slot 1
        uint64 transfers;
        uint32 epoch; // the newest that it has a key of
        bytes32[] keys;
    }

    struct Commitment {
        uint64 number; // block
        uint64 time;
    }

    // Slots 0 to 2 are the majority's.
    mapping(bytes32 id => Stored) private _claims; // slot 3
    mapping(bytes32 key => bytes32 id) private _ids; // slot 4
    // By sender: nobody else's transaction can touch or copy a commitment.
    mapping(address platform => mapping(bytes32 commitment => Commitment)) private _commitments; // slot 5
    mapping(address account => bool) private _isPlatform; // slot 6
    mapping(address holder => uint32 day) private _counted; // slot 7: last day counted, plus one
    mapping(address holder => uint32 epoch) private _holderOf; // slot 8: newest epoch, 0 for nobody
    uint32 private _oldest; // slot 9
    uint32 private _newest;
    uint64 private _live; // claims
    uint64 private _unlinked; // live claims without a key of the newest epoch

    constructor(IGovernance governance) Majority(governance) {}

    modifier onlyPlatform() {
        if (!_isPlatform[msg.sender]) revert PledgeNotPlatform(msg.sender);
        _;
    }

    /// @inheritdoc IPledgeRegistry
    function admitPlatform(address platform) external {
        if (!_agreed() || _isPlatform[platform]) return;
        _isPlatform[platform] = true;
        emit PlatformAdmitted(platform);
    }

    /// @inheritdoc IPledgeRegistry
    function removePlatform(address platform) external {
        if (!_agreed() || !_isPlatform[platform]) return;
        _isPlatform[platform] = false;
        emit PlatformRemoved(platform);
    }

    /// @inheritdoc IPledgeRegistry
    function openKeyEpoch(uint32 epoch, bytes calldata publicKey, bytes[3] calldata shares, address[3] calldata holders)
        external
    {
        if (epoch != _newest + 1 || _oldest != _newest) revert PledgeEpoch(epoch);
        if (!_agreed()) return;
        _newest = epoch;
        if (_oldest == 0) _oldest = epoch;
        _unlinked = _live;
        for (uint256 i = 0; i < holders.length; i++) _holderOf[holders[i]] = epoch;
        emit KeyEpochOpened(epoch, publicKey, shares, holders);
    }

    /// @inheritdoc IPledgeRegistry
    function closeKeyEpoch(uint32 epoch) external {
        if (epoch != _oldest || _oldest == _newest) revert PledgeEpoch(epoch);
        if (_unlinked != 0) revert PledgeUnlinked(_unlinked);
        if (!_agreed()) return;
        _oldest = _newest;
        emit KeyEpochClosed(epoch);
    }

    /// @inheritdoc IPledgeRegistry
    function commit(bytes32 commitment) external onlyPlatform {
        _commitments[msg.sender][commitment] = Commitment(uint64(block.number), uint64(block.timestamp));
        emit Committed(msg.sender, commitment);
    }

    /// @inheritdoc IPledgeRegistry
    function claim(bytes32[] calldata keys, address supplier, bytes32 salt) external onlyPlatform {
        uint256 needed = _oldest == 0 ? 0 : _newest - _oldest + 1;
        if (needed == 0 || keys.length != needed) revert PledgeKeys(needed);
        _useCommitment(commitmentOf(msg.sender, keys, supplier, salt));
        for (uint256 i = 0; i < keys.length; i++) {
            bytes32 id = _ids[keys[i]];
            if (id == 0) continue;
            Stored storage taken = _claims[id];
            if (!_lapsed(taken)) revert PledgeTaken(keys[i], taken.platform, taken.claimedAt);
            _expire(id);
        }
        for (uint256 i = 0; i < keys.length; i++) {
            if (keys[i] == 0 || (i > 0 && keys[i] == keys[0])) revert PledgeKeys(needed);
            _ids[keys[i]] = keys[0];
        }
        Stored storage made = _claims[keys[0]];
        made.platform = msg.sender;
        made.claimedAt = uint64(block.timestamp);
        made.supplier = supplier;
        made.epoch = _newest;
        made.keys = keys;
        _live++;
        emit Claimed(keys[0], msg.sender, supplier, keys);
    }

    /// @inheritdoc IPledgeRegistry
    function bind(bytes32 id, bytes32 voucher) external onlyPlatform {
        Stored storage claimed = _own(id);
        if (voucher == 0) revert PledgeNotCommitted(voucher);
        claimed.vouchers++;
        emit VoucherBound(id, msg.sender, voucher);
    }

    /// @inheritdoc IPledgeRegistry
    function link(bytes32 id, bytes32 key) external {
        Stored storage claimed = _own(id);
        if (claimed.epoch == _newest) revert PledgeEpoch(_newest);
        bytes32 other = _ids[key];
        if (key == 0 || other == id) revert PledgeKeys(1);
        if (other != 0) {
            Stored storage taken = _claims[other];
            if (!_lapsed(taken)) revert PledgeTaken(key, taken.platform, taken.claimedAt);
            _expire(other);
        }
        _ids[key] = id;
        claimed.keys.push(key);
        claimed.epoch = _newest;
        _unlinked--;
        emit Linked(id, key);
    }

    /// @inheritdoc IPledgeRegistry
    function transfer(bytes32 id, address to, bytes32 statement, bytes calldata signature) external {
        Stored storage claimed = _own(id);
        if (!_isPlatform[to] || to == msg.sender) revert PledgeNotPlatform(to);
        if (claimed.supplier == address(0) || _signer(transferDigest(id, to, statement), signature) != claimed.supplier) {
            revert PledgeNotConfirmed(id);
        }
        claimed.platform = to;
        claimed.transfers++;
        emit Transferred(id, msg.sender, to, statement);
    }

    /// @inheritdoc IPledgeRegistry
    function reassign(bytes32 id, address to, bytes32 statement) external {
        Stored storage claimed = _claims[id];
        address from = claimed.platform;
        if (from == address(0) || _isPlatform[from]) revert PledgeNotYours(id);
        if (!_isPlatform[to]) revert PledgeNotPlatform(to);
        if (!_agreed()) return;
        claimed.platform = to;
        claimed.transfers++;
        emit Transferred(id, from, to, statement);
    }

    /// @inheritdoc IPledgeRegistry
    function release(bytes32 id) external {
        _own(id);
        _remove(id);
        emit Released(id, msg.sender);
    }

    /// @inheritdoc IPledgeRegistry
    function expire(bytes32 id) external {
        if (!_lapsed(_claims[id])) revert PledgeNotExpired(id);
        _expire(id);
    }

    /// @inheritdoc IPledgeRegistry
    function recordCounts(uint32 day, uint64 evaluations, bytes32 statement) external {
        if (_oldest == 0 || _holderOf[msg.sender] < _oldest) revert PledgeNotHolder(msg.sender);
        // A day is counted when it is over.
        if (day < _counted[msg.sender] || day >= block.timestamp / 1 days) revert PledgeDay(day);
        _counted[msg.sender] = day + 1;
        emit EvaluationsCounted(msg.sender, day, evaluations, statement);
    }

    /// @inheritdoc IPledgeRegistry
    function claimOf(bytes32 key) external view returns (Claim memory) {
        bytes32 id = _ids[key];
        Stored storage found = _claims[id];
        if (id == 0 || _lapsed(found)) return Claim(0, address(0), 0, 0, 0, address(0));
        return Claim(id, found.platform, found.claimedAt, found.vouchers, found.transfers, found.supplier);
    }

    /// @inheritdoc IPledgeRegistry
    function commitmentOf(address platform, bytes32[] calldata keys, address supplier, bytes32 salt)
        public view returns (bytes32)
    {
        return keccak256(abi.encode("pledge-commit/1", block.chainid, address(this), platform, keys, supplier, salt));
    }

    /// @inheritdoc IPledgeRegistry
    function transferDigest(bytes32 id, address to, bytes32 statement) public view returns (bytes32) {
        Stored storage claimed = _claims[id];
        return keccak256(abi.encode(
            "pledge-transfer/1", block.chainid, address(this), id, claimed.platform, claimed.claimedAt,
            claimed.transfers, to, statement));
    }

    /// @inheritdoc IPledgeRegistry
    function isPlatform(address account) external view returns (bool) {
        return _isPlatform[account];
    }

    /// @inheritdoc IPledgeRegistry
    function keyEpochs() external view returns (uint32 oldest, uint32 newest) {
        return (_oldest, _newest);
    }

    function _useCommitment(bytes32 commitment) private {
        Commitment memory made = _commitments[msg.sender][commitment];
        if (made.number == 0 || block.timestamp - made.time > COMMITMENT_MAX) revert PledgeNotCommitted(commitment);
        if (made.number >= block.number) revert PledgeTooEarly(made.number);
        delete _commitments[msg.sender][commitment];
    }

    function _own(bytes32 id) private view returns (Stored storage claimed) {
        claimed = _claims[id];
        if (claimed.platform != msg.sender) revert PledgeNotYours(id);
        if (_lapsed(claimed)) revert PledgeExpired(id);
    }

    function _lapsed(Stored storage claimed) private view returns (bool) {
        return claimed.platform != address(0) && claimed.vouchers == 0
            && block.timestamp - claimed.claimedAt >= UNBOUND_MAX;
    }

    function _expire(bytes32 id) private {
        address platform = _claims[id].platform;
        _remove(id);
        emit Expired(id, platform);
    }

    function _remove(bytes32 id) private {
        Stored storage claimed = _claims[id];
        bytes32[] memory keys = claimed.keys;
        for (uint256 i = 0; i < keys.length; i++) delete _ids[keys[i]];
        if (claimed.epoch != _newest) _unlinked--;
        _live--;
        delete _claims[id];
    }

    function _signer(bytes32 digest, bytes calldata signature) private pure returns (address) {
        if (signature.length != 65 || uint256(bytes32(signature[32:64])) > HALF_ORDER) return address(0);
        return ecrecover(digest, uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64]));
    }
}
