using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;

namespace Portal.Components.Pages.Vouchers;

/// <summary>Financing of a voucher: application, offers by true cost, choice, and the sale that is signed.</summary>
public sealed partial class Finance
{
    /// <summary>What an application sends.</summary>
    public sealed class Input
    {
        public string? Key { get; set; }
        public string? Start { get; set; }
        public string[]? Invited { get; set; }
    }

    private const int ShownMost = 5;
    private const int DigestLength = 64;
    private JsonNode? _voucher;
    private IReadOnlyList<JsonNode> _financings = [], _parts = [];

    [Parameter] public string Root { get; set; } = "";

    [SupplyParameterFromForm(FormName = "apply")] public Input? Form { get; set; }

    [SupplyParameterFromForm] public string? Key { get; set; }

    [SupplyParameterFromForm] public string? Financing { get; set; }

    [SupplyParameterFromForm] public string? Offer { get; set; }

    [SupplyParameterFromForm] public string? Agreement { get; set; }

    private long Free => _voucher?["held"]?["freeFen"]?.GetValue<long>() ?? 0;

    protected override async Task OnInitializedAsync()
    {
        if (!await OpenAsync()) return;
        _voucher = await LoadAsync($"vouchers/{E(Root)}");
        if (_voucher is null) return;
        _parts = [.. List((await TryAsync($"vouchers/{E(Root)}/fragments?limit=1000"))?["items"])
            .Where(f => f["holder"]?.ToString() == Tenant && f["state"]?.ToString() == "held")];
        List<JsonNode> all = [];
        foreach (var row in List(await TryAsync("financings")).Where(f => f["root"]?.ToString() == Root).Take(ShownMost))
        {
            if (await TryAsync($"financings/{row["id"]}") is { } details) all.Add(details);
        }

        _financings = all;
    }

    private async Task ApplyAsync()
    {
        var part = _parts.FirstOrDefault(p => p["start"]!.ToString() == Form?.Start);
        if (part is null) Problems.Add("start", L["请选择一份。没有提交。", "Choose a part. Nothing was submitted."]);
        if (Form?.Invited is not { Length: > 0 }) Problems.Add("invited", L["请至少邀请一家。没有提交。", "Invite one at least. Nothing was submitted."]);
        if (Problems.All.Count > 0)
        {
            Refuse();
            return;
        }

        var body = new JsonObject
        {
            ["root"] = Root,
            ["start"] = part!["start"]!.GetValue<long>(),
            ["fen"] = Length(part),
            ["invited"] = new JsonArray([.. Form!.Invited!.Select(i => JsonValue.Create(i))]),
        };
        Finish(await Api.PostAsync(Service, "financings", body, Form.Key, CancellationToken.None), d => $"{Here}#f-{d!["id"]}");
    }

    private async Task ChooseAsync()
    {
        var body = new JsonObject { ["kind"] = "choose", ["offer"] = Offer };
        Finish(await Api.PostAsync(Service, $"financings/{E(Financing)}/steps", body, Key, CancellationToken.None), _ => $"{Here}#f-{Financing}");
    }

    private async Task SellAsync()
    {
        var digest = string.Concat((Agreement ?? "").Where(c => !char.IsWhiteSpace(c))).ToLowerInvariant();
        var financing = _financings.FirstOrDefault(f => f["id"]?.ToString() == Financing);
        if (financing is null || Chosen(financing) is not { } offer || digest.Length != DigestLength || !digest.All(char.IsAsciiHexDigitLower))
        {
            Problems.Add("sha256", L["请填写协议文件的SHA-256摘要，64位十六进制字符。没有提交。", "Give the SHA-256 digest of the agreement, 64 hexadecimal characters. Nothing was submitted."]);
            Refuse();
            return;
        }

        var asked = financing["application"]!;
        await DraftAsync(new JsonObject
        {
            ["kind"] = "sell",
            ["commandId"] = $"S-{Key}",
            ["buyer"] = offer["financier"]!.ToString(),
            ["from"] = new JsonArray(new JsonObject
            {
                ["root"] = Root,
                ["fen"] = asked["fen"]!.GetValue<long>(),
                ["start"] = asked["start"]!.GetValue<long>(),
            }),
            ["withRecourse"] = offer["recourse"]!.GetValue<bool>(),
            ["financing"] = Financing,
            ["agreementSha256"] = digest,
        });
    }

    private string Here => $"/vouchers/{E(Root)}/finance";

    private string State(JsonNode financing) => financing["disbursed"]!.GetValue<bool>() ? L["✓ 已放款", "✓ paid out"]
        : financing["chosen"] is not null ? L["… 已选定，待放款", "… chosen, to be paid out"]
        : L["… 等报价", "… waiting for offers"];

    /// <summary>The offer that was chosen.</summary>
    private static JsonNode? Chosen(JsonNode financing) => financing["chosen"]?["offer"]?.ToString() is { } id
        ? List(financing["offers"]).Select(o => o["offer"]!).FirstOrDefault(o => o["id"]?.ToString() == id) : null;

    private static long Length(JsonNode part) => part["end"]!.GetValue<long>() - part["start"]!.GetValue<long>();

    private static string Percent(JsonNode cost) =>
        (cost["effectivePpm"] ?? cost["effective"]) is JsonValue v && v.TryGetValue(out decimal ppm)
            ? (ppm / 10_000m).ToString("0.00", CultureInfo.InvariantCulture) + "%" : "—";
}
