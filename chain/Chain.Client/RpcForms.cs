using System.Text.Json;
using Chain.Core;

namespace Chain.Client;

/// <summary>Which state or block is asked for.</summary>
public readonly record struct BlockTag(string Text)
{
    /// <summary>The head.</summary>
    public static BlockTag Latest => new("latest");

    /// <summary>The head and what waits in the pool.</summary>
    public static BlockTag Pending => new("pending");

    /// <summary>A block by number.</summary>
    public static BlockTag Number(ulong number) => new("0x" + number.ToString("x", null));
}

/// <summary>A log with its place, as eth_getLogs and receipts give it.</summary>
public sealed record RpcLog(Log Log, ulong BlockNumber, Hash32 BlockHash, Hash32 TransactionHash, int TransactionIndex, int LogIndex);

/// <summary>A receipt with its place, as eth_getTransactionReceipt gives it.</summary>
/// <param name="TransactionHash">The transaction.</param>
/// <param name="TransactionIndex">Its place in the block.</param>
/// <param name="BlockNumber">The block.</param>
/// <param name="BlockHash">On-chain hash of the block.</param>
/// <param name="GasUsed">Gas the transaction used.</param>
/// <param name="ContractAddress">The contract created, if it was a creation.</param>
/// <param name="Receipt">What the receipt trie holds.</param>
public sealed record RpcReceipt(
    Hash32 TransactionHash, int TransactionIndex, ulong BlockNumber, Hash32 BlockHash, ulong GasUsed,
    Address? ContractAddress, Receipt Receipt)
{
    /// <summary>Whether the transaction did what it was to do.</summary>
    public bool Succeeded => Receipt.Succeeded;
}

/// <summary>A storage word with its proof (EIP-1186).</summary>
public sealed record RpcStorageProof(Hash32 Key, UInt256 Value, IReadOnlyList<byte[]> Nodes);

/// <summary>An account with its proof (EIP-1186); nothing in it is checked yet.</summary>
public sealed record RpcAccountProof(
    Address Address, ulong Nonce, UInt256 Balance, Hash32 StorageRoot, Hash32 CodeHash, IReadOnlyList<byte[]> Nodes,
    IReadOnlyList<RpcStorageProof> Storage);

/// <summary>Reads Ethereum's JSON forms. What a node sends is not trusted: anything malformed is a <see cref="FormatException"/>.</summary>
internal static class RpcForms
{
    public static ulong Quantity(JsonElement value) => Quantity256(value) is { IsUInt64: true } quantity
        ? (ulong)quantity
        : throw new FormatException("A quantity is above 64 bits.");

    public static UInt256 Quantity256(JsonElement value) =>
        UInt256.TryParseHex(Text(value), out UInt256 quantity) ? quantity : throw new FormatException("Not a quantity.");

    public static ulong Quantity(JsonElement parent, string name) => Quantity(Member(parent, name));

    public static UInt256 Quantity256(JsonElement parent, string name) => Quantity256(Member(parent, name));

    public static int Index(JsonElement parent, string name) => Quantity(parent, name) is <= int.MaxValue and var index
        ? (int)index
        : throw new FormatException($"{name} is too large.");

    public static Hash32 Hash(JsonElement value) => Hash32.Parse(Text(value));

    public static Hash32 Hash(JsonElement parent, string name) => Hash(Member(parent, name));

    public static Address Address(JsonElement parent, string name) => Core.Address.Parse(Text(Member(parent, name)));

    public static Address? OptionalAddress(JsonElement parent, string name) =>
        Optional(parent, name) is { } value ? Core.Address.Parse(Text(value)) : null;

    public static byte[] Bytes(JsonElement value) => Hex.Parse(Text(value));

    public static byte[] Bytes(JsonElement parent, string name) => Bytes(Member(parent, name));

    public static JsonElement? Optional(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value)
        && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    public static JsonElement Member(JsonElement parent, string name) =>
        Optional(parent, name) ?? throw new FormatException($"The answer lacks {name}.");

