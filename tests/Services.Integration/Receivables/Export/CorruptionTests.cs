using System.Text.Json.Nodes;
using ReceivablesAudit;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Services.Integration.Receivables.Export;

/// <summary>
/// A real export, corrupted in one place: each corruption is found by its name. Those of the first list were made after
/// the export was anchored; those of the second by an operator who wrote it so and anchored it.
/// </summary>
public sealed class CorruptionTests(ExportWorld world, ITestOutputHelper output) : IClassFixture<ExportWorld>
{
    private static readonly Dictionary<string, (string Code, Action<ExportText> Do)> Later = new()
    {
        ["an amount is changed"] = ("log-inclusion", x => Raise(x.Data("voucher-issued"), "faceFen", 1)),
        ["an event is left out"] = ("position-order", x => x.Lines.Remove(x.Line("transferred"))),
        ["an event of a stream is left out and all are numbered anew"] = ("stream-gap", x =>
        {
            x.Lines.Remove(x.Line("transferred"));
            Renumber(x);
        }
        ),
        ["two events change places"] = ("log-order", x =>
        {
            JsonObject a = x.Line("account-registered"), b = x.Line("account-registered", d =>
                (string)d["party"]! == "weaver");
            (int i, int j) = (x.Lines.IndexOf(a), x.Lines.IndexOf(b));
            (x.Lines[i], x.Lines[j]) = (b, a);
            Renumber(x);
        }
        ),
        ["an event stands twice"] = ("event-twice", x =>
        {
            x.Lines.Insert(x.Lines.IndexOf(x.Line("transferred")), (JsonObject)x.Line("transferred").DeepClone());
            Renumber(x);
        }
        ),
        ["the end is cut off"] = ("export-cut", x => x.Lines.RemoveRange(x.Lines.Count - 20, 20)),
        ["an event has one member more"] = ("event-form", x => x.Line("sold")["event"]!["note"] = "x"),
        ["an event's proof is left out"] = ("log-missing", x => x.Line("sold").Remove("log")),
        ["another checkpoint is put in"] = ("checkpoint-refuted", x => x.Head["checkpoint"] =
            ((string)x.Head["checkpoint"]!)[..^6] + "AAAA=\n"),
        ["the block lacks seals"] = ("checkpoint-refuted", x => x.Anchored(seals: 2)),
        ["a balance is another"] = ("I10-balances", x => Raise(
            (JsonObject)x.Lines.First(l => l.ContainsKey("balance"))["balance"]!, "fen", 1)),
        ["a balance is left out"] = ("I10-balances", x => x.Lines.Remove(x.Lines.First(l => l.ContainsKey("balance")))),
    };

