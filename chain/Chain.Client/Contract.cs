using Chain.Core;

namespace Chain.Client;

/// <summary>A contract at an address, called by Solidity signatures.</summary>
public sealed class Contract(ChainClient chain, Address address)
{
    /// <summary>The contract.</summary>
    public Address Address { get; } = address;

    /// <summary>
    /// Calls a view function, for example <c>latest() returns (bytes32,uint64,bytes32,uint64)</c>.
    /// </summary>
    /// <returns>The results, by the types of <see cref="AbiKind"/>.</returns>
    /// <exception cref="RpcErrorException">It reverted (code 3).</exception>
    /// <exception cref="FormatException">The output is not of the function's types: another contract, or none, is there.</exception>
    public async Task<object[]> CallAsync(
        AbiFunction function, BlockTag at, CancellationToken cancellation, params object[] arguments)
    {
        byte[] output = await chain.CallAsync(Address, function.Encode(arguments), at, cancellation).ConfigureAwait(false);
        return function.TryDecodeResult(output, out object[] results)
            ? results
            : throw new FormatException($"{Address} answered {function.Signature} with something else.");
    }

    /// <summary>A transaction that calls a function; its gas limit is what it needs now and a third more.</summary>
    /// <exception cref="RpcErrorException">The call would fail now; code 3 when it reverts.</exception>
    public async Task<TransactionRequest> RequestAsync(
        Address from, AbiFunction function, CancellationToken cancellation, params object[] arguments)
    {
        byte[] data = function.Encode(arguments);
        ulong gas = await chain.EstimateGasAsync(from, Address, data, cancellation).ConfigureAwait(false);
        return new TransactionRequest { To = Address, Data = data, GasLimit = gas + (gas / 3) };
    }

    /// <summary>The contract's logs of one event in a range, both ends included, decoded.</summary>
    public async Task<IReadOnlyList<(RpcLog Log, object[] Values)>> EventsAsync(
        AbiEvent @event, ulong fromBlock, ulong toBlock, CancellationToken cancellation)
    {
        List<(RpcLog, object[])> events = [];
        foreach (RpcLog log in await chain
            .LogsAsync(Address, [@event.Topic], fromBlock, toBlock, cancellation).ConfigureAwait(false))
        {
            // What a node answers beside the question is not taken.
            if (log.Log.Address == Address && @event.TryDecode(log.Log, out object[] values))
            {
                events.Add((log, values));
            }
        }

        return events;
    }
}
