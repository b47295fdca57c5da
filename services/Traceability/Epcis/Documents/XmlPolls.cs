using System.Xml.Linq;

namespace Traceability.Epcis.Documents;

/// <summary>A query that is asked once (EPCIS 2.0 §8.2.5, <c>poll</c>).</summary>
/// <param name="QueryName">Which query.</param>
/// <param name="Parameters">Its parameters, each once, with one value or a list.</param>
public sealed record PollRequest(string QueryName, IReadOnlyList<(string Name, IReadOnlyList<string> Values)> Parameters);

/// <summary>Codes of query documents.</summary>
internal static class XmlPollCodes
{
    /// <summary>An operation of the standard that is not offered; the detail is its name.</summary>
    public const string NotOffered = "operation-not-offered";
}

/// <content>The query document that asks: <c>Poll</c> in the body, without SOAP around it.</content>
internal static partial class XmlDocuments
{
    /// <summary>Reads an EPCISQueryDocument with one <c>Poll</c>.</summary>
    /// <exception cref="EpcisFormatException">It is none.</exception>
    public static PollRequest ReadPoll(ReadOnlyMemory<byte> xml, EpcisLimits limits) => Walk(xml, limits, reader =>
    {
        if (!IsOwn(reader, "EPCISQueryDocument"))
            throw new EpcisFormatException("document-type-unknown", "", "The root is no EPCISQueryDocument.");
        CheckVersion(reader);
        var document = (XElement)XNode.ReadFrom(reader);
        XElement[] asked = [.. Named(document, "EPCISBody").SelectMany(Children)];
        return asked is [{ Name.LocalName: "Poll" } poll] ? Poll(poll)
            : asked is [{ Name.LocalName: var operation }] && Others.Contains(operation)
            ? throw new EpcisFormatException(XmlPollCodes.NotOffered, "", operation)
            : throw new EpcisFormatException("member-missing", "", "EPCISBody has no Poll, or more than that.");
    });

    // EPCIS 2.0 §8.2.5: the other operations of the query control interface.
    private static readonly HashSet<string> Others = new(StringComparer.Ordinal)
    {
        "Subscribe", "Unsubscribe", "GetQueryNames", "GetSubscriptionIDs", "GetStandardVersion", "GetVendorVersion",
    };

    private static PollRequest Poll(XElement poll)
    {
        XElement[] names = [.. Named(poll, "queryName")];
        if (names is not [var name] || name.HasElements || name.Value.Trim().Length == 0)
            throw new EpcisFormatException("member-missing", "/queryName", "Poll has one queryName.");
        List<(string, IReadOnlyList<string>)> parameters = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (XElement parameter in Named(poll, "params").SelectMany(list => Named(list, "param")))
        {
            if (Named(parameter, "name").ToArray() is not [{ HasElements: false } key]
                || Named(parameter, "value").ToArray() is not [var value] || !seen.Add(key.Value.Trim()))
            {
                throw new EpcisFormatException(
                    "member-invalid", "/params", "A param has one name, which no other has, and one value.");
            }

            parameters.Add((key.Value.Trim(), Values(value)));
        }

        return new PollRequest(name.Value.Trim(), parameters);
    }

    /// <summary>A text, an ArrayOfString, or the empty VoidHolder of parameters that only have to be there.</summary>
    private static string[] Values(XElement value) =>
        !value.HasElements ? [value.Value.Trim()]
        : value.Elements().All(e => e.Name.LocalName == "string" && IsOwn(e.Name.NamespaceName) && !e.HasElements)
            ? [.. value.Elements().Select(e => e.Value.Trim())]
            : throw new EpcisFormatException("member-invalid", "/params", "A value is a text or a list of string.");

    private static IEnumerable<XElement> Children(XElement parent) => parent.Elements().Where(e => IsOwn(e.Name.NamespaceName));

    private static IEnumerable<XElement> Named(XElement parent, string name) =>
        Children(parent).Where(e => e.Name.LocalName == name);
}
