using Chain.Core;
using FluentValidation;
using Receivables.Trade;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Receivables.Pledges;

/// <summary>A thing to claim for a voucher.</summary>
/// <param name="Kind"><c>invoice</c>, <c>land-right</c>, <c>animal</c> or <c>warehouse-receipt</c>.</param>
/// <param name="Number">The thing's number.</param>
/// <param name="Code">An invoice's code, where it has one.</param>
/// <param name="Keeper">A warehouse receipt's keeper: unified social credit code.</param>
/// <param name="Voucher">The voucher that is about to be issued.</param>
/// <param name="Fen">Amount of it that rests on the thing.</param>
/// <param name="GrossFen">Worth of the thing.</param>
/// <param name="Supplier">The account that confirms transfers, 0x and 40 hex digits.</param>
public sealed record ClaimThingRequest(
    string? Kind = null, string? Number = null, string? Code = null, string? Keeper = null, string? Voucher = null,
    long? Fen = null, long? GrossFen = null, string? Supplier = null);

/// <summary>Its shape.</summary>
internal sealed class ClaimThingShape : AbstractValidator<ClaimThingRequest>
{
    internal static readonly string[] Kinds = ["invoice", "land-right", "animal", "warehouse-receipt"];

    public ClaimThingShape()
    {
        RuleFor(r => r.Kind).Required();
        RuleFor(r => r.Kind).Must(k => k is null || Kinds.Contains(k)).WithErrorCode("field-form");
        RuleFor(r => r.Number).Required();
        RuleFor(r => r.Voucher).Required().Text(1, 64);
        RuleFor(r => r.Fen).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.GrossFen).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Keeper).NotEmpty().When(r => r.Kind == "warehouse-receipt").WithErrorCode("field-required");
        RuleFor(r => r.Supplier).Must(s => s is null || Address.TryParse(s, out _)).WithErrorCode("field-form");
    }
}

/// <summary>A voucher that rests on a claim.</summary>
/// <param name="Voucher">Its name.</param>
/// <param name="Fen">How much of the thing it has.</param>
/// <param name="State"><c>locked</c>, <c>bound</c> (the chain knows it; it may be issued) or <c>issued</c>.</param>
public sealed record PledgedVoucher(string Voucher, long Fen, string State);

/// <summary>A claim as its organisation sees it.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Stage"><c>free</c>, <c>claiming</c>, <c>claimed</c> or <c>moving</c>.</param>
/// <param name="Epoch">Newest key epoch that it has a key of.</param>
/// <param name="GrossFen">Worth of the thing.</param>
/// <param name="TakenFen">Credit notes, and use on other platforms.</param>
/// <param name="UsedFen">Set aside or used by vouchers here.</param>
/// <param name="LeftFen">What is left; below zero after a late credit note.</param>
/// <param name="Supplier">Account that confirms transfers; null where none was named, and the claim can't move.</param>
/// <param name="MovedTo">Platform that the rest went to.</param>
/// <param name="Vouchers">Vouchers that rest on it.</param>
public sealed record PledgeAnswer(
    string Id, string Stage, int Epoch, long GrossFen, long TakenFen, long UsedFen, long LeftFen, string? Supplier,
    string? MovedTo, IReadOnlyList<PledgedVoucher> Vouchers)
{
    internal static PledgeAnswer Of(Hash32 id, PledgeState s) => new(
        id.ToString(), s.Stage.ToString().ToLowerInvariant(), s.Epoch, s.Terms?.GrossFen ?? 0, s.TakenFen, s.UsedFen,
        s.LeftFen, s.Terms is { } t && !Address.Parse(t.Supplier).IsZero ? t.Supplier : null, s.HandedOn?.To,
        [.. s.Locks.Select(l => new PledgedVoucher(
            l.Key, l.Value.Fen, l.Value.Issued ? "issued" : l.Value.Bound ? "bound" : "locked"))]);
}

/// <summary>Claims of a voucher.</summary>
public sealed record PledgeList(IReadOnlyList<PledgeAnswer> Items);

