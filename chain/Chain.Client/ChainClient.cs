using System.Text.Json;
using System.Text.Json.Nodes;
using Chain.Core;

namespace Chain.Client;

/// <summary>Typed Ethereum calls over <see cref="RpcClient"/>: standard methods only. Safe for concurrent use.</summary>
/// <remarks>
/// Every method throws <see cref="RpcErrorException"/> for an error answer, <see cref="NodesUnreachableException"/> when
/// no node answers and <see cref="FormatException"/> for an answer that is not of the standard form.
/// </remarks>
public sealed class ChainClient(RpcClient rpc)
{
    /// <summary>The JSON-RPC client underneath.</summary>
    public RpcClient Rpc { get; } = rpc;

    /// <summary>EIP-155 chain id.</summary>
    public async Task<ulong> ChainIdAsync(CancellationToken cancellation) =>
        RpcForms.Quantity(await Rpc.CallAsync("eth_chainId", [], cancellation).ConfigureAwait(false));

    /// <summary>Number of the head.</summary>
    public async Task<ulong> BlockNumberAsync(CancellationToken cancellation) =>
        RpcForms.Quantity(await Rpc.CallAsync("eth_blockNumber", [], cancellation).ConfigureAwait(false));

    /// <summary>Nonce of an account.</summary>
    public async Task<ulong> NonceAsync(Address address, BlockTag at, CancellationToken cancellation) =>
        RpcForms.Quantity(await Rpc
            .CallAsync("eth_getTransactionCount", [address.ToString(), at.Text], cancellation).ConfigureAwait(false));

    /// <summary>Balance in wei.</summary>
    public async Task<UInt256> BalanceAsync(Address address, BlockTag at, CancellationToken cancellation) =>
        RpcForms.Quantity256(await Rpc
            .CallAsync("eth_getBalance", [address.ToString(), at.Text], cancellation).ConfigureAwait(false));

    /// <summary>Runtime code; empty for an account without.</summary>
    public async Task<byte[]> CodeAsync(Address address, BlockTag at, CancellationToken cancellation) =>
        RpcForms.Bytes(await Rpc
            .CallAsync("eth_getCode", [address.ToString(), at.Text], cancellation).ConfigureAwait(false));

    /// <summary>A storage word.</summary>
    public async Task<UInt256> StorageAsync(Address address, UInt256 slot, BlockTag at, CancellationToken cancellation) =>
        RpcForms.Quantity256(await Rpc.CallAsync(
            "eth_getStorageAt", [address.ToString(), Hex.ToPrefixed(slot.ToBigEndian()), at.Text], cancellation)
            .ConfigureAwait(false));

    /// <summary>Runs a call without a transaction; a revert is an <see cref="RpcErrorException"/> with code 3.</summary>
    public async Task<byte[]> CallAsync(
        Address to, ReadOnlyMemory<byte> data, BlockTag at, CancellationToken cancellation, Address from = default) =>
        RpcForms.Bytes(await Rpc.CallAsync("eth_call", [Message(from, to, data), at.Text], cancellation)
            .ConfigureAwait(false));

    /// <summary>Gas limit with which a call succeeds now.</summary>
    public async Task<ulong> EstimateGasAsync(
        Address from, Address? to, ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
        RpcForms.Quantity(await Rpc.CallAsync("eth_estimateGas", [Message(from, to, data)], cancellation)
            .ConfigureAwait(false));

    /// <summary>Sends a signed transaction and returns its hash.</summary>
    public async Task<Hash32> SendRawAsync(ReadOnlyMemory<byte> raw, CancellationToken cancellation) =>
        RpcForms.Hash(await Rpc.CallAsync("eth_sendRawTransaction", [Hex.ToPrefixed(raw.Span)], cancellation)
            .ConfigureAwait(false));

    /// <summary>The receipt of a transaction, or null while it is in no block.</summary>
    public async Task<RpcReceipt?> ReceiptAsync(Hash32 transaction, CancellationToken cancellation) =>
        ReadReceipt(await Rpc.CallAsync("eth_getTransactionReceipt", [transaction.ToString()], cancellation)
            .ConfigureAwait(false));

    /// <summary>The block's JSON with full transactions, or null if the node has none of that number.</summary>
    public async Task<JsonElement?> BlockAsync(BlockTag number, CancellationToken cancellation) =>
        await Rpc.CallAsync("eth_getBlockByNumber", [number.Text, true], cancellation).ConfigureAwait(false)
            is { ValueKind: JsonValueKind.Object } block
            ? block
            : null;

    /// <summary>The sealed header of a block, rebuilt and checked against the block hash; null if there is none.</summary>
    public async Task<BlockHeader?> HeaderAsync(BlockTag number, CancellationToken cancellation) =>
        await Rpc.CallAsync("eth_getBlockByNumber", [number.Text, false], cancellation).ConfigureAwait(false)
            is { ValueKind: JsonValueKind.Object } block
            ? HeaderForm.Rebuild(block)
            : null;

    /// <summary>Logs of a contract in a range, both ends included. Per topic position: null is any.</summary>
    public async Task<IReadOnlyList<RpcLog>> LogsAsync(
        Address contract, IReadOnlyList<Hash32?> topics, ulong fromBlock, ulong toBlock, CancellationToken cancellation)
    {
        JsonObject filter = new()
        {
            ["address"] = contract.ToString(),
            ["topics"] = new JsonArray([.. topics.Select(t => (JsonNode?)t?.ToString())]),
            ["fromBlock"] = BlockTag.Number(fromBlock).Text,
            ["toBlock"] = BlockTag.Number(toBlock).Text,
        };
        return [.. RpcForms.Items(await Rpc.CallAsync("eth_getLogs", [filter], cancellation).ConfigureAwait(false))
            .Select(RpcForms.LocatedLog)];
    }

    /// <summary>An account and storage words with their proofs (EIP-1186), not checked.</summary>
    public async Task<RpcAccountProof> ProofAsync(
        Address address, IReadOnlyList<Hash32> keys, BlockTag at, CancellationToken cancellation) =>
        RpcForms.Proof(await Rpc.CallAsync(
            "eth_getProof",
            [address.ToString(), new JsonArray([.. keys.Select(k => (JsonNode)k.ToString())]), at.Text],
            cancellation).ConfigureAwait(false));

    /// <summary>Nonce of an account as one node has it, by the node's place among those of <see cref="Rpc"/>.</summary>
    public async Task<ulong> NonceAtAsync(int node, Address address, CancellationToken cancellation) =>
        RpcForms.Quantity(await Rpc.CallAtAsync(
            node, "eth_getTransactionCount", [address.ToString(), "latest"], cancellation).ConfigureAwait(false));

    /// <summary>Receipt of a transaction as one node has it; null where it has none.</summary>
    public async Task<RpcReceipt?> ReceiptAtAsync(int node, Hash32 transaction, CancellationToken cancellation) =>
        ReadReceipt(await Rpc.CallAtAsync(
            node, "eth_getTransactionReceipt", [transaction.ToString()], cancellation).ConfigureAwait(false));

    private static RpcReceipt? ReadReceipt(JsonElement receipt) =>
        receipt.ValueKind == JsonValueKind.Null ? null : RpcForms.Receipt(receipt);

    private static JsonObject Message(Address from, Address? to, ReadOnlyMemory<byte> data)
    {
        JsonObject message = new() { ["from"] = from.ToString(), ["data"] = Hex.ToPrefixed(data.Span) };
        if (to is { } callee)
        {
            message["to"] = callee.ToString();
        }

        return message;
    }
}
