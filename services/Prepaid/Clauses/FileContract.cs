using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using Prepaid.Cards;
using Prepaid.Merchants;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Clauses;

/// <summary>A contract that a merchant sells by.</summary>
public sealed record FileContractRequest(string? Name = null, string? Text = null);

/// <summary>A regulator's view of a contract.</summary>
public sealed record ReviewContractRequest(bool Accepted = false, string? Words = null);

/// <summary>A merchant's contracts by the SHA-256 of their text.</summary>
public sealed record ContractList(string Merchant, IReadOnlyDictionary<string, FiledContract> Contracts);

internal sealed class FileContractShape : AbstractValidator<FileContractRequest>
{
    private const int Longest = 50_000;

    public FileContractShape()
    {
        RuleFor(r => r.Name).Required();
        RuleFor(r => r.Name).Text(1, 100);
        RuleFor(r => r.Text).Required();
        RuleFor(r => r.Text).Text(1, Longest);
    }
}

internal sealed class ReviewContractShape : AbstractValidator<ReviewContractRequest>
{
    public ReviewContractShape()
    {
        RuleFor(r => r.Words).Required();
        RuleFor(r => r.Words).Text(1, 1000);
    }
}

/// <summary>
/// Contract templates on file: each is checked for void clauses when it is filed, a regulator may refuse it, and a holder reads
/// the one that the own receipt names.
/// </summary>
internal static class FileContract
{
    /// <summary>Its table: texts by their digest; a text that two merchants use is one.</summary>
    public const string Schema = "create table contracts (sha256 text collate \"C\" primary key, text text not null)";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/merchants/own/contracts", FileAsync).RequireRoles(Role.Admin).Validate(new FileContractShape())
            .WithName("FileContract").WithSummary("Files a contract's text, with what reads like void clauses.");
        app.MapPost("/merchants/{id}/contracts/{sha256}/review", ReviewAsync).RequireRoles(Role.Regulator)
            .Validate(new ReviewContractShape())
            .WithName("ReviewContract").WithSummary("A regulator accepts a contract, or stops selling by it.");
        app.MapGet("/merchants/{id}/contracts", ListAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("ListContracts").WithSummary("The contracts that a merchant filed.");
        app.MapGet("/open/contracts/{sha256}", TextAsync).OpenToAll()
            .WithName("GetContract").WithSummary("The text of the contract that a receipt names.");
    }

    private static Task<IResult> FileAsync(HttpContext http, Caller caller, JsonBody<FileContractRequest> body)
    {
        string text = body.Value.Text!;
        string sha256 = SellCards.HashOf(text);
        string[] items = [.. ClauseCheck.Find(text).Select(f => f.Item).Distinct()];
        IdempotencyKey? key = Once.Key(http.Request, caller, "contract", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<Merchant> stream =
                await session.FetchForWriting<Merchant>(MerchantEvents.Stream(caller.Tenant), token);
            Merchant merchant = stream.Aggregate;
            foreach (MerchantEvent e in Merchant.Decide(
                         merchant, new MerchantCommand.FileContract(sha256, body.Value.Name!, items))
                         .EventsOrProblem(("merchant", caller.Tenant)))
            {
                stream.AppendOne(session.Context.Stamp(MerchantEvents.NameOf(e), e));
                merchant = Merchant.Evolve(merchant, e);
            }
            session.QueueSqlCommand("insert into contracts values ($1, $2) on conflict do nothing", sha256, text);
            return Once.Json(StatusCodes.Status201Created, new ContractList(caller.Tenant, merchant.Contracts),
                PrepaidJson.Default.ContractList, $"open/contracts/{sha256}");
        });
    }

    private static Task<IResult> ReviewAsync(
        string id, string sha256, HttpContext http, Caller caller, JsonBody<ReviewContractRequest> body) =>
        FileMerchant.RunAsync(http, caller, id, body.Bytes,
            new MerchantCommand.ReviewContract(sha256, body.Value.Accepted, body.Value.Words!));

    private static async Task<IResult> ListAsync(string id, Caller caller, Store store, CancellationToken token)
    {
        if (caller.Tenant != id && !caller.Is(Role.Regulator))
            return Problem.Of("forbidden");
        Merchant merchant = await store.AggregateStreamAsync<Merchant>(MerchantEvents.Stream(id), token);
        return TypedResults.Json(new ContractList(id, merchant.Contracts), PrepaidJson.Default.ContractList);
    }

    private static async Task<IResult> TextAsync(string sha256, Store store, CancellationToken token)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand("select text from contracts where sha256 = $1");
        query.Parameters.Add(new() { Value = sha256 });
        return await query.ExecuteScalarAsync(token) is string text
            ? TypedResults.Text(text, "text/plain", System.Text.Encoding.UTF8)
            : Problem.Of(Merchant.ContractMissing);
    }
}
