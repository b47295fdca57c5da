// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title RFC 9162 consistency proofs over SHA-256.
/// @dev Inner nodes are SHA-256(0x01 || left || right); a leaf can't be taken for a node because leaves are hashed
/// with 0x00 in front (RFC 9162 §2.1.1).
library ConsistencyProof {
    /// @notice Whether `proof` shows that the tree of `second` entries extends the tree of `first` entries.
    /// @dev RFC 9162 §2.1.4.2. Every element of the proof must be used, and none may be missing.
    function verify(
        uint64 first,
        bytes32 firstRoot,
        uint64 second,
        bytes32 secondRoot,
        bytes32[] calldata proof
    ) internal pure returns (bool) {
        if (first > second) return false;
        if (first == second) return proof.length == 0 && firstRoot == secondRoot;
        if (first == 0) return proof.length == 0;

        // Tree positions of the last leaf of either tree.
        uint64 fn = first - 1;
        uint64 sn = second - 1;
        while (fn & 1 == 1) {
            fn >>= 1;
            sn >>= 1;
        }

        // When `first` is a power of two its root is itself the first node of the path and is left out of the proof.
        uint256 next = 0;
        bytes32 fr = firstRoot;
        if (fn != 0) {
            if (proof.length == 0) return false;
            fr = proof[0];
            next = 1;
        }
        bytes32 sr = fr;

        for (; next < proof.length; next++) {
            if (sn == 0) return false;
            bytes32 node = proof[next];
            if (fn & 1 == 1 || fn == sn) {
                fr = _hash(node, fr);
                sr = _hash(node, sr);
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                sr = _hash(sr, node);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && fr == firstRoot && sr == secondRoot;
    }

    function _hash(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }
}
