using System.Collections.Concurrent;
using System.Collections.Immutable;
using Chain.Client;
using Chain.Core;
using ServiceDefaults.Problems;
using Voprf;

namespace Receivables.Pledges;

/// <summary>A claim as the chain has it.</summary>
/// <param name="Id">Its first key.</param>
/// <param name="Platform">Who has the right.</param>
/// <param name="ClaimedAt">Unix seconds of the block that took it.</param>
/// <param name="Vouchers">Vouchers bound to it.</param>
/// <param name="Transfers">How often it was moved.</param>
/// <param name="Supplier">The account that confirms transfers.</param>
public sealed record ChainClaim(
    Hash32 Id, Address Platform, ulong ClaimedAt, uint Vouchers, ulong Transfers, Address Supplier)
{
    /// <summary>Whether nothing has been done with it since it was claimed.</summary>
    public bool IsFresh => Vouchers == 0 && Transfers == 0;
}

/// <summary>Key epochs that are open, the oldest first, as members admitted them.</summary>
public sealed record KeyEpoch(int Number, ThresholdKey Key);

/// <summary>PledgeRegistry (contracts-sol/src/Pledging/IPledgeRegistry.sol) by one platform's account.</summary>
public sealed class RegistryClient(ChainClient chain, Address registry, PledgeSender sender)
{
    // A claim with two keys costs about 250,000; estimates would run in the commitment's own block and fail.
    private const ulong Gas = 1_000_000;

    private static readonly AbiFunction Commit = AbiFunction.Parse("commit(bytes32)");
    private static readonly AbiFunction Claim = AbiFunction.Parse("claim(bytes32[],address,bytes32)");
    private static readonly AbiFunction Bind = AbiFunction.Parse("bind(bytes32,bytes32)");
    private static readonly AbiFunction Link = AbiFunction.Parse("link(bytes32,bytes32)");
    private static readonly AbiFunction Release = AbiFunction.Parse("release(bytes32)");
    private static readonly AbiFunction Transfer = AbiFunction.Parse("transfer(bytes32,address,bytes32,bytes)");
    private static readonly AbiFunction ClaimOf = AbiFunction.Parse(
        "claimOf(bytes32) returns (bytes32, address, uint64, uint32, uint64, address)");
    private static readonly AbiFunction CommitmentOf = AbiFunction.Parse(
        "commitmentOf(address,bytes32[],address,bytes32) returns (bytes32)");
    private static readonly AbiFunction TransferDigest = AbiFunction.Parse(
        "transferDigest(bytes32,address,bytes32) returns (bytes32)");
    private static readonly AbiFunction KeyEpochs = AbiFunction.Parse("keyEpochs() returns (uint32, uint32)");
    private static readonly AbiEvent EpochOpened = AbiEvent.Parse(
        "KeyEpochOpened(uint32 indexed epoch, bytes publicKey, bytes[3] shares, address[3] holders)");
    private static readonly AbiEvent Bound = AbiEvent.Parse(
        "VoucherBound(bytes32 indexed id, address indexed platform, bytes32 voucher)");

    private static readonly AbiEvent Transferred = AbiEvent.Parse(
        "Transferred(bytes32 indexed id, address indexed from, address indexed to, bytes32 statement)");

    private const int ClaimsKept = 10_000;
    private const ulong BlocksAtOnce = 10_000;

    private readonly Contract _contract = new(chain, registry);
    private readonly ConcurrentDictionary<Hash32, BoundRead> _bound = new();
    private EpochsRead _epochs = new(0, []);

    /// <summary>This platform's account.</summary>
    public Address Platform => sender.Sender;

    /// <summary>The contract.</summary>
    public Address Address => registry;

    /// <summary>Settles what an earlier run of this process left open.</summary>
    public Task ResumeAsync(CancellationToken cancellation) => sender.ResumeAsync(cancellation);

    /// <summary>Open key epochs with their public points.</summary>
    /// <exception cref="ProblemException">Members have opened none yet.</exception>
    /// <exception cref="FormatException">The chain has points that do not hold together.</exception>
    public async Task<IReadOnlyList<KeyEpoch>> EpochsAsync(CancellationToken cancellation)
    {
        object[] open = await _contract.CallAsync(KeyEpochs, BlockTag.Latest, cancellation);
        (int oldest, int newest) = ((int)(ulong)(UInt256)open[0], (int)(ulong)(UInt256)open[1]);
        if (newest == 0)
            throw new ProblemException(Problem.Of("pledge-not-founded"));
        (ulong from, IReadOnlyList<KeyEpoch> known) = Volatile.Read(ref _epochs);
        ulong head = await chain.BlockNumberAsync(cancellation);
        if (head >= from)
        {
            // Blocks are final: what was read of them stays so.
            known = [.. known, .. (await _contract.EventsAsync(EpochOpened, from, head, cancellation))
                .Select(e => new KeyEpoch((int)(ulong)(UInt256)e.Values[0], new ThresholdKey(
                    PointOf((byte[])e.Values[1]), [.. ((object[])e.Values[2]).Select(s => PointOf((byte[])s))])))];
            Volatile.Write(ref _epochs, new EpochsRead(head + 1, known));
        }
        return [.. known.Where(e => e.Number >= oldest && e.Number <= newest).DistinctBy(e => e.Number)
            .OrderBy(e => e.Number)];
    }

    /// <summary>Who has the right to the thing with this key now, or null.</summary>
    public async Task<ChainClaim?> FindAsync(Hash32 key, CancellationToken cancellation)
    {
        object[] c = await _contract.CallAsync(ClaimOf, BlockTag.Latest, cancellation, key);
        return ((Address)c[1]).Equals(Address.Zero)
            ? null
            : new ChainClaim(
                (Hash32)c[0], (Address)c[1], (ulong)(UInt256)c[2], (uint)(ulong)(UInt256)c[3], (ulong)(UInt256)c[4],
                (Address)c[5]);
    }