    public static IEnumerable<JsonElement> Items(JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray()
        : throw new FormatException("Not a list.");

    public static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw new FormatException("Not a text.");

    public static Log Log(JsonElement log) => new(
        Address(log, "address"),
        [.. Items(Member(log, "topics")).Select(Hash)],
        Bytes(log, "data"));

    public static RpcLog LocatedLog(JsonElement log) => new(
        Log(log), Quantity(log, "blockNumber"), Hash(log, "blockHash"), Hash(log, "transactionHash"),
        Index(log, "transactionIndex"), Index(log, "logIndex"));

    public static RpcReceipt Receipt(JsonElement receipt) => new(
        Hash(receipt, "transactionHash"),
        Index(receipt, "transactionIndex"),
        Quantity(receipt, "blockNumber"),
        Hash(receipt, "blockHash"),
        Quantity(receipt, "gasUsed"),
        OptionalAddress(receipt, "contractAddress"),
        new Receipt(
            Type(receipt),
            Quantity(receipt, "status") switch
            {
                0 => false,
                1 => true,
                _ => throw new FormatException("status is neither 0 nor 1."),
            },
            Quantity(receipt, "cumulativeGasUsed"),
            [.. Items(Member(receipt, "logs")).Select(Log)]));

    public static RpcAccountProof Proof(JsonElement proof) => new(
        Address(proof, "address"),
        Quantity(proof, "nonce"),
        Quantity256(proof, "balance"),
        Hash(proof, "storageHash"),
        Hash(proof, "codeHash"),
        [.. Items(Member(proof, "accountProof")).Select(Bytes)],
        [.. Items(Member(proof, "storageProof")).Select(s => new RpcStorageProof(
            new Hash32(Quantity256(s, "key").ToBigEndian()),
            Quantity256(s, "value"),
            [.. Items(Member(s, "proof")).Select(Bytes)]))]);

    /// <summary>A transaction; its signature included, so that its encoding and hash can be computed.</summary>
    public static Transaction Transaction(JsonElement json)
    {
        TransactionType type = Type(json);
        UInt256 v = Quantity256(json, type == TransactionType.Legacy ? "v" : Optional(json, "yParity") is null ? "v" : "yParity");
        (ulong? chainId, byte parity) = type == TransactionType.Legacy ? LegacyParity(v) : (Quantity(json, "chainId"), Parity(v));
        UInt256 cap = Quantity256(json, type == TransactionType.DynamicFee ? "maxFeePerGas" : "gasPrice");
        return new Transaction
        {
            Type = type,
            ChainId = chainId,
            Nonce = Quantity(json, "nonce"),
            GasLimit = Quantity(json, "gas"),
            MaxFeePerGas = cap,
            MaxPriorityFeePerGas = type == TransactionType.DynamicFee ? Quantity256(json, "maxPriorityFeePerGas") : cap,
            To = OptionalAddress(json, "to"),
            Value = Quantity256(json, "value"),
            Data = Bytes(json, "input"),
            AccessList = type == TransactionType.Legacy ? [] : [.. Items(Member(json, "accessList")).Select(AccessEntry)],
            Signature = new Signature(
                new Hash32(Quantity256(json, "r").ToBigEndian()), new Hash32(Quantity256(json, "s").ToBigEndian()), parity),
        };
    }

    private static AccessListEntry AccessEntry(JsonElement entry) =>
        new(Address(entry, "address"), [.. Items(Member(entry, "storageKeys")).Select(Hash)]);

    private static TransactionType Type(JsonElement parent) =>
        (Optional(parent, "type") is { } type ? Quantity(type) : 0) switch
        {
            0 => TransactionType.Legacy,
            1 => TransactionType.AccessList,
            2 => TransactionType.DynamicFee,
            _ => throw new FormatException("The transaction's type is not known."),
        };

    /// <summary>EIP-155: v = 35 + 2·chainId + parity, or 27 + parity.</summary>
    private static (ulong? ChainId, byte Parity) LegacyParity(UInt256 v) =>
        v == 27 || v == 28 ? (null, (byte)(ulong)(v - 27))
        : v >= 35 && ((v - 35) / 2).IsUInt64 ? ((ulong)((v - 35) / 2), (byte)(ulong)((v - 35) % 2))
        : throw new FormatException("v is not of EIP-155.");

    private static byte Parity(UInt256 v) => v <= 1 ? (byte)(ulong)v : throw new FormatException("The parity is neither 0 nor 1.");
}
