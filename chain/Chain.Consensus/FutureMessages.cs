using Chain.Core;

namespace Chain.Consensus;

/// <summary>
/// Messages for heights just above the own one, kept until their turn comes. One of each height, author and kind, so
/// the bound is heights × validators × kinds, whatever is sent.
/// </summary>
internal sealed class FutureMessages
{
    private readonly SortedDictionary<(ulong Height, Address Author, byte Code), (QbftMessage Message, string Peer)>
        _messages = new(Comparer<(ulong Height, Address Author, byte Code)>.Create(Compare));

    public int Count => _messages.Count;

    public void Keep(QbftMessage message, Address author, string peer)
    {
        var key = (message.Height, author, message.Code);
        if (_messages.TryGetValue(key, out var known) && known.Message.Round >= message.Round) return;
        _messages[key] = (message, peer);
    }

    /// <summary>Takes out what is for this height, proposals first, and forgets what is below.</summary>
    public IReadOnlyList<(QbftMessage Message, string Peer)> Take(ulong height)
    {
        var taken = new List<(QbftMessage Message, string Peer)>();
        foreach (var (key, value) in _messages.ToList())
        {
            if (key.Height > height) break;
            _messages.Remove(key);
            if (key.Height == height) taken.Add(value);
        }
        return [.. taken.OrderBy(entry => entry.Message.Code)];
    }

    private static int Compare(
        (ulong Height, Address Author, byte Code) left, (ulong Height, Address Author, byte Code) right)
    {
        int order = left.Height.CompareTo(right.Height);
        if (order == 0) order = left.Author.CompareTo(right.Author);
        return order != 0 ? order : left.Code.CompareTo(right.Code);
    }
}
