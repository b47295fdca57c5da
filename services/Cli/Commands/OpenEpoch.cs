using System.CommandLine;
using System.Text.Json.Nodes;
using Chain.Client;
using Chain.Core;
using Proofs;

namespace Cli.Commands;

/// <summary>A member's vote for a new log epoch: proposes it, or approves what another member proposed.</summary>
public static class OpenEpoch
{
    // Governance.Action.OpenEpoch (contracts-sol/src/Governing/IGovernance.sol)
    public const ulong Action = 6;

    public static readonly AbiFunction Propose = AbiFunction.Parse("propose(uint8,address,bytes32)");

    private static readonly AbiFunction Latest = AbiFunction.Parse("latest() returns (bytes32,uint64,bytes32,uint64)");
    private static readonly AbiFunction Approve = AbiFunction.Parse("approve(uint256)");
    private static readonly Hash32 Proposed = Abi.Topic("Proposed(uint256,uint8,address,bytes32,address)");
    private static readonly Hash32 Enacted = Abi.Topic("Enacted(uint256)");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Command Command()
    {
        var group = new Argument<string>("group") { Description = "The group whose log is lost for good." };
        var key = new Option<FileInfo>("--key") { Description = "File with the member's private key in hex.", Required = true };
        var trusted = new Option<FileInfo>("--trust") { Description = "The group's trust file as the member has it; what is voted for follows from it alone.", Required = true };
        var rpc = new Option<Uri?>("--rpc") { Description = "JSON-RPC address of the group on a node; this instance's first node unless given." };
        var command = new Command("open-epoch", "As a member, vote to open a new log epoch. It is opened when a majority has voted.") { group, key, trusted, rpc };
        command.SetAction(async (parsed, cancel) =>
        {
            var name = parsed.GetRequiredValue(group);
            var bytes = ReadTrust(parsed.GetRequiredValue(trusted));
            var trust = TrustFile.Parse(bytes) is { } file && file.Group == name
                ? file
                : throw new UserException($"That is no trust file of the group {name}.");
            using var http = new HttpClient();
            var node = parsed.GetValue(rpc) ?? new Uri($"http://127.0.0.1:{Instance.Find().NodeRpcPort}/{name}");
            var chain = new ChainClient(new RpcClient(http, [node]));
            var answer = await TryAsync(chain, trust, ReadKey(parsed.GetRequiredValue(key)), cancel);
            answer["trustFile"] = TrustFile.Fingerprint(bytes);
            parsed.Output().Write(answer, answer.Select(p => $"{p.Key}: {p.Value}"));
            return 0;
        });
        return command;
    }

    /// <summary>The group's trust file, from which the next epoch follows.</summary>
    public static async Task<TrustFile> NextAsync(Api api, string group, CancellationToken cancel)
    {
        var bytes = await api.GetBytesAsync($"/api/anchor/groups/{Uri.EscapeDataString(group)}/trust", cancel, open: true);
        return TrustFile.Parse(bytes) ?? throw new UserException("The anchor's trust file can't be read.", 1);
    }

    /// <summary>Origin line of the log that follows those of a trust file.</summary>
    public static string Origin(TrustFile trust) => LogOrigin.OfEpoch(trust.Logs[0].Origin, trust.Logs.Count);

    private static async Task<JsonObject> TryAsync(ChainClient chain, TrustFile trust, byte[] key, CancellationToken cancel)
    {
        try
        {
            return await VoteAsync(chain, trust, key, cancel);
        }
        catch (Exception e) when (e is RpcErrorException or NodesUnreachableException or FormatException)
        {
            throw new UserException($"The chain's node does not take the vote: {e.Message}", 1);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new UserException("The vote was sent but is in no block yet; look with ./apps chain status.", 1);
        }
    }

    private static async Task<JsonObject> VoteAsync(ChainClient chain, TrustFile trust, byte[] key, CancellationToken cancel)
    {
        var governance = trust.Governance.Address;
        var state = await chain.CallAsync(trust.Registry.Address, Latest.Encode(), BlockTag.Latest, cancel);
        if (!Latest.TryDecodeResult(state, out var latest) || (UInt256)latest[3] >= (UInt256)(ulong)trust.Logs.Count)
            throw new UserException($"Epoch {trust.Logs.Count} is open already; begin its log with ./apps anchor recover --new-epoch.", 1);
        var signer = new TransactionSigner((ulong)trust.ChainId, key);
        var hash = LogOrigin.Hash(Origin(trust));
        var open = await FindAsync(chain, trust, hash, cancel);
        var call = open is { } id ? Approve.Encode(id) : Propose.Encode((UInt256)Action, trust.Registry.Address, hash);
        var nonce = await chain.NonceAsync(signer.Address, BlockTag.Latest, cancel);
        var sent = signer.Sign(new TransactionRequest { To = governance, Data = call, GasLimit = 1_000_000 }, nonce);
        await chain.SendRawAsync(sent.Raw, cancel);
        var receipt = await WaitAsync(chain, sent.Hash, cancel);
        return receipt.Succeeded
            ? new JsonObject
            {
                ["epoch"] = trust.Logs.Count,
                ["origin"] = Origin(trust),
                ["vote"] = open is null ? "proposed" : "approved",
                ["opened"] = receipt.Receipt.Logs.Any(l => l.Address == governance && l.Topics[0] == Enacted),
            }
            : throw new UserException($"{governance} refused the vote of {signer.Address}: it is no member's, or it was given before.", 1);
    }

    // A proposal of the same epoch that still waits for votes.
    private static async Task<UInt256?> FindAsync(ChainClient chain, TrustFile trust, Hash32 hash, CancellationToken cancel)
    {
        var governance = trust.Governance.Address;
        var head = await chain.BlockNumberAsync(cancel);
        var enacted = (await chain.LogsAsync(governance, [Enacted], 0, head, cancel)).Select(l => l.Log.Topics[1]).ToHashSet();
        var open = (await chain.LogsAsync(governance, [Proposed], 0, head, cancel)).Select(l => l.Log)
            .LastOrDefault(l => !enacted.Contains(l.Topics[1]) && l.Data.Length == 96 && l.Data.Span[31] == Action
                && l.Data.Span[32..64].SequenceEqual(trust.Registry.Address.ToWord().Bytes) && l.Data.Span[64..].SequenceEqual(hash.Bytes));
        return open is null ? null : UInt256.FromBigEndian(open.Topics[1].Bytes);
    }

    private static async Task<RpcReceipt> WaitAsync(ChainClient chain, Hash32 transaction, CancellationToken cancel)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        end.CancelAfter(Patience);
        while (true)
        {
            if (await chain.ReceiptAsync(transaction, end.Token) is { } receipt) return receipt;
            await Task.Delay(100, end.Token);
        }
    }

    private static byte[] ReadTrust(FileInfo file) =>
        file.Exists ? File.ReadAllBytes(file.FullName) : throw new UserException($"There is no file {file.FullName}.");

    private static byte[] ReadKey(FileInfo file)
    {
        if (!file.Exists) throw new UserException($"There is no file {file.FullName}.");
        var text = File.ReadAllText(file.FullName).Trim();
        return Hash32.TryParse(text, out var key) ? key.ToArray() : throw new UserException($"{file.FullName} holds no private key of 32 bytes in hex.");
    }
}
