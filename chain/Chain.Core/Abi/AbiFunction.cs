namespace Chain.Core;

/// <summary>A function of a contract.</summary>
public sealed class AbiFunction
{
    private static readonly string[] Modifiers = ["external", "public", "view", "pure", "payable"]; // In this order, as they are written.;
    private readonly byte[] _selector;

    private AbiFunction(string name, IReadOnlyList<AbiType> inputs, IReadOnlyList<AbiType> outputs)
    {
        (Name, Inputs, Outputs) = (name, inputs, outputs);
        Signature = $"{name}({string.Join(',', inputs)})";
        _selector = Abi.Selector(Signature);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Types of the arguments.</summary>
    public IReadOnlyList<AbiType> Inputs { get; }

    /// <summary>Types of the results.</summary>
    public IReadOnlyList<AbiType> Outputs { get; }

    /// <summary>The canonical signature.</summary>
    public string Signature { get; }

    /// <summary>The four bytes that begin a call.</summary>
    public ReadOnlySpan<byte> Selector => _selector;

    /// <summary>Parses <c>latest() returns (bytes32 origin, uint64 size)</c>; names and results may be left out.</summary>
    /// <exception cref="FormatException">Not a signature.</exception>
    public static AbiFunction Parse(string signature)
    {
        var parser = new AbiParser(signature);
        parser.TryReadKeyword("function ");
        string name = parser.ReadWord();
        var inputs = parser.ReadParameters().Select(p => p.Type).ToList();
        foreach (string modifier in Modifiers) parser.TryReadKeyword(modifier);
        List<AbiType> outputs = parser.TryReadKeyword("returns") ? [.. parser.ReadParameters().Select(p => p.Type)] : [];
        parser.RequireEnd();
        return new AbiFunction(name, inputs, outputs);
    }

    /// <summary>The data of a call with these arguments.</summary>
    /// <exception cref="ArgumentException">An argument is not of its type.</exception>
    public byte[] Encode(params object[] arguments) => [.. _selector, .. Abi.Encode(Inputs, arguments)];

    /// <summary>Reads the arguments from the data of a call.</summary>
    public bool TryDecodeCall(ReadOnlySpan<byte> data, out object[] arguments)
    {
        arguments = [];
        return data.StartsWith(_selector) && Abi.TryDecode(Inputs, data[_selector.Length..], out arguments);
    }

    /// <summary>Reads the results of a call.</summary>
    public bool TryDecodeResult(ReadOnlySpan<byte> data, out object[] results) =>
        Abi.TryDecode(Outputs, data, out results);
}
