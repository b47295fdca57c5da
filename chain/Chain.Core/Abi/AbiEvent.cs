namespace Chain.Core;

/// <summary>An event of a contract.</summary>
public sealed class AbiEvent
{
    private readonly IReadOnlyList<AbiParser.Parameter> _parameters;
    private readonly IReadOnlyList<AbiType> _dataTypes;

    private AbiEvent(string name, IReadOnlyList<AbiParser.Parameter> parameters)
    {
        _parameters = parameters;
        _dataTypes = [.. parameters.Where(p => !p.IsIndexed).Select(p => p.Type)];
        Name = name;
        Signature = $"{name}({string.Join(',', parameters.Select(p => p.Type))})";
        Topic = Abi.Topic(Signature);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The canonical signature.</summary>
    public string Signature { get; }

    /// <summary>The first topic of its logs.</summary>
    public Hash32 Topic { get; }

    /// <summary>Parses <c>Transfer(address indexed from, address indexed to, uint256 value)</c>.</summary>
    /// <exception cref="FormatException">Not a signature.</exception>
    public static AbiEvent Parse(string signature)
    {
        var parser = new AbiParser(signature);
        parser.TryReadKeyword("event ");
        string name = parser.ReadWord();
        var parameters = parser.ReadParameters();
        parser.RequireEnd();
        if (parameters.Count(p => p.IsIndexed) > 3) throw new FormatException("An event has at most three indexed values.");
        return new AbiEvent(name, parameters);
    }

    /// <summary>
    /// Reads the values in order of declaration; of an indexed value that is dynamic, an array or a tuple, the
    /// <see cref="Hash32"/> that stands for it. Who wrote the log is for the caller to check.
    /// </summary>
    public bool TryDecode(Log log, out object[] values)
    {
        values = new object[_parameters.Count];
        int indexed = _parameters.Count - _dataTypes.Count;
        if (log.Topics.Count != indexed + 1 || log.Topics[0] != Topic) return false;
        if (!Abi.TryDecode(_dataTypes, log.Data.Span, out var data)) return false;
        for (int i = 0, topic = 1, item = 0; i < values.Length; i++)
        {
            var type = _parameters[i].Type;
            if (!_parameters[i].IsIndexed) values[i] = data[item++];
            else if (type.IsDynamic || type.Kind is AbiKind.Array or AbiKind.Tuple) values[i] = log.Topics[topic++];
            else if (Abi.TryDecode([type], log.Topics[topic++].Bytes, out var single)) values[i] = single[0];
            else return false;
        }
        return true;
    }

    /// <summary>The log a contract writes with these values.</summary>
    /// <exception cref="ArgumentException">A value is not of its type, or an indexed value is not one word.</exception>
    public Log Encode(Address contract, params object[] values)
    {
        if (values.Length != _parameters.Count) throw new ArgumentException("The event has other values.", nameof(values));
        var topics = new List<Hash32> { Topic };
        var data = new List<object>();
        for (int i = 0; i < values.Length; i++)
        {
            if (!_parameters[i].IsIndexed) data.Add(values[i]);
            else if (Abi.Encode([_parameters[i].Type], values[i]) is { Length: Hash32.Length } word) topics.Add(new(word));
            else throw new ArgumentException("An indexed value of one word is needed.", nameof(values));
        }
        return new Log(contract, topics, Abi.Encode(_dataTypes, data));
    }
}