    private static readonly Dictionary<string, (string Code, Action<ExportText> Do)> Anchored = new()
    {
        ["a leaf is paid above its fen"] = ("I1-face", x => Raise(First(x.Data("payment-recorded"), "payments"),
            "fen", 900_000)),
        ["parts beyond the face are passed on"] = ("I1-face", x =>
            First(x.Data("transferred"), "intervals")["end"] = 2_000_000),
        ["the line is less than what is used"] = ("I2-line", x => x.Data("credit-member-set")["limitFen"] = 1_400_000),
        ["a payment does not free the line"] = ("I2-used", x => Raise(
            x.Data("credit-released", d => ((string)d["key"]!).StartsWith("receipt", StringComparison.Ordinal)),
                "fen", -1)),
        ["more of an invoice is given back than was taken"] = ("I3-invoice", x =>
            Raise(x.Data("invoice-released"), "fen", 1)),
        ["a party passes on what another holds"] = ("I4-holder", x => x.Data("transferred")["from"] = "weaver"),
        ["one event gives a fen twice"] = ("I4-overlap", x =>
        {
            JsonArray intervals = (JsonArray)x.Data("transferred")["intervals"]!;
            intervals.Add(intervals[0]!.DeepClone());
        }
        ),
        ["the due date is beyond a year"] = ("I5-term", x => x.Data("voucher-issued")["dueDate"] = "2099-01-01"),
        ["the clearing has another due date"] = ("I5-term", x => x.Data("clearing-opened")["dueDate"] = "2031-01-01"),
        ["what is pledged is sold"] = ("I6-encumbered", x => MoveTo(x, "sale-offered", x.Data("pledge-offered"))),
        ["what is frozen is offered"] = ("I6-encumbered", x =>
            MoveTo(x, "pledge-offered", x.Data("frozen"), afterwards: true)),
        ["a transfer is after the cut-off"] = ("I7-cut-off", x =>
            x.Line("transferred")["event"]!["occurredAt"] = "2098-01-01T00:00:00.000Z"),
        ["the list of payees is another"] = ("I7-payees", x =>
            x.Data("snapshot-taken")["payeesSha256"] = new string('0', 64)),
        ["the clearing pays somebody else"] = ("I7-payees", x =>
            First(x.Data("clearing-opened"), "leaves")["payee"] = "fabric"),
        ["a receipt's shares lack a fen"] = ("I8-sum", x => Raise(First(x.Data("receipt-allocated"), "shares"),
            "principal", -1)),
        ["a fen goes to the wrong leaf"] = ("I8-allocation", x =>
        {
            Raise(First(x.Data("receipt-allocated"), "shares"), "principal", -1);
            Raise((JsonObject)x.Data("receipt-allocated")["shares"]![1]!, "principal", 1);
        }
        ),
        ["a receipt is allocated twice"] = ("I8-receipt-twice", x =>
            x.Data("receipt-allocated", d => (string)d["receipt"]! == Receipt(2))["receipt"] = Receipt(1)),
        ["a receipt is credited to two vouchers"] = ("I8-receipt-twice", x =>
        {
            foreach (string kind in new[] { "payment-recorded", "receipt-allocated" })
                x.Data(kind, d => (string)d["receipt"]! == Receipt(3))["receipt"] = Receipt(1);
            foreach (string kind in new[] { "payment-received", "payment-appropriated" })
            {
                x.Lines.Remove(x.Line(kind, d =>
                    (string?)(d["root"] ?? d["parts"]![0]!["root"]) == ExportWorld.Root(3)));
            }
        }
        ),
        ["interest is a fen too high"] = ("I8-interest", x => Raise(First(x.Data("late-interest-charged",
            d => d["lines"]!.AsArray().Count > 0), "lines"), "fen", 1)),
        ["money goes to an account of the platform"] = ("account-pooled", x =>
            First(x.Data("clearing-instructed"), "instructions")["to"]!["number"] = "1"),
        ["what a court froze goes to the holder"] = ("I8-payee", x =>
            First(x.Data("payees-changed"), "leaves")["payee"] = "weaver"),
        ["an account is confirmed that its party did not set"] = ("account-unsigned", x =>
            x.Data("account-confirmed", d => (string)d["party"]! == "seats")["number"] = "999"),
        ["an account is set without a command"] = ("fact-without-command", x => x.Lines.Remove(x.Line(
            "command-submitted", d => (string)d["command"]!["kind"]! == "set-account"))),
        ["an answer takes what was not on offer"] = ("I9-pending", x => x.Data("sold")["sale"] = "S-0"),
        ["less is posted than was cleared"] = ("I9-receipt", x =>
            Raise(First(x.Data("payment-recorded"), "payments"), "fen", -1)),
        ["a signature is another's"] = ("signature-invalid", x =>
            x.Data("page-approved", d => (string)d["command"]! == "T-1")["signature"] =
                (string?)x.Data("page-approved", d => (string)d["command"]! == "S-1")["signature"]),
        ["a command is changed after it was signed"] = ("page-differs", x =>
            Command(x, "T-1")["parts"]![0]!["fen"] = 300_002),
        ["an approval is left out of its chain"] = ("chain-broken", x =>
            x.Lines.Remove(x.Line("page-approved", d => (string)d["command"]! == "T-2"))),
        ["a command has one approval only"] = ("approvals-missing", x => x.Lines.Remove(
            x.Line("page-approved", d => (string)d["command"]! == "C-2" && (string)d["role"]! == "checker"))),
        ["an approval is dated back"] = ("time-backwards", x =>
            x.Data("page-approved", d => (string)d["command"]! == "S-1")["at"] = "2020-01-01T00:00:00.000Z"),
        ["maker and checker are one person"] = ("maker-is-checker", x =>
            x.Data("key-bound", d => (string)d["key"]!["person"]! == "client-seats-chen")["key"]!["person"] = "client-seats-mei"),
        ["a key comes in without a command"] = ("key-unsigned", x => x.Lines.Remove(x.Line("command-submitted"))),
        ["a fact says other than its command"] = ("fact-differs", x =>
            x.Data("transfer-offered")["parts"]![0]!["to"] = "bank"),
        ["a fact has no command"] = ("fact-without-command", x => x.Lines.Remove(
            x.Line("command-submitted", d => (string)d["command"]!["commandId"]! == "P-1"))),
    };

