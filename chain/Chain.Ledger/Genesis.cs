using System.Text.Json;
using Chain.Core;

namespace Chain.Ledger;

/// <summary>An account that exists from the start.</summary>
/// <param name="Address">Address.</param>
/// <param name="Balance">Balance in wei.</param>
/// <param name="Nonce">Nonce.</param>
/// <param name="Code">Runtime code, empty for an account without.</param>
/// <param name="Storage">Storage words that are not zero.</param>
public sealed record GenesisAccount(
    Address Address, UInt256 Balance, ulong Nonce, ReadOnlyMemory<byte> Code,
    IReadOnlyDictionary<UInt256, UInt256> Storage);

/// <summary>
/// What a group starts from, in the JSON form of geth and Besu: <c>config.chainId</c>, <c>alloc</c> with code and storage,
/// and the header fields. Every fork up to Cancun is in force from block 0; later ones are refused.
/// </summary>
public sealed record Genesis
{
    /// <summary>Where the validator set lives unless <c>config.qbft.validatorcontractaddress</c> says otherwise.</summary>
    public static readonly Address DefaultGovernance = Address.Parse("0x0000000000000000000000000000000000001000");

    private static readonly Address BeaconRoots = Address.Parse("0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02");

    /// <summary>EIP-155 chain id.</summary>
    public required ulong ChainId { get; init; }

    /// <summary>Contract whose storage slot 0 is <c>address[] validators</c>.</summary>
    public required Address Governance { get; init; }

    /// <summary>Accounts, ascending by address.</summary>
    public required IReadOnlyList<GenesisAccount> Accounts { get; init; }

    /// <summary>Gas limit of this and, as nobody votes on it, every later block.</summary>
    public required ulong GasLimit { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required ulong Timestamp { get; init; }

    /// <summary>QBFT extra data, as it stands in the header.</summary>
    public required ReadOnlyMemory<byte> ExtraData { get; init; }

    /// <summary>PREVRANDAO of every block; QBFT's constant.</summary>
    public required Hash32 MixHash { get; init; }

    /// <summary>Reads a genesis file.</summary>
    /// <exception cref="FormatException">It is not of that form, or asks for forks or values that this chain doesn't have.</exception>
    public static Genesis Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or OverflowException)
        {
            throw new FormatException("The genesis file is malformed: " + e.Message, e);
        }
    }

    private static Genesis Read(JsonElement root)
    {
        JsonElement config = root.GetProperty("config");
        RefuseLaterForks(config);
        Require(Number(root, "difficulty", 1) == 1, "difficulty must be 1");
        Require(Number(root, "nonce", 0) == 0, "nonce must be 0");
        Require(Number(root, "baseFeePerGas", 0) == 0, "baseFeePerGas must be 0");
        Require(Number(root, "number", 0) == 0, "number must be 0");
        Require(Number(root, "gasUsed", 0) == 0, "gasUsed must be 0");
        Require(Number(root, "blobGasUsed", 0) == 0 && Number(root, "excessBlobGas", 0) == 0, "there are no blobs");
        Require(IsZero(root, "coinbase") && IsZero(root, "parentHash"), "coinbase and parentHash must be 0");

        List<GenesisAccount> accounts = [];
        foreach (JsonProperty entry in root.GetProperty("alloc").EnumerateObject())
        {
            accounts.Add(ReadAccount(Address.Parse(entry.Name), entry.Value));
        }

        accounts.Sort((a, b) => a.Address.CompareTo(b.Address));
        Require(accounts.All(a => a.Address != BeaconRoots), "the contract of EIP-4788 is not called here");
        Require(!accounts.Zip(accounts.Skip(1)).Any(p => p.First.Address == p.Second.Address), "an account occurs twice");
        return new Genesis
        {
            ChainId = (ulong)Number(config, "chainId", null),
            Governance = ReadGovernance(config),
            Accounts = accounts,
            GasLimit = (ulong)Number(root, "gasLimit", null),
            Timestamp = (ulong)Number(root, "timestamp", 0),
            ExtraData = Hex.Parse(root.GetProperty("extraData").GetString()),
            MixHash = Hash32.Parse(root.GetProperty("mixHash").GetString()),
        };
    }

    private static GenesisAccount ReadAccount(Address address, JsonElement account)
    {
        Dictionary<UInt256, UInt256> storage = [];
        if (account.TryGetProperty("storage", out JsonElement slots))
        {
            foreach (JsonProperty slot in slots.EnumerateObject())
            {
                UInt256 value = UInt256.FromBigEndian(Hash32.LeftPadded(Hex.Parse(slot.Value.GetString())).Bytes);
                if (!value.IsZero)
                {
                    storage.Add(UInt256.FromBigEndian(Hash32.LeftPadded(Hex.Parse(slot.Name)).Bytes), value);
                }
            }
        }

        return new GenesisAccount(
            address,
            Number(account, "balance", 0),
            (ulong)Number(account, "nonce", 0),
            account.TryGetProperty("code", out JsonElement code) ? Hex.Parse(code.GetString()) : [],
            storage);
    }

    private static Address ReadGovernance(JsonElement config)
    {
        if (config.TryGetProperty("qbft", out JsonElement qbft))
        {
            foreach (JsonProperty setting in qbft.EnumerateObject())
            {
                if (setting.Name.Equals("validatorcontractaddress", StringComparison.OrdinalIgnoreCase))
                {
                    return Address.Parse(setting.Value.GetString());
                }
            }
        }

        return DefaultGovernance;
    }

    private static void RefuseLaterForks(JsonElement config)
    {
        foreach (JsonProperty fork in config.EnumerateObject())
        {
            bool block = fork.Name.EndsWith("Block", StringComparison.Ordinal);
            bool time = fork.Name.EndsWith("Time", StringComparison.Ordinal);
            Require(!time || fork.Name is "shanghaiTime" or "cancunTime", $"{fork.Name} is not known here");
            Require(!(block || time) || Number(config, fork.Name, null).IsZero, $"{fork.Name} must be 0");
        }

        Require(config.TryGetProperty("cancunTime", out _), "cancunTime must be 0");
    }

    /// <summary>A number as JSON number, as decimal text, or as 0x and digits; geth and Besu write all three.</summary>
    private static UInt256 Number(JsonElement parent, string name, UInt256? absent)
    {
        if (!parent.TryGetProperty(name, out JsonElement value))
        {
            return absent ?? throw new FormatException($"The genesis file lacks {name}.");
        }

        return value.ValueKind == JsonValueKind.Number ? value.GetUInt64() : UInt256.Parse(value.GetString()!);
    }

    private static bool IsZero(JsonElement parent, string name) =>
        !parent.TryGetProperty(name, out JsonElement value)
        || !Hex.Parse(value.GetString()).AsSpan().ContainsAnyExcept((byte)0);

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new FormatException($"The genesis file can't be used: {message}.");
        }
    }
}
