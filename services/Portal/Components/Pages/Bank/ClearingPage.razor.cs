using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using ServiceDefaults.Auth;

namespace Portal.Components.Pages.Bank;

/// <summary>What is paid on a day: instructions, receipts, suspense.</summary>
public sealed partial class ClearingPage
{
    /// <summary>What the form sends.</summary>
    public sealed class Input
    {
        public string? Key { get; set; }
        public string? Number { get; set; }
        public string? Amount { get; set; }
        public string? ValueDate { get; set; }
        public string? Bank { get; set; }
        public string? Account { get; set; }
    }

    private IReadOnlyList<JsonNode> _rows = [];
    private IReadOnlyList<JsonNode> _lines = [];
    private IReadOnlyList<string> _days = [];
    private JsonNode? _clearing;

    /// <summary>The day, <c>2026-11-22</c>; today where it is left out.</summary>
    [Parameter] public string? Date { get; set; }

    /// <summary>The voucher that is looked at.</summary>
    [SupplyParameterFromQuery] public string? Root { get; set; }

    [SupplyParameterFromForm(FormName = "receipt")] public Input? Form { get; set; }

    [SupplyParameterFromForm(FormName = "receipt", Name = "File")] public IFormFile? File { get; set; }

    [SupplyParameterFromForm(FormName = "instruct", Name = "Key")] public string? Key { get; set; }

    private bool IsOperator => Http.User.IsInRole(Role.Operator);

    /// <summary>Whether the page's filled button is the one that makes instructions.</summary>
    private bool Instructs => _clearing is not null && List(_clearing["instructions"]).Count == 0;

    private string Shown => DateOnly.TryParseExact(Date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
        ? Date! : Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    protected override async Task OnInitializedAsync()
    {
        var names = Register.LoadAsync();
        var day = await LoadAsync($"clearings?day={Shown}");
        await names;
        _rows = List(day?["items"]);
        _days = [.. List(day?["days"]).Select(d => d.ToString())];
        if (Root is { Length: > 0 } root) _clearing = await TryAsync($"clearings/{E(root)}");
        if (IsOperator || IsRegulator) _lines = List((await TryAsync("payments"))?["items"]);
    }

    private string Here(string root) => $"/bank/clearing/{Shown}?root={E(root)}#one";

    private string Sum(string member) => Vouchers.Yuan.Write(_rows.Sum(r => r[member]!.GetValue<long>()));

    private (string Kind, string Words) State(JsonNode row) =>
        row["dueFen"]!.GetValue<long>() == 0 ? ("ok", Reader["✓ 已付清", "✓ paid"])
        : row["overdue"]!.GetValue<bool>() ? ("bad", Reader["✗ 逾期", "✗ overdue"])
        : row["instructed"]!.GetValue<bool>() ? ("warn", Reader["… 待回单", "… waits for receipts"])
        : ("warn", Reader["… 待指令", "… to be instructed"]);

    private string Account(JsonNode? account) => account?["kind"]?.ToString() == "court" || account?["account"] is not null
        ? Reader[$"法院账户 {account?["account"]}", $"court's account {account?["account"]}"]
        : $"{Register.Name(account?["party"]?.ToString())} {account?["bank"]} {account?["number"]}";

    private static IEnumerable<(string Name, JsonNode Line)> Suspense(JsonNode clearing) =>
        (clearing["suspense"] as JsonObject ?? []).Where(l => l.Value?["fen"]?.GetValue<long>() > 0).Select(l => (l.Key, l.Value!));

    private async Task InstructAsync() => Finish(
        await Api.PostAsync(Service, $"clearings/{E(Root)}/instructions", new JsonObject(), Key, CancellationToken.None),
        _ => Here(Root!));

    private async Task ReceiveAsync()
    {
        if (string.IsNullOrWhiteSpace(Form?.Number)) Problems.Add("Number", Reader["请填写回单编号。", "Give the number of the receipt."]);
        if (string.IsNullOrWhiteSpace(Form?.Bank)) Problems.Add("Bank", Reader["请填写付款行联行号。", "Give the number of the payer's bank."]);
        var fen = Fen(Form?.Amount, "Amount");
        var day = Day(Form?.ValueDate, "ValueDate", needed: true);
        if (File is not { Length: > 0 }) Problems.Add("File", Reader["请选择回单文件。", "Choose the file of the receipt."]);
        if (Problems.All.Count > 0)
        {
            Refuse();
            return;
        }

        await using var stream = File!.OpenReadStream();
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream));
        var receipt = new JsonObject { ["bank"] = Form!.Bank!.Trim(), ["receipt"] = Form.Number!.Trim(), ["fen"] = fen, ["valueDate"] = day, ["sha256"] = sha256 };
        if (_clearing is null && Form.Account is { Length: > 0 } account) receipt["account"] = account.Trim();
        var path = _clearing is null ? "payments" : $"clearings/{E(Root)}/receipts";
        Finish(await Api.PostAsync(Service, path, receipt, Form.Key, CancellationToken.None),
            _ => _clearing is null ? $"/bank/clearing/{Shown}#suspense" : Here(Root!));
    }
}
