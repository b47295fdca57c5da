using System.Text.Json;
using System.Text.RegularExpressions;
using FluentValidation;
using Prepaid.Rules;
using ServiceDefaults.Http;

namespace Prepaid.Clauses;

/// <summary>A kind of clause that is void (法释〔2025〕4号 art. 9), with words that it is made of.</summary>
internal sealed record VoidClause(string Item, IReadOnlyList<string> Patterns, Words Says);

/// <summary>A sentence of a contract that reads like a void clause.</summary>
/// <param name="Item">The item of article 9.</param>
/// <param name="Sentence">The sentence.</param>
/// <param name="Says">What the item is about.</param>
public sealed record ClauseFinding(string Item, string Sentence, Words Says);

/// <summary>What a check of a contract found.</summary>
/// <param name="Law">The law.</param>
/// <param name="Sha256">SHA-256 of the text, as lots name their contract.</param>
/// <param name="Findings">None is no assurance: words are found, not meanings.</param>
public sealed record ClauseAnswer(string Law, string Sha256, IReadOnlyList<ClauseFinding> Findings);

/// <summary>A contract's text.</summary>
public sealed record ClauseRequest(string? Text = null);

internal sealed class ClauseShape : AbstractValidator<ClauseRequest>
{
    private const int Longest = 50_000;

    public ClauseShape()
    {
        RuleFor(r => r.Text).Required();
        RuleFor(r => r.Text).Text(1, Longest);
    }
}

/// <summary>Finds sentences that read like clauses which article 9 makes void; a person decides.</summary>
internal static class ClauseCheck
{
    private const string Law = "法释〔2025〕4号";
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private static readonly Lazy<IReadOnlyList<(VoidClause Clause, Regex[] Patterns)>> s_clauses = new(() =>
    {
        using Stream file = typeof(ClauseCheck).Assembly.GetManifestResourceStream("Prepaid.Rules.Clauses.json")!;
        return [.. JsonSerializer.Deserialize(file, PrepaidJson.Default.IReadOnlyListVoidClause)!.Select(c =>
            (c, c.Patterns.Select(p => new Regex(p, RegexOptions.CultureInvariant, Patience)).ToArray()))];
    });

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/open/contracts/check", (JsonBody<ClauseRequest> body) => TypedResults.Json(
            new ClauseAnswer(Law, Cards.SellCards.HashOf(body.Value.Text!), Find(body.Value.Text!)),
            PrepaidJson.Default.ClauseAnswer)).OpenToAll().Validate(new ClauseShape())
            .WithName("CheckContract").WithSummary("Sentences of a contract that read like void clauses.");

    /// <summary>The findings in the text's order; pure.</summary>
    public static IReadOnlyList<ClauseFinding> Find(string text) =>
        [.. text.Split(['。', '；', ';', '\n', '！']).Select(s => s.Trim()).Where(s => s.Length > 0).SelectMany(sentence =>
            s_clauses.Value.Where(c => c.Patterns.Any(p => p.IsMatch(sentence)))
                .Select(c => new ClauseFinding(c.Clause.Item, sentence, c.Clause.Says)))];
}
