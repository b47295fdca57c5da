using System.Text.Json.Serialization;
using FluentValidation;
using PrepaidRisk;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;

namespace Prepaid.Merchants;

/// <summary>What a register says of a merchant, or a notice of its own.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Until">A day it names: the lease's end, the day a shop opens again.</param>
/// <param name="Source">Register and number, or the notice's words.</param>
public sealed record RegisterEntryRequest(
    [property: JsonConverter(typeof(KebabEnum<EntryKind>))] EntryKind? Kind = null, DateOnly? Until = null,
    string? Source = null);

/// <summary>A list of those who may not sell.</summary>
/// <param name="Listed">Whether the merchant stands there from now on.</param>
/// <param name="List">The list, and the number there.</param>
/// <param name="Power">The provision, or the reason to take it off.</param>
public sealed record BanRequest(bool Listed = true, string? List = null, string? Power = null);

internal sealed class RegisterEntryShape : AbstractValidator<RegisterEntryRequest>
{
    private static readonly EntryKind[] s_dated = [EntryKind.LeaseEnds, EntryKind.ClosureFiled];

    public RegisterEntryShape(params EntryKind[] kinds)
    {
        RuleFor(r => r.Kind).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Kind).Must(k => k is null || kinds.Length == 0 || kinds.Contains(k.Value))
            .WithErrorCode("field-form");
        RuleFor(r => r.Until).NotNull().When(r => r.Kind is { } k && s_dated.Contains(k))
            .WithErrorCode("field-required");
        RuleFor(r => r.Source).Required();
        RuleFor(r => r.Source).Text(1, 300);
    }
}

internal sealed class BanShape : AbstractValidator<BanRequest>
{
    public BanShape()
    {
        RuleFor(r => r.List).Required();
        RuleFor(r => r.List).Text(1, 200);
        RuleFor(r => r.Power).Required();
        RuleFor(r => r.Power).Text(1, 300);
    }
}

/// <summary>What public registers say of merchants, lists of those who may not sell, and merchants' own notices.</summary>
internal static class RecordEntries
{
    // Of itself a merchant tells what it does; what others do to it stands in registers.
    private static readonly EntryKind[] s_own =
    [
        EntryKind.AddressChanged, EntryKind.BranchClosed, EntryKind.ClosureFiled, EntryKind.LegalRepresentativeChanged,
        EntryKind.TakeoverFiled,
    ];

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder merchants = app.MapGroup("/merchants");
        merchants.MapPost("/own/notices", OwnAsync).RequireRoles(Role.Admin)
            .Validate(new RegisterEntryShape(s_own))
            .WithName("FileNotice").WithSummary("The merchant files a closure for works, a move, a takeover.");
        merchants.MapPost("/{id}/register-entries", EntryAsync).RequireRoles(Role.Regulator)
            .Validate(new RegisterEntryShape())
            .WithName("RecordRegisterEntry").WithSummary("Records what a public register says of a merchant.");
        merchants.MapPost("/{id}/bans", BanAsync).RequireRoles(Role.Regulator).Validate(new BanShape())
            .WithName("RecordBan").WithSummary("Puts a merchant on a list of those who may not sell, or takes it off.");
    }

    private static Task<IResult> OwnAsync(HttpContext http, Caller caller, JsonBody<RegisterEntryRequest> body) =>
        EntryAsync(caller.Tenant, http, caller, body);

    private static Task<IResult> EntryAsync(
        string id, HttpContext http, Caller caller, JsonBody<RegisterEntryRequest> body) => FileMerchant.RunAsync(
        http, caller, id, body.Bytes,
        new MerchantCommand.RecordEntry(body.Value.Kind!.Value, body.Value.Until, body.Value.Source!));

    private static Task<IResult> BanAsync(string id, HttpContext http, Caller caller, JsonBody<BanRequest> body)
    {
        BanRequest r = body.Value;
        return FileMerchant.RunAsync(http, caller, id, body.Bytes, r.Listed
            ? new MerchantCommand.Ban(r.List!, r.Power!) : new MerchantCommand.EndBan(r.List!, r.Power!));
    }
}
