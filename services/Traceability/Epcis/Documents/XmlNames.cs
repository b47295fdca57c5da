using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Traceability.Epcis.Documents;

/// <summary>Gives the namespaces of one XML event the prefixes under which its extensions stand in JSON.</summary>
internal sealed class XmlNames(Func<string, bool> isOwn)
{
    private const string MasterDataInXml = "urn:epcglobal:cbv:mda";
    private readonly Dictionary<string, string> _prefixes = new(StringComparer.Ordinal);
    private readonly JsonObject _added = [];

    /// <summary>The namespace that the XML calls its master data by, where that differs from JSON's.</summary>
    public string? MasterData { get; private set; }

    /// <summary>Definitions beyond the standard context.</summary>
    public JsonObject Added => _added;

    /// <summary>Whether the name belongs to EPCIS itself.</summary>
    public bool IsOwn(XName name) => isOwn(name.NamespaceName);

    /// <summary>The member's name for an extension element or attribute; without namespace it stays bare.</summary>
    public string ToKey(XName name, XElement near)
    {
        string uri = name.NamespaceName;
        if (uri.Length == 0) return name.LocalName;
        if (!_prefixes.TryGetValue(uri, out string? prefix)) _prefixes.Add(uri, prefix = Declare(uri, near));
        return $"{prefix}:{name.LocalName}";
    }

    private string Declare(string uri, XElement near)
    {
        if (uri == MasterDataInXml)
        {
            MasterData = uri;
            return "cbvmda";
        }

        foreach ((string known, string standard) in Namespaces.Standard)
        {
            if (standard == uri) return known;
        }

        if (_added.Count == PrefixScope.AddedMax) throw PrefixScope.TooMany("");
        string prefix = near.GetPrefixOfNamespace(uri) ?? "";
        bool free = prefix.Length > 0 && !StandardContext.IsTerm(prefix) && !Namespaces.Standard.ContainsKey(prefix);
        string wanted = free ? prefix : "ns";
        prefix = wanted;
        for (int i = 1; _added.ContainsKey(prefix) || (!free && i == 1); i++) prefix = $"{wanted}{i}";
        _added.Add(prefix, uri);
        return prefix;
    }
}
