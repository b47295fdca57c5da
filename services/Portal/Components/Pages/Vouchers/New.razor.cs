using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;

namespace Portal.Components.Pages.Vouchers;

/// <summary>Issue in steps; what was chosen stands in the address, so that every step can be bookmarked and gone back to.</summary>
public sealed partial class New
{
    /// <summary>What the second step sends.</summary>
    public sealed class Input
    {
        public string? Amount { get; set; }
        public string? Due { get; set; }
        public string? Debtor { get; set; }
        public string? Line { get; set; }
        public string? MinPart { get; set; }
        public string? MaxDepth { get; set; }
        public string? MaxFragments { get; set; }
    }

    private IReadOnlyList<JsonNode> _documents = [], _chosen = [];
    private IReadOnlyList<(string Id, string Grantor, JsonNode Own)> _lines = [];
    private JsonNode? _rules;
    private long _fen;
    private (long MinPart, int Depth, int Fragments) _terms = (1, 20, 10_000);

    [SupplyParameterFromQuery(Name = "step")] public int Asked { get; set; }

    [SupplyParameterFromQuery] public string? Holder { get; set; }

    [SupplyParameterFromQuery(Name = "doc")] public string[]? Documents { get; set; }

    [SupplyParameterFromQuery] public string? Amount { get; set; }

    [SupplyParameterFromQuery] public string? Due { get; set; }

    [SupplyParameterFromQuery] public string? Debtor { get; set; }

    [SupplyParameterFromQuery] public string? Line { get; set; }

    [SupplyParameterFromQuery] public string? MinPart { get; set; }

    [SupplyParameterFromQuery] public string? MaxDepth { get; set; }

    [SupplyParameterFromQuery] public string? MaxFragments { get; set; }

    [SupplyParameterFromForm(FormName = "amount")] public Input? Form { get; set; }

    [SupplyParameterFromForm(FormName = "issue", Name = "Key")] public string? Key { get; set; }

    /// <summary>The step that can be shown: what an earlier one lacks leads back to it.</summary>
    private int Step => _chosen.Count == 0 || Asked < 2 ? 1 : Asked == 2 || _fen == 0 || Due is null ? 2 : 3;

    private string? Group => Party?["group"]?.ToString();

    private DateOnly Latest => Today.AddYears(1);

    /// <summary>The line that is chosen, else the one with most left.</summary>
    private string? Chosen => _lines.OrderByDescending(l => l.Id == (Form?.Line ?? Line)).ThenByDescending(l => Number(l.Own, "freeFen"))
        .Select(l => l.Id).FirstOrDefault();

    private long Free => _lines.Count == 0 ? long.MaxValue : Number(_lines.First(l => l.Id == Chosen).Own, "freeFen");

    private long Cover => _chosen.Where(IsInvoice).Sum(Left);

    private long Most => Math.Min(Free, Cover);

    protected override async Task OnInitializedAsync()
    {
        var documents = TryAsync("trade/documents");
        var lines = TryAsync("credit/lines");
        if (!await OpenAsync()) return;
        _lines = [.. List(await lines).Where(l => l["frozen"]?.GetValue<bool>() != true && l["accepted"]?.GetValue<bool>() == true)
            .SelectMany(l => List(l["members"]).Where(m => m["member"]?.ToString() == Tenant)
                .Select(m => (l["line"]!.ToString(), l["grantor"]!.ToString(), m)))];
        _documents = [.. List((await documents)?["items"]).Where(d => d["content"]!["seller"]?.ToString() == Holder
            && (d["content"]!["buyer"]?.ToString() == Tenant || d["content"]!["buyer"]?.ToString() == Group))];
        _chosen = [.. _documents.Where(d => Documents?.Contains(d["id"]!.ToString()) == true)];
        if (Asked >= 2 && _chosen.Count == 0) Problems.Add("docs", L["请至少选一份单据。", "Choose one document at least."]);
        _ = Yuan.TryRead(Amount, out _fen);
        ReadTerms();
        if (Step == 3) _rules = await JudgeAsync();
    }

    private async Task<JsonNode?> JudgeAsync()
    {
        var answer = await Api.PostAsync(Service, "rules/issue", new JsonObject { ["command"] = Command("check") }, null, CancellationToken.None);
        return answer.Ok ? answer.Document : null;
    }

    private void ReadTerms()
    {
        if (Yuan.TryRead(MinPart, out var least)) _terms.MinPart = least;
        if (int.TryParse(MaxDepth, CultureInfo.InvariantCulture, out var depth)) _terms.Depth = depth;
        if (int.TryParse(MaxFragments, CultureInfo.InvariantCulture, out var parts)) _terms.Fragments = parts;
    }

