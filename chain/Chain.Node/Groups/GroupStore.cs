using Chain.Ledger;
using Chain.Node.Configuration;
using Chain.State;

namespace Chain.Node.Groups;

/// <summary>What a group keeps on disk: its ledger in LMDB, and the consensus record beside it.</summary>
sealed class GroupStore : IDisposable
{
    readonly IKeyValueStore _store;

    GroupStore(IKeyValueStore store, GroupLedger ledger, VoteFile votes)
    {
        _store = store;
        Ledger = ledger;
        Votes = votes;
    }

    public GroupLedger Ledger { get; }

    public VoteFile Votes { get; }

    /// <summary>Opens or creates the group's files.</summary>
    /// <exception cref="InvalidOperationException">The folder holds another genesis.</exception>
    /// <exception cref="FormatException">The genesis file is malformed.</exception>
    public static GroupStore Open(string folder, string genesisPath)
    {
        var genesis = Genesis.Parse(File.ReadAllBytes(genesisPath));
        PrivateFiles.CreateFolder(folder);
        var votes = VoteFile.Open(folder);
        var store = LmdbStore.Open(folder);
        return new GroupStore(store, GroupLedger.Open(genesis, store), votes);
    }

    public void Dispose()
    {
        Votes.Dispose();
        _store.Dispose();
    }
}
