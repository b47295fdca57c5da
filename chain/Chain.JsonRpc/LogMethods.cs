using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chain.Core;
using Chain.Ledger;

namespace Chain.JsonRpc;

/// <summary>eth_getLogs and the polling filters.</summary>
internal static class LogMethods
{
    private const int TopicsMax = 4;
    private const int AlternativesMax = 1_000;

    public static void AddTo(Dictionary<string, RpcMethod> methods, RpcContext context)
    {
        FilterTable filters = new(context.Limits.FilterMaxCount);
        methods["eth_getLogs"] = p =>
        {
            p.Expect(1, 1);
            return Logs(context, ReadFilter(context, p[0]));
        };
        methods["eth_newFilter"] = p =>
        {
            p.Expect(1, 1);
            ReadFilter(context, p[0], openEnded: true);
            return filters.Add(new LogPoll(p[0].Clone(), Next(context)));
        };
        methods["eth_newBlockFilter"] = p =>
        {
            p.Expect(0, 0);
            return filters.Add(new BlockPoll(Next(context)));
        };
        methods["eth_newPendingTransactionFilter"] = p =>
        {
            p.Expect(0, 0);
            return filters.Add(new PendingPoll([.. context.Ledger.Pool.All().Select(t => t.Hash)]));
        };
        methods["eth_uninstallFilter"] = p =>
        {
            p.Expect(1, 1);
            return filters.Remove(p.Text(0));
        };
        methods["eth_getFilterLogs"] = p =>
        {
            p.Expect(1, 1);
            return filters.Find(p.Text(0)) is LogPoll poll
                ? Logs(context, ReadFilter(context, poll.Criteria))
                : throw NotFound();
        };
        methods["eth_getFilterChanges"] = p =>
        {
            p.Expect(1, 1);
            return Changes(context, filters.Find(p.Text(0)) ?? throw NotFound());
        };
    }

    private static RpcException NotFound() => new(RpcException.ServerError, "filter not found");

    private static ulong Next(RpcContext context) => context.Ledger.Head.Header.Number + 1;

    private static JsonArray Logs(RpcContext context, LogFilter filter)
    {
        if (filter.ToBlock >= filter.FromBlock && filter.ToBlock - filter.FromBlock >= context.Limits.LogMaxBlocks)
        {
            throw new RpcException(
                RpcException.LimitExceeded, $"block range too wide, want at most {context.Limits.LogMaxBlocks} blocks");
        }

        JsonArray logs = [];
        foreach (LocatedLog log in context.Ledger.FindLogs(filter))
        {
            if (logs.Count == context.Limits.LogMaxResults)
            {
                throw new RpcException(
                    RpcException.LimitExceeded, $"more than {context.Limits.LogMaxResults} logs, narrow the range");
            }

            logs.Add(Wire.Log(log));
        }

        return logs;
    }

    private static JsonArray Changes(RpcContext context, Poll poll)
    {
        lock (poll)
        {
            ulong head = context.Ledger.Head.Header.Number;
            switch (poll)
            {
                case PendingPoll pending:
                    return [.. pending.Fresh(context.Ledger.Pool.All().Select(t => t.Hash)).Select(h => Wire.Data(h))];
                case BlockPoll blocks:
                    ulong until = Math.Min(head, blocks.Next + context.Limits.LogMaxBlocks - 1);
                    JsonArray hashes = [];
                    for (; blocks.Next <= until; blocks.Next++)
                    {
                        hashes.Add(Wire.Data(context.Ledger.Blocks.ByNumber(blocks.Next)!.Header.Hash));
                    }

                    return hashes;
                case LogPoll logs when logs.Next <= head:
                    LogFilter filter = ReadFilter(context, logs.Criteria, openEnded: true);
                    ulong to = Math.Min(Math.Min(filter.ToBlock, head), logs.Next + context.Limits.LogMaxBlocks - 1);
                    JsonArray found = Logs(
                        context, filter with { FromBlock = Math.Max(filter.FromBlock, logs.Next), ToBlock = to });
                    logs.Next = Math.Min(head, logs.Next + context.Limits.LogMaxBlocks - 1) + 1;
                    return found;
                default:
                    return [];
            }
        }
    }

