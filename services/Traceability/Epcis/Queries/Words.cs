using Traceability.Epcis.Documents;

namespace Traceability.Epcis.Queries;

/// <summary>Words of a query as they stand in the tables: full web URIs of CBV 2.0.</summary>
internal static class Words
{
    public static string BizStep(string text) => Full(Vocabulary.BizSteps, text);

    public static string Disposition(string text) => Full(Vocabulary.Dispositions, text);

    public static string TransactionType(string text) => Full(Vocabulary.TransactionTypes, text);

    public static string PartyType(string text) => Full(Vocabulary.SourceDestinationTypes, text);

    public static string ErrorReason(string text) => Full(Vocabulary.ErrorReasons, text);

    private static string Full(WordSet words, string text) =>
        words.TryGetUri(words.ToWord(text), out string uri) ? uri : text;
}
