namespace Chain.Core;

/// <summary>
/// A block header as QBFT in Hyperledger Besu writes it: the Ethereum fields in order, of which those of a fork and
/// all before it are present or not. Immutable.
/// </summary>
public sealed record BlockHeader
{
    /// <summary>Keccak-256 of the empty ommers list.</summary>
    public static readonly Hash32 EmptyOmmersHash = Keccak256.Hash([0xc0]);

    /// <summary>Root of a trie without entries.</summary>
    public static readonly Hash32 EmptyTrieRoot = Keccak256.Hash([0x80]);

    /// <summary>The mixHash of every QBFT block ("ctical byzantine fault tolerance"), hence PREVRANDAO.</summary>
    public static readonly Hash32 QbftMixHash = new("ctical byzantine fault tolerance"u8);

    /// <summary>Block hash of the parent.</summary>
    public Hash32 ParentHash { get; init; }

    /// <summary>Hash of the ommers list.</summary>
    public Hash32 OmmersHash { get; init; } = EmptyOmmersHash;

    /// <summary>The validator that first proposed the block.</summary>
    public Address Coinbase { get; init; }

    /// <summary>Root of the state after the block.</summary>
    public Hash32 StateRoot { get; init; } = EmptyTrieRoot;

    /// <summary>Root of the transaction trie.</summary>
    public Hash32 TransactionsRoot { get; init; } = EmptyTrieRoot;

    /// <summary>Root of the receipt trie.</summary>
    public Hash32 ReceiptsRoot { get; init; } = EmptyTrieRoot;

    /// <summary>Union of the bloom filters of the receipts.</summary>
    public LogsBloom LogsBloom { get; init; } = LogsBloom.Empty;

    /// <summary>1 in QBFT.</summary>
    public UInt256 Difficulty { get; init; } = UInt256.One;

    /// <summary>Height, 0 for genesis.</summary>
    public ulong Number { get; init; }

    /// <summary>Most gas the transactions may use.</summary>
    public ulong GasLimit { get; init; }

    /// <summary>Gas the transactions used.</summary>
    public ulong GasUsed { get; init; }

    /// <summary>Seconds since 1970-01-01 UTC.</summary>
    public ulong Timestamp { get; init; }

    /// <summary>Raw extraData; see <see cref="QbftExtraData"/>.</summary>
    public ReadOnlyMemory<byte> ExtraData { get; init; }

    /// <summary>The constant of QBFT; PREVRANDAO elsewhere.</summary>
    public Hash32 MixHash { get; init; } = QbftMixHash;

    /// <summary>Eight bytes as a big-endian number, 0 in QBFT.</summary>
    public ulong Nonce { get; init; }

    /// <summary>Base fee per gas in wei, from London.</summary>
    public UInt256? BaseFeePerGas { get; init; }

    /// <summary>Root of the withdrawals, from Shanghai.</summary>
    public Hash32? WithdrawalsRoot { get; init; }

    /// <summary>Blob gas used, from Cancun.</summary>
    public ulong? BlobGasUsed { get; init; }

    /// <summary>Excess blob gas, from Cancun.</summary>
    public ulong? ExcessBlobGas { get; init; }

    /// <summary>Beacon root of the parent slot, from Cancun; zero in QBFT.</summary>
    public Hash32? ParentBeaconBlockRoot { get; init; }

    /// <summary>Hash of the execution requests, from Prague.</summary>
    public Hash32? RequestsHash { get; init; }

    /// <summary>
    /// The block hash: Keccak-256 of the header with round 0 and no seals if its extraData is of QBFT, of the header
    /// as it stands otherwise.
    /// </summary>
    public Hash32 Hash => HashWith(round: 0);

    /// <summary>
    /// The digest of the block in its round: seals removed, round kept. Commit seals sign it, PREPARE and COMMIT name it.
    /// </summary>
    public Hash32 CommitHash => HashWith(round: null);

    /// <summary>Reads the extraData; false when it is not of QBFT.</summary>
    public bool TryGetExtraData(out QbftExtraData extraData) => QbftExtraData.TryDecode(ExtraData.Span, out extraData);

    /// <summary>The header with other extraData.</summary>
    public BlockHeader WithExtraData(QbftExtraData extraData) => this with { ExtraData = extraData.Encode() };

    /// <summary>The header moved to a round.</summary>
    /// <exception cref="InvalidOperationException">The extraData is not of QBFT.</exception>
    public BlockHeader WithRound(int round) => WithExtraData(RequireExtraData() with { Round = round });

    /// <summary>The header with these commit seals.</summary>
    /// <exception cref="InvalidOperationException">The extraData is not of QBFT.</exception>
    public BlockHeader WithSeals(IReadOnlyList<Signature> seals) =>
        WithExtraData(RequireExtraData() with { Seals = seals });

    /// <summary>Writes the header as it stands.</summary>
    public void WriteTo(RlpWriter writer) => BlockHeaderCodec.Write(writer, this, ExtraData.Span);

    /// <summary>The encoding as it stands, round and seals included.</summary>
    public byte[] Encode()
    {
        var writer = new RlpWriter(1024);
        WriteTo(writer);
        return writer.ToArray();
    }

    /// <summary>
    /// Reads a header strictly: 15, 16, 17, 20 or 21 items, fixed widths, scalars of at most 64 bits where they are
    /// numbers of this class. The extraData is any bytes.
    /// </summary>
    public static bool TryRead(ref RlpReader reader, out BlockHeader header) =>
        BlockHeaderCodec.TryRead(ref reader, out header);

    /// <summary>Reads an encoding with nothing behind it.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out BlockHeader header)
    {
        var reader = new RlpReader(encoded);
        return TryRead(ref reader, out header) && reader.AtEnd;
    }

    /// <summary>Equality of encodings.</summary>
    public bool Equals(BlockHeader? other) =>
        ReferenceEquals(this, other) || (other is not null && Encode().AsSpan().SequenceEqual(other.Encode()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ParentHash, Number, StateRoot, Timestamp);

    private QbftExtraData RequireExtraData() =>
        TryGetExtraData(out var extraData)
            ? extraData
            : throw new InvalidOperationException("The header has no QBFT extraData.");

    private Hash32 HashWith(int? round)
    {
        var writer = new RlpWriter(1024);
        bool isQbft = TryGetExtraData(out var extra);
        BlockHeaderCodec.Write(writer, this, isQbft ? extra.Encode(round ?? extra.Round, []) : ExtraData.Span);
        return Keccak256.Hash(writer.Written);
    }
}