    private static LogFilter ReadFilter(RpcContext context, JsonElement value, bool openEnded = false)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw RpcException.Params("invalid argument 0: not a filter object");
        }

        BlockReference? from = null;
        BlockReference? to = null;
        Hash32? hash = null;
        LogFilter filter = new();
        foreach (JsonProperty member in value.EnumerateObject().Where(m => m.Value.ValueKind != JsonValueKind.Null))
        {
            switch (member.Name)
            {
                case "fromBlock":
                    from = BlockReference.Read(member.Value, member.Name);
                    break;
                case "toBlock":
                    to = BlockReference.Read(member.Value, member.Name);
                    break;
                case "blockHash":
                    hash = RpcParams.Hash(member.Value, member.Name);
                    break;
                case "address":
                    filter = filter with { Addresses = ReadAddresses(member.Value) };
                    break;
                case "topics":
                    filter = filter with { Topics = ReadTopics(member.Value) };
                    break;
                default:
                    throw RpcException.Params($"unknown member \"{member.Name}\" of the filter");
            }
        }

        return hash is { } only
            ? OfBlock(context, filter, only, from is not null || to is not null)
            : OfRange(context, filter, from, to, openEnded);
    }

    private static LogFilter OfBlock(RpcContext context, LogFilter filter, Hash32 hash, bool alsoRange)
    {
        if (alsoRange)
        {
            throw RpcException.Params(
                "invalid argument 0: cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other");
        }

        ulong number = context.Ledger.Blocks.ByHash(hash)?.Header.Number
            ?? throw new RpcException(RpcException.ServerError, "unknown block");
        return filter with { FromBlock = number, ToBlock = number };
    }

    private static LogFilter OfRange(
        RpcContext context, LogFilter filter, BlockReference? from, BlockReference? to, bool openEnded)
    {
        ulong head = context.Ledger.Head.Header.Number;
        ulong last = to switch
        {
            { Number: { } number } => number,
            _ when openEnded => ulong.MaxValue,
            _ => head,
        };
        ulong first = from?.Number ?? (openEnded ? 0 : head);
        if (first > last)
        {
            throw RpcException.Params("invalid block range params");
        }

        return openEnded || last <= head
            ? filter with { FromBlock = first, ToBlock = last }
            : throw RpcException.Params("block range extends beyond current head block");
    }

    private static List<Address> ReadAddresses(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return [RpcParams.Address(value, "address")];
        }

        return value.GetArrayLength() <= AlternativesMax
            ? [.. value.EnumerateArray().Select(a => RpcParams.Address(a, "address"))]
            : throw RpcException.Params("too many addresses");
    }

    /// <summary>Per position null (any), one topic, or alternatives.</summary>
    private static List<IReadOnlyList<Hash32>> ReadTopics(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > TopicsMax)
        {
            throw RpcException.Params($"topics is not a list of at most {TopicsMax} items");
        }

        List<IReadOnlyList<Hash32>> positions = [];
        foreach (JsonElement position in value.EnumerateArray())
        {
            positions.Add(position.ValueKind switch
            {
                JsonValueKind.Null => [],
                JsonValueKind.Array when position.GetArrayLength() <= AlternativesMax
                    // A null among the alternatives matches anything, as in geth.
                    => position.EnumerateArray().Any(t => t.ValueKind == JsonValueKind.Null)
                        ? []
                        : [.. position.EnumerateArray().Select(t => RpcParams.Hash(t, "topic"))],
                JsonValueKind.Array => throw RpcException.Params("too many topics"),
                _ => [RpcParams.Hash(position, "topic")],
            });
        }

        return positions;
    }

    private abstract class Poll;

    private sealed class LogPoll(JsonElement criteria, ulong next) : Poll
    {
        public JsonElement Criteria { get; } = criteria;

        public ulong Next { get; set; } = next;
    }

    private sealed class BlockPoll(ulong next) : Poll
    {
        public ulong Next { get; set; } = next;
    }

    private sealed class PendingPoll(HashSet<Hash32> seen) : Poll
    {
        private HashSet<Hash32> _seen = seen;

        public List<Hash32> Fresh(IEnumerable<Hash32> now)
        {
            HashSet<Hash32> current = [.. now];
            List<Hash32> fresh = [.. current.Where(h => !_seen.Contains(h))];
            _seen = current;
            return fresh;
        }
    }

    /// <summary>The filters of a group by id, the longest unused first to go.</summary>
    private sealed class FilterTable(int maxCount)
    {
        private readonly Lock _lock = new();
        private readonly LinkedList<(string Id, Poll Poll)> _byUse = [];
        private readonly Dictionary<string, LinkedListNode<(string Id, Poll Poll)>> _byId = [];
        private ulong _last;

        public string Add(Poll poll)
        {
            lock (_lock)
            {
                if (_byId.Count >= maxCount)
                {
                    _byId.Remove(_byUse.First!.Value.Id);
                    _byUse.RemoveFirst();
                }

                string id = "0x" + (++_last).ToString("x", CultureInfo.InvariantCulture);
                _byId.Add(id, _byUse.AddLast((id, poll)));
                return id;
            }
        }

        public Poll? Find(string id)
        {
            lock (_lock)
            {
                if (!_byId.TryGetValue(id, out LinkedListNode<(string Id, Poll Poll)>? node))
                {
                    return null;
                }

                _byUse.Remove(node);
                _byUse.AddLast(node);
                return node.Value.Poll;
            }
        }

        public bool Remove(string id)
        {
            lock (_lock)
            {
                if (!_byId.Remove(id, out LinkedListNode<(string Id, Poll Poll)>? node))
                {
                    return false;
                }

                _byUse.Remove(node);
                return true;
            }
        }
    }
}
