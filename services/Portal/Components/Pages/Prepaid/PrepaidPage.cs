using System.Globalization;
using System.Text.Json.Nodes;
using Portal.Components.Pages.Vouchers;
using ServiceDefaults.Auth;

namespace Portal.Components.Pages.Prepaid;

/// <summary>What pages of prepaid cards have in common: whose they are, and amounts.</summary>
public abstract class PrepaidPage : ServicePage
{
    /// <summary>Name of the service.</summary>
    public const string ServiceName = "prepaid";

    /// <summary>What a service says of a merchant that has not filed.</summary>
    protected const string NotFiled = "merchant-not-filed";

    /// <inheritdoc/>
    protected override string Service => ServiceName;

    /// <summary>The reader's organisation.</summary>
    protected string Tenant => Http.User.FindFirst(Claim.Tenant)?.Value ?? "";

    /// <summary>Sells and redeems: members do.</summary>
    protected bool MaySell => Http.User.IsInRole(Role.Member);

    /// <summary>Words of prepaid cards in the reader's language.</summary>
    protected PrepaidWords Say => new(Reader);

    /// <summary>An amount of an answer.</summary>
    protected static string Money(JsonNode? fen) => fen is null ? "—" : Yuan.Write(fen.GetValue<long>());

    /// <summary>A whole number of an answer; 0 where it is missing.</summary>
    protected static long Long(JsonNode? number) => number?.GetValue<long>() ?? 0;

    /// <summary>An amount as typed; 0 where nothing was typed and nothing is needed. A problem at its field otherwise.</summary>
    protected long Fen(string? typed, string field, bool needed = true)
    {
        if (string.IsNullOrWhiteSpace(typed) && !needed) return 0;
        if (Yuan.TryRead(typed, out var fen)) return fen;
        if (!needed && decimal.TryParse(typed, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var zero) && zero == 0) return 0;
        Problems.Add(field, string.IsNullOrWhiteSpace(typed)
            ? Reader["请填写金额，单位元，例如300.00。", "Give the amount in yuan, like 300.00."]
            : Reader[$"“{typed.Trim()}”不是金额。请以元为单位填写，最多两位小数，例如300.00。", $"“{typed.Trim()}” is no amount. Give it in yuan with two decimals at most, like 300.00."]);
        return 0;
    }

    /// <summary>What was typed, or a problem at its field.</summary>
    protected string Text(string? typed, string field, string problem)
    {
        if (string.IsNullOrWhiteSpace(typed)) Problems.Add(field, problem);
        return typed?.Trim() ?? "";
    }

    /// <summary>Refuses the page unless the merchant has filed; its filing otherwise.</summary>
    protected async Task<JsonNode?> FiledAsync()
    {
        var answer = await Api.GetAsync(ServiceName, $"merchants/{E(Tenant)}", CancellationToken.None);
        if (answer.Ok) return answer.Document;
        if (answer.Code == NotFiled && !IsPost) Navigation.NavigateTo("/prepaid/filing");
        else if (!IsPost)
        {
            Refusal = answer;
            Http.Answer((int)answer.Status);
        }

        return null;
    }
}
