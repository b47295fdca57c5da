using EventStore;
using FluentValidation;
using Prepaid.Cards;
using Prepaid.Days;
using Proofs.Liabilities;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;

namespace Prepaid.Merchants;

/// <summary>A merchant's announcement that it closes for good, or its end.</summary>
/// <param name="LastDay">Its last day, thirty days ahead or more; null to take the announcement back.</param>
/// <param name="Contact">Where holders get their money back.</param>
/// <param name="Words">Why.</param>
public sealed record ClosingRequest(DateOnly? LastDay = null, string? Contact = null, string? Words = null);

/// <summary>What becomes of a branch.</summary>
/// <param name="Branch">Its name, as tills state it.</param>
/// <param name="Change">What becomes of it.</param>
/// <param name="On">From which day.</param>
/// <param name="Successor">Who has it then, by name or organisation.</param>
/// <param name="Words">What holders are offered there.</param>
public sealed record BranchChangeRequest(
    string? Branch = null, BranchChange? Change = null, DateOnly? On = null, string? Successor = null,
    string? Words = null);

internal sealed class BranchChangeShape : AbstractValidator<BranchChangeRequest>
{
    public BranchChangeShape()
    {
        RuleFor(r => r.Branch).Required();
        RuleFor(r => r.Branch).Text(1, 100);
        RuleFor(r => r.Change).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.On).Required();
        RuleFor(r => r.Successor).NotEmpty().When(r => r.Change is BranchChange.Sold or BranchChange.Merged)
            .WithErrorCode("field-required");
        RuleFor(r => r.Successor).Text(1, 200);
        RuleFor(r => r.Words).Required();
        RuleFor(r => r.Words).Text(1, 1000);
    }
}

internal sealed class ClosingShape : AbstractValidator<ClosingRequest>
{
    public ClosingShape()
    {
        RuleFor(r => r.Contact).NotEmpty().When(r => r.LastDay is not null).WithErrorCode("field-required");
        RuleFor(r => r.Contact).Text(1, 300);
        RuleFor(r => r.Words).Required();
        RuleFor(r => r.Words).Text(1, 1000);
    }
}

/// <summary>
/// Closing in good order: announced thirty days ahead, nothing sold from then on, everybody paid back, and over only when
/// nothing is owed.
/// </summary>
internal static class CloseMerchant
{
    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder closing = app.MapGroup("/merchants/own/closing").RequireRoles(Role.Admin);
        closing.MapPut("", AnnounceAsync).Validate(new ClosingShape())
            .WithName("AnnounceClosing").WithSummary("Announces that the merchant closes, or takes that back.");
        closing.MapPost("/end", FinishAsync)
            .WithName("FinishClosing").WithSummary("Ends the closing; refused while anything is owed.");
        app.MapPost("/merchants/own/branch-changes", BranchAsync).RequireRoles(Role.Admin)
            .Validate(new BranchChangeShape())
            .WithName("FileBranchChange").WithSummary("A branch is sold, merged or shut, or leaves the franchise.");
    }

    private static Task<IResult> BranchAsync(HttpContext http, Caller caller, JsonBody<BranchChangeRequest> body)
    {
        BranchChangeRequest r = body.Value;
        return FileMerchant.RunAsync(http, caller, caller.Tenant, body.Bytes, new MerchantCommand.ChangeBranch(
            new MerchantEvent.BranchChanged(r.Branch!, r.Change!.Value, r.On!.Value, r.Successor, r.Words!)));
    }

    private static Task<IResult> AnnounceAsync(
        HttpContext http, Caller caller, JsonBody<ClosingRequest> body, TimeProvider time)
    {
        ClosingRequest r = body.Value;
        return FileMerchant.RunAsync(http, caller, caller.Tenant, body.Bytes, r.LastDay is { } last
            ? new MerchantCommand.Close(last, r.Contact!, r.Words!, CardRun.Day(time.GetUtcNow()))
            : new MerchantCommand.CancelClosing(r.Words!));
    }

    private static async Task<IResult> FinishAsync(
        HttpContext http, Caller caller, Store store, TimeProvider time, CancellationToken token)
    {
        DateOnly today = CardRun.Day(time.GetUtcNow());
        await store.Projections.CatchUpAsync(BalanceRows.Projection, token);
        CardBalance[] owed = await DayBalances.ReadAsync(store.DataSource, caller.Tenant, today, token);
        return await FileMerchant.RunAsync(http, caller, caller.Tenant, default,
            new MerchantCommand.FinishClosing(owed.Sum(b => b.Owed.PrincipalFen), today));
    }
}
