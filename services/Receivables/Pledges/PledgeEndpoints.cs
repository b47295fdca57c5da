using System.Text.Json.Nodes;
using Chain.Client;
using Chain.Core;
using FluentValidation;
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
    private static readonly string[] Kinds = ["invoice", "land-right", "animal", "warehouse-receipt"];

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

/// <summary>A claim as its organisation sees it.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Stage">Where it stands.</param>
/// <param name="Epoch">Newest key epoch that it has a key of.</param>
/// <param name="GrossFen">Worth of the thing.</param>
/// <param name="TakenFen">Credit notes, and use on other platforms.</param>
/// <param name="UsedFen">Set aside or used by vouchers here.</param>
/// <param name="LeftFen">What is left; below zero after a late credit note.</param>
/// <param name="Vouchers">Vouchers that rest on it.</param>
public sealed record PledgeAnswer(
    string Id, string Stage, int Epoch, long GrossFen, long TakenFen, long UsedFen, long LeftFen,
    IReadOnlyList<string> Vouchers);

/// <summary>Claiming a thing, and reading a claim.</summary>
internal static class PledgeEndpoints
{
    /// <summary>Maps them where claims are configured.</summary>
    public static void MapPledges(this WebApplication app)
    {
        if (!app.Configuration.GetSection(PledgeOptions.Section).Exists())
            return;
        RouteGroupBuilder pledges = app.MapGroup("/pledges");
        pledges.MapPost("", ClaimAsync).RequireRoles(Role.Member).Validate(new ClaimThingShape())
            .WithName("ClaimThing").WithSummary("Claims a thing for a voucher that is about to be issued.");
        pledges.MapGet("/{id}", GetAsync).RequireRoles(Role.Member, Role.Reader)
            .WithName("GetPledge").WithSummary("A claim of one's own organisation.");
    }

    private static async Task<IResult> ClaimAsync(
        Caller caller, ClaimThingRequest request, PledgeSaga saga, CancellationToken cancellation)
    {
        CanonicalId thing = Read(request);
        try
        {
            PledgeResult result = await saga.ClaimAsync(thing, new PledgeRequest(
                caller.Tenant, request.Voucher!, request.Fen!.Value, request.GrossFen!.Value, request.Supplier),
                cancellation);
            return result.Claimed
                ? TypedResults.Ok(Answer(result.Id, await saga.StateAsync(result.Id, cancellation)))
                : Refused(result);
        }
        catch (HoldersAwayException e)
        {
            return Problem.Of("pledge-holders-away").With(
                "holders", new JsonArray([.. e.Faults.Select(f => (JsonNode)$"{f.Holder}: {f.Code}")]));
        }
        catch (NodesUnreachableException)
        {
            return Problem.Of("pledge-chain-away");
        }
    }

    private static async Task<IResult> GetAsync(
        string id, Caller caller, PledgeSaga saga, CancellationToken cancellation)
    {
        if (!Hash32.TryParse(id, out Hash32 key)
            || await saga.StateAsync(key, cancellation) is not { } state || state.Tenant != caller.Tenant)
            return Problem.Of("not-found");
        return TypedResults.Ok(Answer(key, state));
    }

    private static CanonicalId Read(ClaimThingRequest r)
    {
        CanonicalId? id;
        string? problem = r.Kind switch
        {
            "invoice" => CanonicalId.Invoice(r.Code, r.Number!, out id),
            "land-right" => CanonicalId.LandRight(r.Number!, out id),
            "animal" => CanonicalId.Animal(r.Number!, out id),
            _ => CanonicalId.WarehouseReceipt(r.Keeper!, r.Number!, out id),
        };
        return problem is null ? id! : throw new ProblemException(Problem.Of(problem));
    }

    private static PledgeAnswer Answer(Hash32 id, PledgeState s) => new(
        id.ToString(), s.Stage.ToString().ToLowerInvariant(), s.Epoch, s.Terms?.GrossFen ?? 0, s.TakenFen, s.UsedFen,
        s.LeftFen, [.. s.Locks.Keys]);

    /// <summary>Who has it, with the chain's own proof.</summary>
    private static Problem Refused(PledgeResult result)
    {
        if (result.Evidence is not { } e || result.Refusal is not { Platform.Length: > 0 } refusal)
            return Problem.Of("pledge-chain-refused").With("transaction", result.Refusal?.Transaction);
        return Problem.Of("pledge-taken")
            .With("platform", refusal.Platform)
            .With("claimedAt", refusal.ClaimedAt)
            .With("transaction", refusal.Transaction)
            .With("evidence", new JsonObject
            {
                ["registry"] = e.Registry.ToString(),
                ["key"] = e.Key.ToString(),
                ["block"] = e.Block,
                ["blockHash"] = e.BlockHash.ToString(),
                ["stateRoot"] = e.StateRoot.ToString(),
                ["accountProof"] = Nodes(e.Account),
                ["idProof"] = Nodes(e.Slots[0]),
                ["claimProof"] = Nodes(e.Slots[1]),
            });
    }

    private static JsonArray Nodes(IReadOnlyList<byte[]> nodes) =>
        new([.. nodes.Select(n => (JsonNode)Hex.ToPrefixed(n))]);
}
