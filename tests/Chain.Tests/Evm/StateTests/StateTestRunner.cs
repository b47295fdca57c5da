using System.Text.Json;
using Chain.Core;
using Chain.Evm;
using Chain.State;

namespace Chain.Tests.Evm.StateTests;

/// <summary>Runs one case and says what differs.</summary>
internal sealed class StateTestRunner
{
    private static readonly Hash32 NoLogs = Keccak256.Hash([0xc0]);

    private readonly TransactionExecutor _executor = new();

    /// <summary>Null when the case passes, else the first difference.</summary>
    public string? Run(StateTestCase test)
    {
        // The transaction runs on a state read back from its tries.
        var nodes = new StateWrites();
        var before = new WorldState(nodes, BlockHeader.EmptyTrieRoot);
        Fill(before, test.Pre);
        var state = new WorldState(nodes, before.Commit(nodes));
        ExecutionResult? result = null;
        if (Transaction.TryDecode(test.Transaction, out var transaction))
            result = _executor.Execute(state, test.Block, transaction);
        var refused = result is null or { Status: ExecutionStatus.Refused };
        if (refused != test.IsRefused)
            return refused ? $"refused: {result?.Refusal.ToString() ?? "unreadable"}" : "not refused";
        var root = state.Commit(nodes);
        var logs = refused ? NoLogs : HashOfLogs(result!.Logs);
        if (root == test.StateRoot && logs == test.LogsHash)
            return null;
        return $"{(root == test.StateRoot ? "logs" : "root")} after {result?.Halt}, gas {result?.GasUsed}";
    }

    private static void Fill(WorldState state, JsonElement pre)
    {
        state.BeginTransaction();
        foreach (var account in pre.EnumerateObject())
        {
            var address = Address.Parse(account.Name);
            state.AddBalance(address, StateTestCase.Number(account.Value.GetProperty("balance")));
            state.SetNonce(address, (ulong)StateTestCase.Number(account.Value.GetProperty("nonce")));
            state.SetCode(address, StateTestCase.Bytes(account.Value.GetProperty("code")));
            foreach (var slot in account.Value.GetProperty("storage").EnumerateObject())
                state.SetStorage(address, Chain.Core.UInt256.Parse(slot.Name), StateTestCase.Number(slot.Value));
        }
    }

    private static Hash32 HashOfLogs(IReadOnlyList<Log> logs)
    {
        var writer = new RlpWriter();
        var list = writer.StartList();
        foreach (var log in logs)
            log.WriteTo(writer);
        writer.EndList(list);
        return Keccak256.Hash(writer.Written);
    }
}
