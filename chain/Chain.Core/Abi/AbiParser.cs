using System.Globalization;

namespace Chain.Core;

/// <summary>Reads types and signatures as Solidity writes them.</summary>
internal ref struct AbiParser(string text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _position;

    internal readonly record struct Parameter(AbiType Type, bool IsIndexed, string Name);

    internal AbiType ReadType()
    {
        SkipSpaces();
        var type = Peek() == '(' ? AbiType.TupleOf([.. ReadParameters().Select(p => p.Type)]) : Elementary(ReadWord());
        if (type is { Kind: AbiKind.Tuple, Components.Count: 0 }) throw Wrong("A tuple has components.");
        while (Peek() == '[')
        {
            _position++;
            int length = -1;
            if (Peek() != ']' && (!int.TryParse(ReadWord(), NumberStyles.None, CultureInfo.InvariantCulture, out length)
                || length is < 1 or > ushort.MaxValue)) throw Wrong("An array has 1 to 65535 elements.");
            Expect(']');
            type = AbiType.ArrayOf(type, length);
        }
        return type;
    }

    /// <summary>Reads <c>(type [indexed] [name], …)</c>.</summary>
    internal List<Parameter> ReadParameters()
    {
        var parameters = new List<Parameter>();
        Expect('(');
        SkipSpaces();
        while (Peek() != ')')
        {
            if (parameters.Count > 0) Expect(',');
            var type = ReadType();
            bool indexed = false;
            string name = "";
            for (SkipSpaces(); char.IsAsciiLetterOrDigit(Peek()) || Peek() == '_'; SkipSpaces())
            {
                name = ReadWord();
                if (name != "indexed") continue;
                (indexed, name) = (true, "");
            }
            parameters.Add(new Parameter(type, indexed, name));
        }
        Expect(')');
        return parameters;
    }

    internal string ReadWord()
    {
        SkipSpaces();
        int start = _position;
        while (char.IsAsciiLetterOrDigit(Peek()) || Peek() is '_' or '$') _position++;
        return _position > start ? _text[start.._position].ToString() : throw Wrong("A word is missing.");
    }

    internal bool TryReadKeyword(string keyword)
    {
        SkipSpaces();
        if (!_text[_position..].StartsWith(keyword)) return false;
        _position += keyword.Length;
        SkipSpaces();
        return true;
    }

    internal void RequireEnd()
    {
        SkipSpaces();
        if (_position != _text.Length) throw Wrong("There is more than expected.");
    }

    private static AbiType Elementary(string name) => name switch
    {
        "address" => AbiType.Simple(AbiKind.Address),
        "bool" => AbiType.Simple(AbiKind.Bool),
        "bytes" => AbiType.Simple(AbiKind.Bytes),
        "string" => AbiType.Simple(AbiKind.String),
        "uint" => AbiType.Number(false, 256),
        "int" => AbiType.Number(true, 256),
        _ when name.StartsWith("uint", StringComparison.Ordinal) => AbiType.Number(false, Bits(name, 4)),
        _ when name.StartsWith("int", StringComparison.Ordinal) => AbiType.Number(true, Bits(name, 3)),
        _ when name.StartsWith("bytes", StringComparison.Ordinal) =>
            AbiType.Simple(AbiKind.FixedBytes, Suffix(name, 5) is var n and >= 1 and <= 32 ? n : throw Unknown(name)),
        _ => throw Unknown(name),
    };

    private static int Bits(string name, int at) =>
        Suffix(name, at) is var bits and >= 8 and <= 256 && bits % 8 == 0 ? bits : throw Unknown(name);

    private static int Suffix(string name, int at) =>
        name[at] != '0' && int.TryParse(name.AsSpan(at), NumberStyles.None, CultureInfo.InvariantCulture, out int n)
            ? n
            : throw Unknown(name);

    private void Expect(char c)
    {
        SkipSpaces();
        if (Peek() != c) throw Wrong($"'{c}' is missing.");
        _position++;
    }

    private readonly char Peek() => _position < _text.Length ? _text[_position] : '\0';

    private void SkipSpaces()
    {
        while (Peek() == ' ') _position++;
    }

    private static FormatException Unknown(string name) => new($"'{name}' is no type of the ABI.");

    private readonly FormatException Wrong(string what) => new($"'{_text}', position {_position}: {what}");
}