    public static TheoryData<string> AfterAnchoring => [.. Later.Keys];

    public static TheoryData<string> BeforeAnchoring => [.. Anchored.Keys];

    [Theory]
    [MemberData(nameof(AfterAnchoring))]
    public void A_corruption_after_anchoring_is_found_by_name(string what)
    {
        ExportText corrupt = world.Export.Copy();
        Later[what].Do(corrupt);
        Found(corrupt, what, Later[what].Code);
    }

    [Theory]
    [MemberData(nameof(BeforeAnchoring))]
    public void What_an_operator_wrote_wrong_and_anchored_is_found_by_name(string what)
    {
        ExportText corrupt = world.Export.Copy();
        Anchored[what].Do(corrupt);
        AuditResult result = Found(corrupt.Anchored(), what, Anchored[what].Code);
        result.Findings.Select(f => f.Code).ShouldNotContain("log-inclusion");
    }

    [Fact]
    public void Anchoring_the_clean_export_anew_leaves_it_clean() =>
        world.Export.Copy().Anchored().Audit(world.FirstKeys, TestAnchor.Trust).Findings.ShouldBeEmpty();

    private AuditResult Found(ExportText corrupt, string what, string code)
    {
        AuditResult result = corrupt.Audit(world.FirstKeys, TestAnchor.Trust);
        foreach (Finding finding in result.Findings)
            output.WriteLine(finding.ToString());
        result.Findings.Select(f => f.Code).ShouldContain(code, what);
        Finding named = result.Findings.First(f => f.Code == code);
        named.Place.ShouldNotBeEmpty();
        named.Expected.ShouldNotBe(named.Found);
        return result;
    }

    private static void Renumber(ExportText x)
    {
        long position = 0;
        foreach (JsonObject entry in x.Entries)
            entry["position"] = ++position;
        (x.End["events"], x.End["position"]) = (position, position);
    }

    /// <summary>An offer takes the intervals that another fact took.</summary>
    private static void MoveTo(ExportText x, string kind, JsonObject fact, bool afterwards = false)
    {
        JsonObject line = x.Line(kind);
        if (afterwards)
        {
            x.Lines.Remove(line);
            x.Lines.Insert(x.Lines.IndexOf(x.Line("frozen")) + 1, line);
            x.Lines.Remove(x.Line("pledged"));
        }
        else
        {
            x.Lines.Remove(line);
            x.Lines.Insert(x.Lines.IndexOf(x.Line("pledged")) + 1, line);
            x.Lines.Remove(x.Line("sold"));
        }
        JsonObject data = (JsonObject)line["event"]!["data"]!;
        data["intervals"] = fact["intervals"]!.DeepClone();
    }

    private static string Receipt(int number) => $"{ExportWorld.Bank}/B-{number}";

    private static JsonObject Command(ExportText x, string id) =>
        (JsonObject)x.Data("command-submitted", d => (string)d["command"]!["commandId"]! == id)["command"]!;

    private static JsonObject First(JsonObject data, string list) => (JsonObject)data[list]![0]!;

    private static void Raise(JsonObject json, string member, long by) => json[member] = (long)json[member]! + by;
}
