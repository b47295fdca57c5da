using System.Net;
using Anchor.Groups;
using Anchor.Trust;
using Chain.Client;
using Chain.Core;
using Proofs.Notes;
using TestKit;

namespace Services.Integration.Prepaid;

/// <summary>One node of our own chain with the register of liabilities, and the anchor's trust file.</summary>
internal sealed class PrepaidChain : IAsyncDisposable
{
    public const ulong ChainId = 1004;
    public const string Registry = "0x0000000000000000000000000000000000001003";

    private readonly HttpClient _http = new();
    private readonly HttpListener _anchor = new();
    private readonly ChainNetwork _network;
    private readonly byte[] _member;

    private PrepaidChain(ChainNetwork network)
    {
        _network = network;
        _member = network.ValidatorKey(0, "prepaid");
        Rpc = new Uri(network.Nodes[0], "prepaid");
        Client = new ChainClient(new RpcClient(_http, [Rpc]));
        NoteSigner log = new("apps.example/prepaid", NoteAlgorithm.Ed25519, new byte[32]);
        Trust = TrustFiles.Make(NetworkFile.Read(network.NetworkFile), "prepaid", [log.Public], []).ToBytes();
        Anchor = new Uri($"http://127.0.0.1:{Ports.Free()}/");
    }

    public Uri Rpc { get; }

    public ChainClient Client { get; }

    public byte[] Trust { get; }

    /// <summary>An address that answers every question with the group's trust file.</summary>
    public Uri Anchor { get; }

    public static async Task<PrepaidChain> StartAsync()
    {
        PrepaidChain chain = new(await ChainNetwork.StartAsync(
            1, $"prepaid:{ChainId}", "apps.example", Address.Zero.ToString()[..^1] + "1"));
        chain._anchor.Prefixes.Add(chain.Anchor.ToString());
        chain._anchor.Start();
        _ = chain.AnswerAsync();
        return chain;
    }

    /// <summary>The only member admits a publisher.</summary>
    public Task AdmitAsync(byte[] account) => SendAsync(
        _member, AbiFunction.Parse("admitPublisher(address)").Encode(Secp256k1.AddressOf(account)));

    /// <summary>Sends a call to the register and returns whether it succeeded.</summary>
    public async Task<bool> SendAsync(byte[] account, byte[] call)
    {
        TransactionSigner signer = new(ChainId, account);
        ulong nonce = await Client.NonceAsync(signer.Address, BlockTag.Latest, default);
        SentTransaction sent = signer.Sign(
            new TransactionRequest { To = Address.Parse(Registry), Data = call, GasLimit = 1_000_000 }, nonce);
        await Client.SendRawAsync(sent.Raw, default);
        RpcReceipt? receipt = null;
        await Eventually.TrueAsync(
            async () => (receipt = await Client.ReceiptAsync(sent.Hash, default)) is not null, "the call is in a block");
        return receipt!.Succeeded;
    }

    public async ValueTask DisposeAsync()
    {
        _anchor.Close();
        _http.Dispose();
        await _network.DisposeAsync();
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _anchor.GetContextAsync();
                await context.Response.OutputStream.WriteAsync(Trust);
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }
}
