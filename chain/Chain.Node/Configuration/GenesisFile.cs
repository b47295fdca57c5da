using System.Text.Json.Serialization;

namespace Chain.Node.Configuration;

/// <summary>A genesis block in the JSON form that geth and Besu read.</summary>
sealed record GenesisFile
{
    public required GenesisRules Config { get; init; }

    public required string Nonce { get; init; }

    public required string Timestamp { get; init; }

    public required string ExtraData { get; init; }

    public required string GasLimit { get; init; }

    public required string Difficulty { get; init; }

    public required string MixHash { get; init; }

    public required string Coinbase { get; init; }

    public required string BaseFeePerGas { get; init; }

    public required IReadOnlyDictionary<string, GenesisAccount> Alloc { get; init; }
}

/// <summary>The fork schedule (Cancun from the first block) and QBFT in contract mode.</summary>
sealed record GenesisRules
{
    public required ulong ChainId { get; init; }

    public int HomesteadBlock { get; init; }

    [JsonPropertyName("eip150Block")]
    public int Eip150Block { get; init; }

    [JsonPropertyName("eip155Block")]
    public int Eip155Block { get; init; }

    [JsonPropertyName("eip158Block")]
    public int Eip158Block { get; init; }

    public int ByzantiumBlock { get; init; }

    public int ConstantinopleBlock { get; init; }

    public int PetersburgBlock { get; init; }

    public int IstanbulBlock { get; init; }

    public int BerlinBlock { get; init; }

    public int LondonBlock { get; init; }

    public ulong ShanghaiTime { get; init; }

    public ulong CancunTime { get; init; }

    public bool ZeroBaseFee { get; init; } = true;

    public required GenesisQbft Qbft { get; init; }
}

/// <summary>QBFT settings under the names that Besu uses.</summary>
sealed record GenesisQbft
{
    [JsonPropertyName("blockperiodseconds")]
    public int BlockPeriodSeconds { get; init; } = 1;

    [JsonPropertyName("requesttimeoutseconds")]
    public int RequestTimeoutSeconds { get; init; } = 1;

    [JsonPropertyName("epochlength")]
    public int EpochLength { get; init; } = 30000;

    [JsonPropertyName("validatorcontractaddress")]
    public required string ValidatorContractAddress { get; init; }
}

/// <summary>An account of the genesis state.</summary>
sealed record GenesisAccount
{
    public required string Balance { get; init; }

    public required string Nonce { get; init; }

    public required string Code { get; init; }

    public required IReadOnlyDictionary<string, string> Storage { get; init; }
}