    private void CheckAmount()
    {
        var fen = Fen(Form?.Amount, "amount");
        if (fen > Cover)
        {
            Problems.Add("amount", L[
                $"金额{Yuan.Write(fen.Value)}超过所选发票的可用额{Yuan.Write(Cover)}。请减少金额，或上一步加选发票。",
                $"{Yuan.Write(fen.Value)} is more than is left of the chosen invoices, {Yuan.Write(Cover)}. Enter less, or go back and add invoices."]);
        }
        else if (fen > Free)
        {
            Problems.Add("amount", L[
                $"金额{Yuan.Write(fen.Value)}超过剩余额度{Yuan.Write(Free)}。请减少金额，或请授信方提高额度。",
                $"{Yuan.Write(fen.Value)} is more than is left of the line, {Yuan.Write(Free)}. Enter less, or ask for a higher line."]);
        }

        var due = Day(Form?.Due, "due", needed: true);
        if (due is not null && string.CompareOrdinal(due, Written(Latest)) > 0)
        {
            Problems.Add("due", L[
                $"到期日{due}超过开立后1年（银发〔2025〕77号第十一条）。最晚可选{Written(Latest)}。",
                $"The due date {due} is more than one year after issue (Yinfa [2025] No. 77, art. 11). The latest possible date is {Written(Latest)}."]);
        }
        else if (due is not null && string.CompareOrdinal(due, Written(Today)) <= 0)
        {
            Problems.Add("due", L[$"到期日{due}不晚于今天。请选{Written(Today.AddDays(1))}或以后。", $"The due date {due} is not after today. Choose {Written(Today.AddDays(1))} or later."]);
        }

        var least = Fen(Form?.MinPart, "minPart");
        var depth = Count(Form?.MaxDepth, "maxDepth", needed: true, max: 100);
        var parts = Count(Form?.MaxFragments, "maxFragments", needed: true, max: 30_000);
        if (Problems.All.Count > 0)
        {
            Refuse();
            return;
        }

        (Amount, Due, Debtor, Line) = (Yuan.Typed(fen!.Value), due, Form!.Debtor, Chosen);
        (MinPart, MaxDepth, MaxFragments) = (Yuan.Typed(least!.Value), Written(depth), Written(parts));
        Navigation.NavigateTo(Address(3));
    }

    private async Task IssueAsync()
    {
        var fields = new Dictionary<string, string> { ["amount-form"] = "amount", ["party-not-found"] = "holder" };
        await DraftAsync(Command(Key ?? ""), fields);
    }

    private JsonObject Command(string key) => new()
    {
        ["kind"] = "issue",
        ["commandId"] = $"I-{key}",
        ["party"] = Tenant,
        ["root"] = VoucherNumber.Of(key),
        ["debtor"] = Debtor ?? Tenant,
        ["holder"] = Holder,
        ["faceFen"] = _fen,
        ["issueDate"] = Written(Today),
        ["dueDate"] = Due,
        ["line"] = Chosen,
        ["trade"] = new JsonArray([.. _chosen.Select(d => new JsonObject
        {
            ["kind"] = d["content"]!["kind"]!.ToString(),
            ["sha256"] = d["sha256"]!.ToString(),
        })]),
        ["terms"] = new JsonObject
        {
            ["minPartFen"] = _terms.MinPart,
            ["maxDepth"] = _terms.Depth,
            ["maxFragments"] = _terms.Fragments,
        },
    };

    /// <summary>A step's address, with all that was chosen so far.</summary>
    private string Address(int step)
    {
        (string Name, string? Value)[] chosen =
        [
            ("holder", Holder), .. (Documents ?? []).Select(d => ("doc", (string?)d)), ("amount", Amount), ("due", Due),
            ("debtor", Debtor), ("line", Line), ("minPart", MinPart), ("maxDepth", MaxDepth), ("maxFragments", MaxFragments),
        ];
        return $"/vouchers/new?step={step}" + string.Concat(
            chosen.Where(c => c.Value is { Length: > 0 }).Select(c => $"&{c.Name}={E(c.Value)}"));
    }

    private (string Kind, string Words) Look(JsonNode finding) => finding["outcome"]?.ToString() switch
    {
        "allow" => ("ok", L["✓ 符合", "✓ kept"]),
        "refuse" => ("bad", L["✗ 不符合", "✗ not kept"]),
        _ => ("warn", L["! 凭理由", "! on grounds"]),
    };

    private static bool IsInvoice(JsonNode document) => document["content"]!["kind"]?.ToString() == "invoice";

    private static long Left(JsonNode invoice) =>
        Math.Max(0, Number(invoice["content"]!, "grossFen") - Number(invoice, "reversedFen") - Number(invoice, "usedFen"));

    private static long Number(JsonNode node, string member) => node[member]?.GetValue<long>() ?? 0;

    private static string Written(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Written(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
