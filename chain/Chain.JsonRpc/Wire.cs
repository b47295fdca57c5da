using System.Text.Json.Nodes;
using Chain.Core;
using Chain.Ledger;

namespace Chain.JsonRpc;

/// <summary>
/// Ethereum's JSON forms (EIP-1474, ethereum/execution-apis): quantities without leading zeros, data with all digits.
/// Blocks carry every header item, extraData with its seals, so that the sealed header can be rebuilt from the answer;
/// <c>hash</c> is the on-chain hash (round 0, no seals).
/// </summary>
internal static class Wire
{
    public static JsonNode Quantity(ulong value) => "0x" + value.ToString("x", null);

    public static JsonNode Quantity(in UInt256 value) => value.ToHexQuantity();

    public static JsonNode Data(ReadOnlySpan<byte> bytes) => Hex.ToPrefixed(bytes);

    public static JsonNode Data(Hash32 hash) => hash.ToString();

    public static JsonNode? Data(Address? address) => address?.ToString();

    public static JsonObject Block(Block block, bool fullTransactions)
    {
        JsonObject json = Header(block.Header);
        json["size"] = Quantity((ulong)block.Encode().Length);
        json["uncles"] = new JsonArray();
        JsonArray transactions = [];
        for (int i = 0; i < block.Transactions.Count; i++)
        {
            transactions.Add(fullTransactions
                ? Transaction(block.Transactions[i], block.Header, i)
                : Data(block.Transactions[i].Hash));
        }

        json["transactions"] = transactions;
        json["withdrawals"] = new JsonArray();
        return json;
    }

    public static JsonObject Header(BlockHeader header) => new()
    {
        ["number"] = Quantity(header.Number),
        ["hash"] = Data(header.Hash),
        ["parentHash"] = Data(header.ParentHash),
        ["sha3Uncles"] = Data(header.OmmersHash),
        ["miner"] = Data(header.Coinbase),
        ["stateRoot"] = Data(header.StateRoot),
        ["transactionsRoot"] = Data(header.TransactionsRoot),
        ["receiptsRoot"] = Data(header.ReceiptsRoot),
        ["logsBloom"] = Data(header.LogsBloom.Bytes.Span),
        ["difficulty"] = Quantity(header.Difficulty),
        ["totalDifficulty"] = Quantity((UInt256)header.Number + 1),
        ["gasLimit"] = Quantity(header.GasLimit),
        ["gasUsed"] = Quantity(header.GasUsed),
        ["timestamp"] = Quantity(header.Timestamp),
        ["extraData"] = Data(header.ExtraData.Span),
        ["mixHash"] = Data(header.MixHash),
        ["nonce"] = "0x" + header.Nonce.ToString("x16", null),
        // Every block here is of Cancun, so that these are present.
        ["baseFeePerGas"] = Quantity(header.BaseFeePerGas ?? UInt256.Zero),
        ["withdrawalsRoot"] = Data(header.WithdrawalsRoot ?? BlockHeader.EmptyTrieRoot),
        ["blobGasUsed"] = Quantity(header.BlobGasUsed ?? 0),
        ["excessBlobGas"] = Quantity(header.ExcessBlobGas ?? 0),
        ["parentBeaconBlockRoot"] = Data(header.ParentBeaconBlockRoot ?? Hash32.Zero),
    };

    /// <summary>A transaction; block members are null while it is in the pool.</summary>
    public static JsonObject Transaction(Transaction transaction, BlockHeader? header, int index)
    {
        bool dynamic = transaction.Type == TransactionType.DynamicFee;
        JsonObject json = new()
        {
            ["blockHash"] = header is null ? null : Data(header.Hash),
            ["blockNumber"] = header is null ? null : Quantity(header.Number),
            ["blockTimestamp"] = header is null ? null : Quantity(header.Timestamp),
            ["from"] = Data(PoolRules.SenderOf(transaction)),
            ["gas"] = Quantity(transaction.GasLimit),
            ["gasPrice"] = Quantity(header is null ? transaction.MaxFeePerGas : EffectivePrice(transaction)),
            ["hash"] = Data(transaction.Hash),
            ["input"] = Data(transaction.Data.Span),
            ["nonce"] = Quantity(transaction.Nonce),
            ["to"] = Data(transaction.To),
            ["transactionIndex"] = header is null ? null : Quantity((ulong)index),
            ["value"] = Quantity(transaction.Value),
            ["type"] = Quantity((ulong)transaction.Type),
            ["chainId"] = transaction.ChainId is { } chainId ? Quantity(chainId) : null,
            ["v"] = Quantity(V(transaction)),
            ["r"] = Quantity(UInt256.FromBigEndian(transaction.Signature.R.Bytes)),
            ["s"] = Quantity(UInt256.FromBigEndian(transaction.Signature.S.Bytes)),
        };
        if (dynamic)
        {
            json["maxFeePerGas"] = Quantity(transaction.MaxFeePerGas);
            json["maxPriorityFeePerGas"] = Quantity(transaction.MaxPriorityFeePerGas);
        }

        if (transaction.Type != TransactionType.Legacy)
        {
            json["accessList"] = AccessList(transaction);
            json["yParity"] = Quantity((ulong)transaction.Signature.YParity);
        }
        else if (transaction.ChainId is null)
        {
            json.Remove("chainId");
        }

        return json;
    }

