using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventStore;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Receivables.Financing;

/// <summary>A line of a list.</summary>
public sealed record FinancingRow(
    Guid Id, string Root, string Seller, string State, DateTime AppliedAt, long Fen = 0, DateOnly? Due = null);

/// <summary>A financing: the seller sees all offers by true cost, a financier its own.</summary>
public sealed record FinancingDetails(
    Guid Id, FinancingEvent.Applied Application, IReadOnlyList<PricedOffer> Offers, FinancingEvent.Chosen? Chosen,
    RegisterReceipt? Receipt, DateTimeOffset? SearchedAt, bool Disbursed);

/// <summary>Reads financings, and the draft for the register.</summary>
internal static class GetFinancing
{
    private const int ListMax = 500;

    public static void Map(IEndpointRouteBuilder financings)
    {
        financings.MapGet("", ListAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("ListFinancings").WithSummary(
                "Financings that the organisation asks for or may offer, newest first; ?before=ID those before one.");
        financings.MapGet("/{id:guid}", GetAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("GetFinancing").WithSummary("A financing with its offers by true cost.");
        financings.MapPost("/{id:guid}/registration-draft", DraftAsync).RequireRoles(Role.Member, Role.Admin)
            .WithName("DraftRegistration").WithSummary("The draft for 中登网; its digest is recorded.");
    }

    private static async Task<IResult> ListAsync(
        Caller caller, Store store, CancellationToken cancellation, Guid? before = null)
    {
        await using NpgsqlCommand query = store.DataSource.CreateCommand(
            $"""
             select id, root, seller, state, applied_at, fen, due from financings
             where (seller = $1 or invited @> array[$1]) and ($2::uuid is null or id < $2)
             order by id desc limit {ListMax}
             """);
        query.Parameters.Add(new() { Value = caller.Tenant });
        query.Parameters.Add(new() { Value = (object?)before ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        List<FinancingRow> rows = [];
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(new FinancingRow(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3),
                reader.GetDateTime(4), reader.GetInt64(5),
                reader.IsDBNull(6) ? null : reader.GetFieldValue<DateOnly>(6)));
        }
        return TypedResults.Json(rows, FinancingJson.Default.ListFinancingRow);
    }

    private static async Task<IResult> GetAsync(Guid id, Caller caller, Store store, CancellationToken cancellation)
    {
        FinancingState state =
            await store.AggregateStreamAsync<FinancingState>(FinancingEvents.Stream(id), cancellation);
        if (state.Application is not { } asked
            || asked.Seller != caller.Tenant && !asked.Invited.Contains(caller.Tenant))
            return Problem.Of(FinancingDecider.Missing, ("id", id));
        bool seller = asked.Seller == caller.Tenant;
        bool chosen = state.ChosenOffer?.Financier == caller.Tenant;
        return TypedResults.Json(new FinancingDetails(
            id, asked,
            Offers.ByTrueCost(state.Offers.Values.Select(o => o.Offer)
                .Where(o => seller || o.Financier == caller.Tenant), asked.Due),
            seller || chosen ? state.Chosen : null, seller || chosen ? state.Receipt : null,
            seller || chosen ? state.SearchedAt : null, state.Disbursed), FinancingJson.Default.FinancingDetails);
    }

    private static Task<IResult> DraftAsync(Guid id, HttpContext http, Caller caller) =>
        Once.RunAsync(http, caller, null, async (session, token) =>
        {
            WritableStream<FinancingState> stream =
                await session.FetchForWriting<FinancingState>(FinancingEvents.Stream(id), token);
            if (stream.Aggregate is not { Application: { } asked, ChosenOffer: { } offer })
                throw new ProblemException(Problem.Of(FinancingDecider.Missing, ("id", id)));
            byte[] draft = Encoding.UTF8.GetBytes(Draft(asked, offer));
            FinancingEvent e = FinancingDecider.Record(stream.Aggregate, caller.Tenant,
                new FinancingEvent.Drafted(Convert.ToHexStringLower(SHA256.HashData(draft)))).EventsOrProblem()[0];
            stream.AppendOne(session.Context.Stamp(FinancingEvents.NameOf(e), e));
            return new EventStore.Idempotency.StoredResponse(
                StatusCodes.Status201Created, "text/plain; charset=utf-8", draft, null);
        });

    /// <summary>What a clerk types into 中登网: parties, description of the property, amount, term.</summary>
    internal static string Draft(FinancingEvent.Applied asked, Offer offer) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
         登记类型：应收账款转让登记（{(offer.Recourse ? "有追索权保理" : "无追索权保理")}）
         出让人：{asked.Seller}
         受让人：{offer.Financier}
         转让财产描述：应收账款电子凭证{asked.Root}，第{asked.Start}分至第{asked.Start + asked.Fen}分（不含），金额{Yuan(asked.Fen)}元
         付款日：{asked.Due:yyyy-MM-dd}
         放款日：{offer.PaysOut:yyyy-MM-dd}

         """);

    private static string Yuan(long fen) =>
        (fen / 100m).ToString("F2", CultureInfo.InvariantCulture);
}
