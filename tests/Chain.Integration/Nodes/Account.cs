using System.Diagnostics;
using Chain.Client;
using Chain.Core;

namespace Chain.Integration.Nodes;

/// <summary>Sends transactions of one account in one group, counting nonces itself.</summary>
sealed class Account(ulong chainId, byte[] key)
{
    readonly TransactionSigner _signer = new(chainId, key);
    ulong _nonce;

    public Address Address => _signer.Address;

    /// <summary>Signs the next transaction: a call without effect of the account itself, of some bytes.</summary>
    public SentTransaction Next(int bytes = 32) => _signer.Sign(
        new TransactionRequest { To = _signer.Address, Data = new byte[bytes], GasLimit = 100_000 }, _nonce++);

    /// <summary>Sends one transaction and waits for its receipt; answers the time that took.</summary>
    public async Task<TimeSpan> SendAsync(ChainClient client, TimeSpan? deadline = null)
    {
        var watch = Stopwatch.StartNew();
        var hash = await client.SendRawAsync(Next().Raw, default);
        await WaitAsync(client, hash, deadline ?? TimeSpan.FromSeconds(30));
        return watch.Elapsed;
    }

    public static async Task WaitAsync(ChainClient client, Hash32 transaction, TimeSpan deadline)
    {
        var watch = Stopwatch.StartNew();
        while (await client.ReceiptAsync(transaction, default) is null)
        {
            if (watch.Elapsed > deadline)
                throw new TimeoutException($"No receipt of {transaction} within {deadline}.");
            await Task.Delay(2);
        }
    }
}