    public static JsonArray Receipts(Block block, IReadOnlyList<Receipt> receipts)
    {
        JsonArray all = [];
        int firstLog = 0;
        ulong before = 0;
        for (int i = 0; i < receipts.Count; i++)
        {
            all.Add(Receipt(block, receipts[i], i, before, firstLog));
            before = receipts[i].CumulativeGasUsed;
            firstLog += receipts[i].Logs.Count;
        }

        return all;
    }

    public static JsonObject Receipt(Block block, IReadOnlyList<Receipt> receipts, int index) => Receipt(
        block, receipts[index], index, index == 0 ? 0 : receipts[index - 1].CumulativeGasUsed,
        receipts.Take(index).Sum(r => r.Logs.Count));

    public static JsonObject Log(LocatedLog located) => new()
    {
        ["address"] = Data(located.Log.Address),
        ["topics"] = new JsonArray([.. located.Log.Topics.Select(t => Data(t))]),
        ["data"] = Data(located.Log.Data.Span),
        ["blockNumber"] = Quantity(located.BlockNumber),
        ["transactionHash"] = Data(located.TransactionHash),
        ["transactionIndex"] = Quantity((ulong)located.TransactionIndex),
        ["blockHash"] = Data(located.BlockHash),
        ["blockTimestamp"] = Quantity(located.BlockTimestamp),
        ["logIndex"] = Quantity((ulong)located.LogIndex),
        ["removed"] = false,
    };

    private static JsonObject Receipt(Block block, Receipt receipt, int index, ulong gasBefore, int firstLog)
    {
        Transaction transaction = block.Transactions[index];
        JsonArray logs = [];
        for (int i = 0; i < receipt.Logs.Count; i++)
        {
            logs.Add(Log(new LocatedLog(
                receipt.Logs[i], block.Header.Number, block.Header.Hash, block.Header.Timestamp,
                transaction.Hash, index, firstLog + i)));
        }

        return new JsonObject
        {
            ["blockHash"] = Data(block.Header.Hash),
            ["blockNumber"] = Quantity(block.Header.Number),
            ["contractAddress"] = transaction.To is null
                ? Data(Address.OfCreate(PoolRules.SenderOf(transaction), transaction.Nonce))
                : null,
            ["cumulativeGasUsed"] = Quantity(receipt.CumulativeGasUsed),
            ["effectiveGasPrice"] = Quantity(EffectivePrice(transaction)),
            ["from"] = Data(PoolRules.SenderOf(transaction)),
            ["gasUsed"] = Quantity(receipt.CumulativeGasUsed - gasBefore),
            ["logs"] = logs,
            ["logsBloom"] = Data(receipt.Bloom.Bytes.Span),
            ["status"] = receipt.Succeeded ? "0x1" : "0x0",
            ["to"] = Data(transaction.To),
            ["transactionHash"] = Data(transaction.Hash),
            ["transactionIndex"] = Quantity((ulong)index),
            ["type"] = Quantity((ulong)transaction.Type),
        };
    }

    /// <summary>EIP-1559 with base fee 0: the tip, at most the cap.</summary>
    private static UInt256 EffectivePrice(Transaction transaction) => PoolRules.Tip(transaction);

    /// <summary>EIP-155 for legacy transactions, else the parity.</summary>
    private static UInt256 V(Transaction transaction) => transaction switch
    {
        { Type: not TransactionType.Legacy } => (ulong)transaction.Signature.YParity,
        { ChainId: { } chainId } => (UInt256)chainId * 2 + 35 + (ulong)transaction.Signature.YParity,
        _ => 27 + (ulong)transaction.Signature.YParity,
    };

    private static JsonArray AccessList(Transaction transaction)
    {
        JsonArray list = [];
        foreach (AccessListEntry entry in transaction.AccessList)
        {
            list.Add(new JsonObject
            {
                ["address"] = Data(entry.Address),
                ["storageKeys"] = new JsonArray([.. entry.StorageKeys.Select(k => Data(k))]),
            });
        }

        return list;
    }
}
