using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using ReceivablesAudit;

const string Help = """
    Audits an export of receivable vouchers (services/docs/receivables-export.md), offline.

      receivables-audit EXPORT [--trust FILE] [--first-key PARTY=KEY-ID]… [--json]

      EXPORT        lines of receivables-export/1; may be gzip; - reads standard input
      --trust       trust file of the chain group, whose fingerprint you compare with the one that members publish
      --first-key   a party's first key, as the party itself published it; may be given for each party
      --json        one JSON document instead of text

    It shares no code with the service that wrote the events. From the events alone it derives who holds which fen, and
    checks signatures and the pages that were signed, the place of each event in the anchored log, and:
      I1 no fen beyond the face        I6 nothing pledged or frozen moves
      I2 credit lines                  I7 nothing moves after the cut-off
      I3 no thing used twice           I8 every receipt allocated once, to the fen
      I4 one holder for each fen       I9 debits equal credits, pending and posted
      I5 the term of a year            I10 the service's balances follow from the events

    Exit codes: 0 nothing wrong; 1 violations, each by its name; 2 the export can't be read; 3 nothing wrong, but
    not all of it could be checked (no trust file, or the newest events are in no sealed block yet); 64 wrong usage.
    """;

List<string> files = [];
Dictionary<string, string> firstKeys = new(StringComparer.Ordinal);
string? trustFile = null;
bool json = false;
for (int i = 0; i < args.Length; i++)
{
    string? value = i + 1 < args.Length ? args[i + 1] : null;
    switch (args[i])
    {
        case "--help" or "-h" or "-?":
            Console.WriteLine(Help);
            return 0;
        case "--json":
            json = true;
            break;
        case "--trust" when value is not null:
            trustFile = args[++i];
            break;
        case "--first-key" when value?.LastIndexOf('=') is > 0 and var at:
            firstKeys[value[..at]] = args[++i][(at + 1)..];
            break;
        case var file when !file.StartsWith("--", StringComparison.Ordinal):
            files.Add(file);
            break;
        default:
            Console.Error.WriteLine($"{args[i]} is not understood.\n\n{Help}");
            return 64;
    }
}
if (files.Count != 1)
{
    Console.Error.WriteLine(Help);
    return 64;
}

try
{
    byte[]? trust = trustFile is null ? null : File.ReadAllBytes(trustFile);
    using Stream stream = Open(files[0]);
    using StreamReader reader = new(stream);
    AuditResult result = Auditor.Run(Lines(reader), trust, firstKeys,
        count => Console.Error.Write($"\r{count.ToString("N0", CultureInfo.InvariantCulture)} events"));
    if (result.Events >= 10_000)
        Console.Error.WriteLine();
    if (result.Events == 0)
    {
        Console.Error.WriteLine("The file has no events: is it an export (receivables-export/1)?");
        return 2;
    }
    Write(result);
    return result.Findings.Count > 0 ? 1 : result.Incomplete ? 3 : 0;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

void Write(AuditResult r)
{
    if (json)
    {
        Console.WriteLine(JsonSerializer.Serialize(r, JsonSerializerOptions.Web));
        return;
    }
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{r.Events:N0} events ({r.Withheld:N0} by digest alone), {r.Proven:N0} in the anchored log, "
        + $"{r.Signatures:N0} signatures"));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{r.Vouchers:N0} vouchers and {r.Balances:N0} balances derived"));
    Console.WriteLine($"block: {r.Block}");
    Console.WriteLine($"trust file: {r.Fingerprint ?? "none given"}");
    foreach (Finding finding in r.Findings)
        Console.WriteLine($"✗ {finding}");
    Console.WriteLine(r.Findings.Count > 0 ? $"{r.Findings.Count} violations"
        : r.Incomplete ? "✓ no violation in what could be checked; not everything could" : "✓ no violation");
}

static Stream Open(string file)
{
    if (file == "-")
        return Console.OpenStandardInput();
    FileStream stream = File.OpenRead(file);
    bool zipped = stream.ReadByte() == 0x1f && stream.ReadByte() == 0x8b;
    stream.Position = 0;
    return zipped ? new GZipStream(stream, CompressionMode.Decompress) : stream;
}

static IEnumerable<string> Lines(StreamReader reader)
{
    while (reader.ReadLine() is { } line)
        yield return line;
}
