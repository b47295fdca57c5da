using System.Text.Json.Nodes;
using Microsoft.Net.Http.Headers;
using Traceability.MasterData;

namespace Traceability.Scanning;

/// <summary>What a resolver answers.</summary>
public abstract record Resolution
{
    private Resolution()
    {
    }

    /// <summary>The consumer page, here.</summary>
    public sealed record Page : Resolution;

    /// <summary>Elsewhere, for now.</summary>
    public sealed record Redirect(string Href) : Resolution;

    /// <summary>All links, RFC 9264.</summary>
    public sealed record Linkset : Resolution;

    /// <summary>No link of the type asked for.</summary>
    public sealed record NoSuchLink : Resolution;
}

/// <summary>What a client asks a resolver for.</summary>
/// <param name="LinkType">The parameter <c>linkType</c>.</param>
/// <param name="View">Which view of our own page.</param>
/// <param name="Accept">Media types, best first.</param>
/// <param name="Languages">Languages, best first.</param>
/// <param name="Forward">Parameters that belong to whoever is behind the link.</param>
public sealed record LinkRequest(
    string? LinkType, string? View, IReadOnlyList<string> Accept, IReadOnlyList<string> Languages, string Forward)
{
    private static readonly string[] Own = ["linkType", "view", "lang", "context"];

    /// <summary>Reads a request.</summary>
    public static LinkRequest Of(HttpRequest request) => new(
        request.Query["linkType"].FirstOrDefault(), request.Query["view"].FirstOrDefault(),
        [.. request.GetTypedHeaders().Accept.OrderByDescending(a => a.Quality ?? 1).Select(Media)],
        [
            .. request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1)
                .Select(l => l.Value.ToString().ToLowerInvariant()),
        ],
        string.Join('&', request.Query.Where(q => !Own.Contains(q.Key)).SelectMany(q => q.Value.Select(v =>
            $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(v ?? "")}"))));

    private static string Media(MediaTypeHeaderValue type) => type.MediaType.ToString().ToLowerInvariant();
}

/// <summary>
/// GS1-Conformant Resolver 1.2: leads a key to what its owner links, by type, lot, language and media; pure.
/// </summary>
public static class Resolver
{
    /// <summary>Where GS1's link types are defined.</summary>
    public const string Vocabulary = "https://ref.gs1.org/voc/";

    /// <summary>Media type of a linkset.</summary>
    public const string LinksetType = "application/linkset+json";

    /// <summary>What a request comes to.</summary>
    public static Resolution Resolve(ItemKey key, IReadOnlyList<ProductLink> links, LinkRequest request)
    {
        ProductLink[] mine = [.. links.Where(l => l.Lot is null || l.Lot == key.Lot)];
        if (request.LinkType is "linkset" or "all" or "gs1:all")
            return new Resolution.Linkset();
        if (request.LinkType is { } type && Short(type) != "gs1:defaultLink")
        {
            if (Best(mine.Where(l => l.Type == Short(type)), request) is { } chosen)
                return Redirect(chosen.Href, request);
            return Short(type) == "gs1:traceability"
                ? new Resolution.Page()
                : new Resolution.NoSuchLink();
        }
        if (request.View is not null)
            return new Resolution.Page();
        if (WantsLinkset(request.Accept))
            return new Resolution.Linkset();
        return Best(mine.Where(l => l.Default), request) is { } standard
            ? Redirect(standard.Href, request)
            : new Resolution.Page();
    }

    /// <summary>The links of a key as RFC 9264 §4.2 writes them.</summary>
    /// <param name="key">Product, lot or item.</param>
    /// <param name="links">The owner's links.</param>
    /// <param name="name">What the key names.</param>
    /// <param name="origin">Scheme and host of this resolver.</param>
    /// <param name="request">By whose languages the default link is chosen, as it is for a redirect.</param>
    public static JsonObject Linkset(
        ItemKey key, IReadOnlyList<ProductLink> links, Wording name, string origin, LinkRequest request)
    {
        JsonObject context = new() { ["anchor"] = origin + key.Path, ["itemDescription"] = name.In(chinese: false) };
        List<ProductLink> all =
        [
            .. links.Where(l => l.Lot is null || l.Lot == key.Lot),
            new("gs1:traceability", $"{origin}{key.Path}?view=trace", "溯源页", "zh", "text/html"),
            new("gs1:traceability", $"{origin}{key.Path}?view=trace&lang=en", "Traceability page", "en", "text/html"),
        ];
        ProductLink standard = Best(all.Where(l => l.Default), request) ?? all[^2];
        context[Vocabulary + "defaultLink"] = new JsonArray(Target(standard));
        foreach (IGrouping<string, ProductLink> type in all.GroupBy(l => l.Type))
            context[Vocabulary + type.Key[4..]] = new JsonArray([.. type.Select(Target)]);
        return new JsonObject { ["linkset"] = new JsonArray(context) };
    }

    /// <summary>The resolver's description file (<c>/.well-known/gs1resolver</c>).</summary>
    public static JsonObject Description(string origin) => new()
    {
        ["name"] = "Traceability resolver",
        ["resolverRoot"] = origin,
        ["supportedPrimaryKeys"] = new JsonArray("01"),
        ["supportedLinkType"] = new JsonArray(new JsonObject { ["namespace"] = Vocabulary, ["prefix"] = "gs1:" }),
        ["linkTypeDefaultCanBeLinkset"] = false,
        ["validatesSyntax"] = true,
    };

    private static JsonObject Target(ProductLink link)
    {
        JsonObject target = new() { ["href"] = link.Href, ["title"] = link.Title };
        if (link.Media is { } media)
            target["type"] = media;
        if (link.Language is { } language)
            target["hreflang"] = new JsonArray(language);
        return target;
    }

    // Language before media type: a page that can't be read is worth less than one in another form.
    private static ProductLink? Best(IEnumerable<ProductLink> links, LinkRequest request) => links
        .OrderBy(l => l.Lot is null ? 1 : 0)
        .ThenBy(l => Rank(request.Languages, wanted => l.Language is { } has && Speaks(has, wanted)))
        .ThenBy(l => l.Language is null ? 0 : 1)
        .ThenBy(l => Rank(request.Accept, wanted => l.Media is { } has && (wanted == "*/*" || has == wanted)))
        .ThenBy(l => l.Default ? 0 : 1)
        .FirstOrDefault();

    private static bool Speaks(string has, string wanted) =>
        has.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)
        || wanted.StartsWith(has, StringComparison.OrdinalIgnoreCase);

    private static int Rank(IReadOnlyList<string> wanted, Func<string, bool> fits)
    {
        for (int i = 0; i < wanted.Count; i++)
        {
            if (fits(wanted[i]))
                return i;
        }
        return int.MaxValue;
    }

    private static bool WantsLinkset(IReadOnlyList<string> accept) =>
        accept.Count > 0 && accept[0] is LinksetType or "application/json";

    /// <summary>A link type by its prefix, however it was given.</summary>
    private static string Short(string type)
    {
        foreach (string space in new[] { Vocabulary, "https://gs1.org/voc/", "http://gs1.org/voc/" })
        {
            if (type.StartsWith(space, StringComparison.Ordinal))
                return "gs1:" + type[space.Length..];
        }
        return type.StartsWith("gs1:", StringComparison.Ordinal) ? type : "gs1:" + type;
    }

    private static Resolution.Redirect Redirect(string href, LinkRequest request) =>
        new(request.Forward.Length == 0 ? href : Forwarded(href, request.Forward));

    /// <summary>Parameters belong to the query, which ends where the fragment begins (RFC 3986 §3.4).</summary>
    private static string Forwarded(string href, string forward)
    {
        int fragment = href.IndexOf('#', StringComparison.Ordinal);
        (string target, string end) = fragment < 0 ? (href, "") : (href[..fragment], href[fragment..]);
        return $"{target}{(target.Contains('?') ? '&' : '?')}{forward}{end}";
    }
}
