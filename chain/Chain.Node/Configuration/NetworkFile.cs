namespace Chain.Node.Configuration;

/// <summary>network.json: what anyone may know of a generated network.</summary>
sealed record NetworkFile(IReadOnlyList<NetworkGroup> Groups, IReadOnlyList<NetworkNode> Nodes);

/// <summary>A group with the hash that binds its genesis, the origin line of its log, and its contracts.</summary>
sealed record NetworkGroup(
    string Name, ulong ChainId, string GenesisHash, string Origin, IReadOnlyList<NetworkContract> Contracts);

/// <summary>A contract of the genesis block.</summary>
sealed record NetworkContract(string Name, string Address, string CodeHash);

/// <summary>A node and its validator address in each group it votes in.</summary>
sealed record NetworkNode(
    string Name, string Rpc, string P2p, string TlsFingerprint, IReadOnlyDictionary<string, string> Validators);
