using System.Text;
using ServiceDefaults.Problems;

namespace Evidence.Deposits;

/// <summary>What a depositor sends for one piece of evidence.</summary>
/// <param name="Sha256">64 lower-case hexadecimal characters.</param>
/// <param name="Sm3">The same for SM3.</param>
/// <param name="Size">Bytes of the file.</param>
/// <param name="Name">At most 200 characters. It stands in the event in clear: keep personal data out of it.</param>
/// <param name="Mime">Media type.</param>
/// <param name="BusinessId">The depositor's own number, at most 64 characters.</param>
/// <param name="Subject">Whom it concerns.</param>
/// <param name="Provenance">How the data came to be.</param>
public sealed record DepositRequest(
    string? Sha256 = null,
    string? Sm3 = null,
    long? Size = null,
    string? Name = null,
    string? Mime = null,
    string? BusinessId = null,
    SubjectRequest? Subject = null,
    ProvenanceRequest? Provenance = null)
{
    /// <summary>The content as it is recorded.</summary>
    public Content Content => new(Sha256!, Sm3, Size, Mime);
}

/// <summary>Whom evidence concerns, in clear as sent.</summary>
public sealed record SubjectRequest(string? Name = null, string? IdType = null, string? IdHash = null);

/// <summary>How data came to be, as sent.</summary>
public sealed record ProvenanceRequest(
    SourceSystem? System = null,
    CollectionMethod? Method = null,
    DateTimeOffset? CollectedAt = null,
    Collector? Collector = null,
    string? RawSha256 = null,
    CollectionEnvironment? Environment = null,
    IReadOnlyList<Corroborator>? Corroborators = null)
{
    /// <summary>The record, once checked.</summary>
    public Provenance Parsed =>
        new(System!, Method!.Value, CollectedAt!.Value, Collector, RawSha256, Environment, Corroborators);
}

/// <summary>
/// The shape of a deposit. Written by hand because a batch checks ten thousand of them: a validator object for each costs
/// more than everything else a batch does.
/// </summary>
internal ref struct DepositShape(List<ProblemItem> problems, int? index, int problemsMax)
{
    public const int NameMax = 200;
    public const int BusinessIdMax = 64;
    public const int TextMax = 200;
    public const int CorroboratorsMax = 10;
    public const long IntegerMax = 9_007_199_254_740_991;

    /// <summary>Adds what is wrong with a request; up to a limit over all requests.</summary>
    public void Check(DepositRequest request, bool digestNeeded = true)
    {
        if (request.Sha256 is null && digestNeeded)
            Add("sha256", "field-required");
        Digest("sha256", request.Sha256);
        Digest("sm3", request.Sm3);
        Range("size", request.Size, 0);
        Text("name", request.Name, NameMax);
        Text("businessId", request.BusinessId, BusinessIdMax);
        if (request.Mime is { } mime && (mime.Length > 127 || !mime.Contains('/') || !Ascii.IsValid(mime)))
            Add("mime", "field-form");
        if (request.Subject is { } subject)
            Check(subject);
        if (request.Provenance is { } provenance)
            Check(provenance);
    }

    private void Check(SubjectRequest subject)
    {
        Needed("subject.name", subject.Name, TextMax);
        Text("subject.idType", subject.IdType, 40);
        Text("subject.idHash", subject.IdHash, 128);
    }

    private void Check(ProvenanceRequest provenance)
    {
        Needed("provenance.system.id", provenance.System?.Id, TextMax);
        Text("provenance.system.version", provenance.System?.Version, TextMax);
        Digest("provenance.system.binarySha256", provenance.System?.BinarySha256);
        if (provenance.Method is null)
            Add("provenance.method", "field-required");
        if (provenance.CollectedAt is null)
            Add("provenance.collectedAt", "field-required");
        if (provenance.Collector is { } collector)
        {
            Needed("provenance.collector.id", collector.Id, TextMax);
            Digest("provenance.collector.certificateSha256", collector.CertificateSha256);
        }
        Digest("provenance.rawSha256", provenance.RawSha256);
        if (provenance.Environment is { } environment)
        {
            Range("provenance.environment.clockOffsetMs", environment.ClockOffsetMs, -IntegerMax);
            Range("provenance.environment.diskFreeBytes", environment.DiskFreeBytes, 0);
            Range("provenance.environment.errorsSinceStart", environment.ErrorsSinceStart, 0);
        }
        if (provenance.Corroborators?.Count > CorroboratorsMax)
            Add("provenance.corroborators", "field-range", ("min", 0), ("max", CorroboratorsMax));
        foreach (Corroborator corroborator in provenance.Corroborators ?? [])
        {
            Needed("provenance.corroborators.kind", corroborator?.Kind, 40);
            Needed("provenance.corroborators.reference", corroborator?.Reference, TextMax);
        }
    }

    /// <summary>A digest of 32 bytes in lower-case hexadecimal.</summary>
    public void Digest(string field, string? digest)
    {
        if (digest is null)
            return;
        if (digest.Length != Digests.Length)
            Add(field, "digest-length", ("length", digest.Length));
        else if (!Digests.IsValid(digest))
            Add(field, "digest-form");
    }

    private void Needed(string field, string? text, int max)
    {
        if (string.IsNullOrEmpty(text))
            Add(field, "field-required");
        else
            Text(field, text, max);
    }

    private void Text(string field, string? text, int max)
    {
        if (text is null)
            return;
        if (text.Length == 0 || text.Length > max)
            Add(field, "field-length", ("min", 1), ("max", max), ("length", text.Length));
        else if (text.Contains('\0') || !ServiceDefaults.Http.RequestValidation.IsWellFormed(text))
            Add(field, "field-characters");
    }

    private void Range(string field, long? value, long min)
    {
        if (value < min || value > IntegerMax)
            Add(field, "field-range", ("min", min), ("max", IntegerMax));
    }

    private void Add(string field, string code, params ReadOnlySpan<(string Name, object Value)> values)
    {
        if (problems.Count >= problemsMax)
            return;
        Dictionary<string, object?> words = new(StringComparer.Ordinal) { ["field"] = field };
        foreach ((string name, object value) in values)
            words[name] = value;
        problems.Add(new ProblemItem(field, code, words, index));
    }
}