/// <summary>Claiming a thing, and reading a claim.</summary>
internal static class PledgeEndpoints
{
    /// <summary>Maps them where claims are configured.</summary>
    public static void MapPledges(this WebApplication app)
    {
        if (!PledgeOptions.IsGiven(app.Configuration))
            return;
        RouteGroupBuilder pledges = app.MapGroup("/pledges");
        pledges.MapPost("", ClaimAsync).RequireRoles(Role.Member).Validate(new ClaimThingShape())
            .WithName("ClaimThing").WithSummary("Claims a thing for a voucher that is about to be issued.");
        pledges.MapGet("", ListAsync).RequireRoles(Role.Member, Role.Reader)
            .WithName("ListPledges").WithSummary("Claims of one's own organisation that a voucher rests on: ?voucher=.");
        pledges.MapGet("/{id}", GetAsync).RequireRoles(Role.Member, Role.Reader)
            .WithName("GetPledge").WithSummary("A claim of one's own organisation.");
        ChangePledge.Map(pledges);
        MovePledge.Map(pledges);
    }

    /// <summary>A claim of the caller's organisation; to others it is not there.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public static async Task<(Hash32 Id, PledgeState State)> OwnAsync(
        string id, Caller caller, PledgeSaga saga, CancellationToken cancellation) =>
        Hash32.TryParse(id, out Hash32 key) && await saga.StateAsync(key, cancellation) is { } state
            && state.Tenant == caller.Tenant
            ? (key, state)
            : throw new ProblemException(Problem.Of("not-found"));

    /// <summary>The one spelling of a thing's number.</summary>
    /// <exception cref="ProblemException">It is none.</exception>
    public static CanonicalId Read(string kind, string number, string? code, string? keeper)
    {
        CanonicalId? id;
        string? problem = kind switch
        {
            "invoice" => CanonicalId.Invoice(code, number, out id),
            "land-right" => CanonicalId.LandRight(number, out id),
            "animal" => CanonicalId.Animal(number, out id),
            _ => CanonicalId.WarehouseReceipt(keeper ?? "", number, out id),
        };
        return problem is null ? id! : throw new ProblemException(Problem.Of(problem));
    }

    private static async Task<IResult> ClaimAsync(
        Caller caller, ClaimThingRequest r, PledgeSaga saga, TradeFiles files, ClaimQuota quota,
        CancellationToken cancellation)
    {
        CanonicalId thing = Read(r.Kind!, r.Number!, r.Code, r.Keeper);
        // Else claims would be a way to try numbers, and to take things that are somebody else's.
        if (await files.OfThingAsync(thing.Text, cancellation) is not { } file
            || file.Owner != caller.Tenant && file.Body.Buyer != caller.Tenant)
            throw new ProblemException(Problem.Of("pledge-thing-not-deposited"));
        if (file.Body.GrossFen != r.GrossFen)
            throw new ProblemException(Problem.Of("pledge-gross-differs"));
        await quota.TakeAsync(caller.Tenant, cancellation);
        PledgeResult result = await PledgeProblems.TranslateAsync(() => saga.ClaimAsync(thing, new PledgeRequest(
            caller.Tenant, r.Voucher!, r.Fen!.Value, r.GrossFen!.Value, r.Supplier, file.ReversedFen), cancellation));
        return result.Claimed
            ? TypedResults.Ok(PledgeAnswer.Of(result.Id, await saga.StateAsync(result.Id, cancellation)))
            : PledgeProblems.Refused(result);
    }

    private static async Task<IResult> ListAsync(
        string? voucher, Caller caller, PledgeLookup claims, CancellationToken cancellation)
    {
        IReadOnlyList<LiveClaim> found = await claims.OfVoucherAsync(voucher ?? "", cancellation);
        return TypedResults.Ok(new PledgeList(
            [.. found.Where(c => c.State.Tenant == caller.Tenant).Select(c => PledgeAnswer.Of(c.Id, c.State))]));
    }

    private static async Task<IResult> GetAsync(
        string id, Caller caller, PledgeSaga saga, CancellationToken cancellation)
    {
        (Hash32 key, PledgeState state) = await OwnAsync(id, caller, saga, cancellation);
        return TypedResults.Ok(PledgeAnswer.Of(key, state));
    }
}
