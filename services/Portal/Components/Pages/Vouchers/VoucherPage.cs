using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using ServiceDefaults.Auth;

namespace Portal.Components.Pages.Vouchers;

/// <summary>What pages of vouchers have in common: whose they are, names, and drafts of commands.</summary>
public abstract class VoucherPage : ServicePage
{
    /// <summary>Name of the service.</summary>
    public const string ServiceName = "receivables";

    /// <inheritdoc/>
    protected override string Service => ServiceName;

    /// <summary>The register.</summary>
    [Inject] protected Parties Register { get; set; } = null!;

    /// <summary>The reader's organisation.</summary>
    protected string Tenant => Http.User.FindFirst(Claim.Tenant)?.Value ?? "";

    /// <summary>Pseudonymous id of the reader.</summary>
    protected string Subject => Http.User.FindFirst(Claim.Subject)?.Value ?? "";

    /// <summary>Whether the reader may do something for the organisation.</summary>
    protected bool MayAct => Http.User.IsInRole(Role.Member) || IsAdmin;

    /// <summary>The organisation as the register has it, with its keys; null where it is not in it.</summary>
    protected JsonNode? Party { get; private set; }

    /// <summary>Loads the reader's organisation and the register's names; what is refused is for the page to show.</summary>
    protected async Task<bool> OpenAsync()
    {
        var names = Register.LoadAsync();
        var answer = await Api.GetAsync(ServiceName, $"parties/{E(Tenant)}", CancellationToken.None);
        await names;
        if (answer.Ok) Party = answer.Document;
        // An authority sees vouchers without being a party to any.
        else if (IsRegulator && answer.Code == "party-not-found") Party = new JsonObject();
        else if (!IsPost || answer.Status is not (HttpStatusCode.Unauthorized or HttpStatusCode.ServiceUnavailable)) Refuse(answer);
        return Party is not null;
    }

    /// <summary>Keeps a command as a draft and goes on to where it is signed.</summary>
    /// <param name="command">Without its party.</param>
    /// <param name="fields">The field of the form that a refusal belongs to, by its code.</param>
    protected async Task DraftAsync(JsonObject command, IReadOnlyDictionary<string, string>? fields = null)
    {
        command["party"] = Tenant;
        var answer = await Api.PostAsync(
            ServiceName, "drafts", new JsonObject { ["command"] = command }, null, CancellationToken.None);
        if (answer.Ok)
        {
            Navigation.NavigateTo($"/vouchers/approvals/{E(answer.Document!["id"]!.ToString())}");
            return;
        }

        if (answer.Code is { } code && fields?.GetValueOrDefault(code) is { } field) Problems.Add(field, answer.Problem!);
        else Problems.Add(answer);
        Refuse();
    }

    /// <summary>An amount as typed, or a problem at its field.</summary>
    protected long? Fen(string? typed, string field)
    {
        if (Yuan.TryRead(typed, out var fen)) return fen;
        Problems.Add(field, string.IsNullOrWhiteSpace(typed)
            ? Reader["请填写金额，单位元，例如120,000.00。", "Give the amount in yuan, like 120,000.00."]
            : Reader[$"“{typed.Trim()}”不是金额。请以元为单位填写，最多两位小数，例如120,000.00。", $"“{typed.Trim()}” is no amount. Give it in yuan with two decimals at most, like 120,000.00."]);
        return null;
    }

    /// <summary>A day in the form of tables, with the days that are left until it.</summary>
    protected string DaysTo(JsonNode? day)
    {
        if (!DateOnly.TryParse(day?.ToString(), CultureInfo.InvariantCulture, out var due)) return "";
        var days = due.DayNumber - Today.DayNumber;
        return days switch
        {
            0 => Reader["今天到期", "due today"],
            < 0 => Reader[$"已过{-days}天", $"{-days} days ago"],
            _ => Reader[$"剩余{days}天", days == 1 ? "1 day left" : $"{days} days left"],
        };
    }

    /// <summary>An amount of an answer.</summary>
    protected static string Money(JsonNode? fen) => fen is null ? "—" : Yuan.Write(fen.GetValue<long>());

    /// <summary>The page cannot be shown.</summary>
    private void Refuse(SuiteApi.Answer answer)
    {
        Refusal = answer;
        Http.Answer((int)answer.Status);
    }
}
