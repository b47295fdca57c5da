namespace Traceability.MasterData;

/// <summary>Which place lies within which, for queries that ask for a place with all within it.</summary>
internal static class Places
{
    public const string Schema =
        """
        create table trace_places (
            uri    text collate "C" primary key,
            parent text collate "C"
        );
        create index trace_places_parent on trace_places (parent) where parent is not null;
        """;

    /// <summary>A place's canonical id.</summary>
    /// <param name="gln">13 digits.</param>
    public static string UriOf(string gln) => $"https://id.gs1.org/414/{gln}";
}
