using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;

namespace Portal.Components.Pages.Vouchers;

/// <summary>One command: its words, who signed, and signing it.</summary>
public sealed partial class Draft
{
    /// <summary>What the browser fills in when it signs.</summary>
    public sealed class Input
    {
        public string? Role { get; set; }
        public string? KeyId { get; set; }
        public string? Language { get; set; }
        public string? At { get; set; }
        public string? Previous { get; set; }
        public string? PageSha256 { get; set; }
        public string? Signature { get; set; }
    }

    private static readonly string[] Filled = ["KeyId", "Language", "At", "Previous", "PageSha256", "Signature"];

    private JsonNode? _draft;
    private CommandPage? _page;
    private (string Role, IReadOnlyList<string> Keys)? _turn;
    private (string Title, string Words, bool Keys)? _why;

    /// <summary>The command's id.</summary>
    [Parameter] public string Id { get; set; } = "";

    [SupplyParameterFromForm(FormName = "sign")] public Input? Form { get; set; }

    [SupplyParameterFromForm(FormName = "withdraw", Name = "Reason")] public string? Reason { get; set; }

    private JsonNode Command => _draft!["command"]!;

    private string Kind => Command["kind"]!.ToString();

    private bool IsKeys => Kind is "bind-key" or "revoke-key" or "set-policy";

    private string Status => _draft!["status"]!.ToString();

    private string StatusWords => Status switch
    {
        "executed" => L["✓ 已执行", "✓ carried out"],
        "withdrawn" => L["已撤回", "given up"],
        _ => L["… 待签署", "… to be signed"],
    };

    private string StatusTag => Status switch { "executed" => "ok", "withdrawn" => "", _ => "warn" };

    protected override async Task OnInitializedAsync()
    {
        if (!await OpenAsync()) return;
        await ReadAsync();
    }

    private async Task ReadAsync()
    {
        _draft = await LoadAsync($"drafts/{E(Id)}");
        if (_draft?["command"] is null)
        {
            _draft = null;
            return;
        }

        _page = await PageAsync();
        if (Status == "open") FindTurn();
    }

    /// <summary>The page without a signer, for its words alone.</summary>
    private async Task<CommandPage?> PageAsync()
    {
        var path = $"drafts/{E(Id)}/page?role=maker&key=-&lang={(L.IsChinese ? "zh" : "en")}";
        using var request = new HttpRequestMessage(HttpMethod.Get, Api.Address(Service, path));
        using var response = await Api.FetchAsync(request, CancellationToken.None);
        return response.IsSuccessStatusCode ? CommandPage.Read(await response.Content.ReadAsStringAsync()) : null;
    }

    /// <summary>Whether the reader may sign next, with which keys; or why not.</summary>
    private void FindTurn()
    {
        string[] missing = [.. List(_draft!["missing"]).Select(m => m.ToString())];
        if (missing.Contains("holder") && Command["person"]?.ToString() == Subject)
        {
            _turn = ("holder", [Command["keyId"]!.ToString()]);
            return;
        }

        var signed = List(_draft["approvals"]).Any(a => a["person"]?.ToString() == Subject);
        if (signed && !IsKeys)
        {
            _why = (L["您已签署", "You have signed"], L[
                "同一个人不能再签一次，请其他人接着签署。", "One person can't sign twice; somebody else signs next."], false);
            return;
        }

        foreach (var role in missing)
        {
            string[] keys = [.. Keys(role)];
            if (keys.Length == 0) continue;
            _turn = (role, keys);
            return;
        }

        _why = (L["等待其他人签署", "Others are to sign"], L[
            "您没有可用于所缺身份的有效密钥。", "You have no valid key for what is still missing."], true);
    }

    private IEnumerable<string> Keys(string role)
    {
        var today = Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return List(Party?["keys"]).Where(k => k["revoked"] is null).Select(k => k["key"]!)
            .Where(k => k["person"]?.ToString() == Subject && List(k["roles"]).Any(r => r.ToString() == role)
                && string.CompareOrdinal(k["validFrom"]!.ToString(), today) <= 0
                && string.CompareOrdinal(k["validUntil"]!.ToString(), today) >= 0)
            .Select(k => k["keyId"]!.ToString());
    }

    private async Task SignAsync()
    {
        if (Form?.Signature is not { Length: > 0 })
        {
            Problems.Add("", L[
                "没有收到签名，什么也没有提交。签署需要浏览器的脚本。",
                "No signature arrived and nothing was submitted. Signing needs the browser's scripts."]);
            Refuse();
            return;
        }

        var body = new JsonObject
        {
            ["role"] = Form.Role,
            ["keyId"] = Form.KeyId,
            ["language"] = Form.Language,
            ["at"] = Form.At,
            ["pageSha256"] = Form.PageSha256,
            ["signature"] = Form.Signature,
        };
        if (Form.Previous is { Length: > 0 } previous) body["previous"] = previous;
        Finish(await Api.PostAsync(Service, $"drafts/{E(Id)}/approvals", body, null, CancellationToken.None), _ => Here);
    }

    private async Task WithdrawAsync()
    {
        if (string.IsNullOrWhiteSpace(Reason))
        {
            Problems.Add("reason", L["请填写撤回的原因。没有撤回。", "Give the reason. Nothing was given up."]);
            Refuse();
            return;
        }

        var body = new JsonObject { ["reason"] = Reason.Trim() };
        Finish(await Api.PostAsync(Service, $"drafts/{E(Id)}/withdrawal", body, null, CancellationToken.None), _ => Here);
    }

    private string Here => $"/vouchers/approvals/{E(Id)}";
}
