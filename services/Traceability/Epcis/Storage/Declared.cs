namespace Traceability.Epcis.Storage;

/// <summary>
/// Which events count as declared wrong: those that their own organisation declared so by the same content, which has
/// the same hash. An eventID alone names no content: nobody takes a step back by
/// declaring another one with the same id.
/// </summary>
internal static class Declared
{
    /// <summary>SQL of whether an event was not declared wrong.</summary>
    /// <param name="e">Alias of its row in <c>epcis_events</c>.</param>
    public static string NotWrong(string e) =>
        $"""
        (select true from epcis_events w where w.hash = {e}.hash and w.tenant = {e}.tenant and w.error_time is not null
            limit 1) is null
        """;
}
