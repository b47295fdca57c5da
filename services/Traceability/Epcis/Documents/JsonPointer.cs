using System.Text;

namespace Traceability.Epcis.Documents;

/// <summary>The way from an event to the value being read; written out only for problems (RFC 6901).</summary>
internal sealed class JsonPointer
{
    private readonly List<(string? Name, int Index)> _steps = [];

    public void Push(string name) => _steps.Add((name, 0));

    public void Push(int index) => _steps.Add((null, index));

    public void Pop() => _steps.RemoveAt(_steps.Count - 1);

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach ((string? name, int index) in _steps)
        {
            text.Append('/');
            if (name is null) text.Append(index);
            else text.Append(Escape(name));
        }

        return text.ToString();
    }

    /// <summary>The pointer to a member of what another points to (RFC 6901 §3).</summary>
    public static string Of(string name, string parent = "") => $"{parent}/{Escape(name)}";

    public static string Escape(string name) => !name.AsSpan().ContainsAny('~', '/') ? name
        : name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public static string Unescape(string text) =>
        text.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    /// <summary>Whether every tilde is followed by 0 or 1.</summary>
    public static bool IsEscaped(string text) => text.Split('~').Skip(1).All(part => part is ['0' or '1', ..]);
}