    /// <summary>Commits to a claim, in a block of its own before the claim's.</summary>
    public async Task<SendOutcome> CommitAsync(
        IReadOnlyList<Hash32> keys, Address supplier, Hash32 salt, CancellationToken cancellation)
    {
        object[] commitment = await _contract.CallAsync(
            CommitmentOf, BlockTag.Latest, cancellation, Platform, Words(keys), supplier, salt);
        return await SendAsync(Commit.Encode(commitment[0]), cancellation);
    }

    /// <summary>Reveals a commitment that is in a block.</summary>
    public Task<SendOutcome> ClaimAsync(
        IReadOnlyList<Hash32> keys, Address supplier, Hash32 salt, CancellationToken cancellation) =>
        SendAsync(Claim.Encode(Words(keys), supplier, salt), cancellation);

    /// <summary>Binds a voucher by its digest.</summary>
    public Task<SendOutcome> BindAsync(Hash32 id, Hash32 voucher, CancellationToken cancellation) =>
        SendAsync(Bind.Encode(id, voucher), cancellation);

    /// <summary>Whether a voucher's digest was bound to a claim by this platform.</summary>
    /// <remarks>Blocks are final: what was read of them stays so, and only newer ones are read again.</remarks>
    public async Task<bool> IsBoundAsync(Hash32 id, Hash32 voucher, CancellationToken cancellation)
    {
        BoundRead read = _bound.GetValueOrDefault(id, BoundRead.Nothing);
        if (read.Vouchers.Contains(voucher))
            return true;
        ulong head = await chain.BlockNumberAsync(cancellation);
        // A claim without vouchers, which every new one is, has no event to look for.
        bool some = read.From > 0 || await FindAsync(id, cancellation) is { Vouchers: > 0 };
        if (some && head >= read.From)
        {
            IReadOnlyList<RpcLog> logs = await chain.LogsAsync(
                registry, [Bound.Topic, id, Platform.ToWord()], read.From, head, cancellation);
            read = read with { Vouchers = read.Vouchers.Union(logs.Select(l => new Hash32(l.Log.Data.Span))) };
        }
        if (_bound.Count >= ClaimsKept)
            _bound.Clear();
        _bound[id] = read with { From = Math.Max(read.From, head + 1) };
        return read.Vouchers.Contains(voucher);
    }

    /// <summary>Whether the last transfer of a claim came here with this statement; older ones tell too little.</summary>
    /// <remarks>It was most likely made just now, so the newest blocks are read first.</remarks>
    public async Task<bool> IsTransferredAsync(ChainClaim claim, Hash32 statement, CancellationToken cancellation)
    {
        if (claim.Transfers == 0)
            return false;
        ulong end = await chain.BlockNumberAsync(cancellation);
        for (; ; )
        {
            ulong start = end >= BlocksAtOnce ? end - BlocksAtOnce + 1 : 0;
            IReadOnlyList<RpcLog> logs =
                await chain.LogsAsync(registry, [Transferred.Topic, claim.Id], start, end, cancellation);
            if (logs.Count > 0)
            {
                return logs[^1].Log.Topics[3] == Platform.ToWord()
                    && logs[^1].Log.Data.Span.SequenceEqual(statement.Bytes);
            }
            if (start == 0)
                return false;
            end = start - 1;
        }
    }

    /// <summary>Adds the newer epoch's key.</summary>
    public Task<SendOutcome> LinkAsync(Hash32 id, Hash32 key, CancellationToken cancellation) =>
        SendAsync(Link.Encode(id, key), cancellation);

    /// <summary>Gives the right up.</summary>
    public Task<SendOutcome> ReleaseAsync(Hash32 id, CancellationToken cancellation) =>
        SendAsync(Release.Encode(id), cancellation);

    /// <summary>Hands the claim to another platform with the supplier's signature.</summary>
    public Task<SendOutcome> TransferAsync(
        Hash32 id, Address to, Hash32 statement, byte[] signature, CancellationToken cancellation) =>
        SendAsync(Transfer.Encode(id, to, statement, signature), cancellation);

    /// <summary>What the supplier signs to confirm a transfer.</summary>
    public async Task<Hash32> TransferDigestAsync(
        Hash32 id, Address to, Hash32 statement, CancellationToken cancellation) =>
        (Hash32)(await _contract.CallAsync(TransferDigest, BlockTag.Latest, cancellation, id, to, statement))[0];

    /// <summary>The chain's own proof of who holds a key at the head.</summary>
    public Task<ClaimEvidence> ProveAsync(Hash32 key, CancellationToken cancellation) =>
        ClaimEvidence.FetchAsync(chain, registry, key, cancellation);

    private async Task<SendOutcome> SendAsync(byte[] data, CancellationToken cancellation) => await sender.SendAsync(
        new TransactionRequest { To = registry, Data = data, GasLimit = Gas }, cancellation);

    /// <summary>Digests bound to one claim in the blocks before one.</summary>
    private sealed record BoundRead(ulong From, ImmutableHashSet<Hash32> Vouchers)
    {
        public static readonly BoundRead Nothing = new(0, []);
    }

    /// <summary>Epochs of the blocks before one.</summary>
    private sealed record EpochsRead(ulong From, IReadOnlyList<KeyEpoch> Known);

    private static object[] Words(IReadOnlyList<Hash32> keys) => [.. keys.Select(k => (object)k)];

    private static Point PointOf(byte[] encoded) =>
        Point.TryRead(encoded, out Point? point) ? point : throw new FormatException("The registry's key is no point.");
}
