// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernance} from "./IGovernance.sol";

/// @title Calls that happen when a majority of governance's members has made the same one.
/// @dev No immutables: a genesis block writes slot 0 alone.
abstract contract Majority {
    IGovernance private _governance; // slot 0
    mapping(bytes32 call => mapping(address member => uint256 round)) private _votes; // slot 1
    mapping(bytes32 call => uint256) private _rounds; // slot 2: calls enacted so far

    error MajorityNotMember(address sender);

    constructor(IGovernance governance) {
        _governance = governance;
    }

    /// @dev Whether a majority of the present members has now made this very call; votes count for one enactment.
    function _agreed() internal returns (bool) {
        bytes32 call = keccak256(msg.data);
        uint256 round = _rounds[call] + 1;
        address[] memory members = _governance.getMembers();
        _votes[call][msg.sender] = round;
        uint256 votes = 0;
        bool isMember = false;
        for (uint256 i = 0; i < members.length; i++) {
            if (members[i] == msg.sender) isMember = true;
            if (_votes[call][members[i]] == round) votes++;
        }
        if (!isMember) revert MajorityNotMember(msg.sender);
        if (votes < _governance.majority()) return false;
        _rounds[call] = round;
        return true;
    }
}
