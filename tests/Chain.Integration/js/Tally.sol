// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A sum that anybody may add to; for checking clients against the chain.
contract Tally {
    uint256 public total;

    event Added(address indexed who, uint256 amount);

    function add(uint256 amount) external {
        require(amount > 0, "nothing to add");
        total += amount;
        emit Added(msg.sender, amount);
    }
}
