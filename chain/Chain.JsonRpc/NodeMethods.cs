using System.Globalization;
using System.Text.Json.Nodes;
using Chain.Core;

namespace Chain.JsonRpc;

/// <summary>web3_, net_ and what eth_ tells of the node.</summary>
internal static class NodeMethods
{
    public static void AddTo(Dictionary<string, RpcMethod> methods, RpcContext context)
    {
        methods["web3_clientVersion"] = p => None(p, context.Node.ClientVersion);
        methods["web3_sha3"] = p =>
        {
            p.Expect(1, 1);
            return Wire.Data(Keccak256.Hash(p.Bytes(0)));
        };
        methods["net_version"] = p => None(p, context.Ledger.ChainId.ToString(CultureInfo.InvariantCulture));
        methods["net_listening"] = p => None(p, true);
        methods["net_peerCount"] = p => None(p, Wire.Quantity((ulong)context.Node.PeerCount()));
        methods["eth_chainId"] = p => None(p, Wire.Quantity(context.Ledger.ChainId));
        methods["eth_blockNumber"] = p => None(p, Wire.Quantity(context.Ledger.Head.Header.Number));
        methods["eth_accounts"] = p => None(p, new JsonArray());
        methods["eth_coinbase"] = p => None(p, Wire.Data(context.Ledger.Head.Header.Coinbase));
        methods["eth_mining"] = p => None(p, false);
        methods["eth_syncing"] = p => None(p, Syncing(context));
    }

    private static JsonNode? None(RpcParams parameters, JsonNode? result)
    {
        parameters.Expect(0, 0);
        return result;
    }

    private static JsonNode Syncing(RpcContext context)
    {
        ulong head = context.Ledger.Head.Header.Number;
        return context.Node.SyncTarget() is { } target && target > head
            ? new JsonObject
            {
                ["startingBlock"] = "0x0",
                ["currentBlock"] = Wire.Quantity(head),
                ["highestBlock"] = Wire.Quantity(target),
            }
            : false;
    }
}
