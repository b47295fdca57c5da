using System.ComponentModel.DataAnnotations;
using Chain.Client;
using Chain.Core;
using Proofs;
using Proofs.Liabilities;

namespace Prepaid.Days;

/// <summary>Where roots are recorded. Without this section days are closed and their roots stay open.</summary>
public sealed record LiabilityOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Liabilities";

    /// <summary>JSON-RPC addresses of the group's nodes.</summary>
    [Required, MinLength(1)]
    public IReadOnlyList<string> Rpc { get; init; } = [];

    /// <summary>Chain id of the group.</summary>
    [Range(1, long.MaxValue)]
    public long ChainId { get; init; }

    /// <summary>Address of LiabilityRegistry.</summary>
    [Required]
    public string Registry { get; init; } = "0x0000000000000000000000000000000000001003";
}

/// <summary>What became of a root.</summary>
internal enum RootState
{
    /// <summary>The chain has it.</summary>
    Recorded,

    /// <summary>Not yet: the chain is away, or this account is not admitted.</summary>
    Open,

    /// <summary>The chain has another one for this merchant and day: somebody published twice.</summary>
    Another,
}

/// <summary>LiabilityRegistry (contracts-sol/src/Liabilities) by the service's account.</summary>
internal sealed class RootPublisher(ChainClient chain, Address registry, DurableSender sender)
{
    /// <summary>File of the account's key, in the service's data folder; made at first use.</summary>
    public const string AccountFile = "liability.key";

    // An entry costs about 55,000 and a block has 50,000,000.
    private const int EntriesMax = 200;
    private const ulong GasOfEntry = 75_000;
    private const ulong GasOfCall = 100_000;

    private static readonly AbiFunction Record = AbiFunction.Parse(
        "record(uint32,(bytes32,bytes32,uint64,uint64,uint8)[])");
    private static readonly AbiFunction LiabilityOf = AbiFunction.Parse(
        "liabilityOf(bytes32,uint32) returns (bytes32, uint64, uint64, uint64, uint8)");

    private readonly Contract _contract = new(chain, registry);

    /// <summary>Records the roots of a day that are not on the chain yet.</summary>
    /// <returns>What became of each, in order.</returns>
    public async Task<IReadOnlyList<RootState>> PublishAsync(
        DateOnly day, IReadOnlyList<DayRow> rows, CancellationToken cancellation)
    {
        await sender.ResumeAsync(cancellation);
        RootState[] states = await StatesAsync(day, rows, cancellation);
        foreach (DayRow[] part in rows.Where((_, i) => states[i] == RootState.Open).Chunk(EntriesMax))
        {
            object[] entries = [.. part.Select(r => (object)new object[]
            {
                new Hash32(LiabilityLeaf.MerchantHash(r.Merchant)), new Hash32(r.Root.Hash),
                (UInt256)(ulong)r.Root.Total.PrincipalFen, (UInt256)(ulong)r.Root.Total.GiftFen,
                (UInt256)(ulong)r.Root.Depth,
            })];
            SendOutcome outcome = await sender.SendAsync(new TransactionRequest
            {
                To = registry,
                Data = Record.Encode((UInt256)(ulong)LiabilityRootFile.Number(day), entries),
                GasLimit = GasOfCall + (ulong)part.Length * GasOfEntry,
            }, cancellation);
            if (outcome.Status != SendStatus.Succeeded)
                break;
        }
        return await StatesAsync(day, rows, cancellation);
    }

    /// <summary>The proof of a recorded root at the head.</summary>
    /// <exception cref="FormatException">The node's answers don't fit each other.</exception>
    public async Task<byte[]> ProveAsync(DayRow row, CancellationToken cancellation)
    {
        BlockTag at = BlockTag.Number(await chain.BlockNumberAsync(cancellation));
        BlockHeader header = await chain.HeaderAsync(at, cancellation)
            ?? throw new FormatException("The node has no head.");
        RpcAccountProof proof = await chain.ProofAsync(
            registry, LiabilityRootFile.Slots(row.Merchant, row.Day), at, cancellation);
        return new LiabilityRootFile(row.Merchant, row.Day, new StateProof(
            header.Encode(), proof.Nodes, [.. proof.Storage.Select(s => s.Nodes)])).ToBytes();
    }

    /// <summary>The number of the last block.</summary>
    public async Task<long> HeadAsync(CancellationToken cancellation) =>
        (long)await chain.BlockNumberAsync(cancellation);

    /// <summary>The hash of a block; null while there is none of that number.</summary>
    public async Task<byte[]?> BlockHashAsync(long number, CancellationToken cancellation) =>
        (await chain.HeaderAsync(BlockTag.Number((ulong)number), cancellation))?.Hash.ToArray();

    private async Task<RootState[]> StatesAsync(
        DateOnly day, IReadOnlyList<DayRow> rows, CancellationToken cancellation)
    {
        RootState[] states = new RootState[rows.Count];
        for (int i = 0; i < rows.Count; i++)
        {
            object[] known = await _contract.CallAsync(LiabilityOf, BlockTag.Latest, cancellation,
                new Hash32(LiabilityLeaf.MerchantHash(rows[i].Merchant)), (UInt256)(ulong)LiabilityRootFile.Number(day));
            states[i] = (Hash32)known[0] == Hash32.Zero ? RootState.Open
                : (Hash32)known[0] == new Hash32(rows[i].Root.Hash) ? RootState.Recorded : RootState.Another;
        }
        return states;
    }
}
