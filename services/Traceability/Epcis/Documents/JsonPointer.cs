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

    public static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
