using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using Traceability.Epcis.Capture;
using Traceability.Epcis.Documents;
using Traceability.Epcis.Queries;
using Traceability.Visibility;

namespace Traceability.Epcis.Subscriptions;

/// <summary>
/// Answers the query document of EPCIS 1.2 and 2.0 in XML (<c>Poll</c>): at once and whole, in <c>QueryResults</c>.
/// Asked
/// for by name is an organisation's own query, which has all its parameters, or <c>SimpleEventQuery</c>.
/// </summary>
internal static class PollQuery
{
    /// <summary>The standard's query of events.</summary>
    public const string EventQueryName = "SimpleEventQuery";

    /// <summary>The standard's query of master data, which is not offered.</summary>
    public const string MasterDataQueryName = "SimpleMasterDataQuery";

    private const int BytesMax = 1 << 20;

    /// <summary>Whether a request comes as XML.</summary>
    public static bool IsXml(HttpRequest request) =>
        request.ContentType is { } type && type.Split(';')[0].Trim().ToLowerInvariant() is "application/xml" or "text/xml";

    /// <summary>Asks what the document asks.</summary>
    public static async Task<IResult> AnswerAsync(
        HttpContext http, Caller caller, NamedQueries queries, CancellationToken cancellationToken)
    {
        IServiceProvider services = http.RequestServices;
        (PollRequest? poll, EpcisProblem? wrong) = EpcisDocuments.ReadXmlPoll(
            await http.Request.ReadBytesAsync(cancellationToken), new EpcisLimits(BytesMax));
        if (wrong is { Code: XmlPollCodes.NotOffered })
            return EpcisProblems.NotImplemented(wrong.Detail);
        if (poll is { QueryName: MasterDataQueryName })
            return EpcisProblems.NotImplemented(MasterDataQueryName);
        if (poll is null)
        {
            return EpcisProblems.Invalid(
                services.GetRequiredService<ProblemCatalog>(), "document-invalid", [PostEvents.Error(wrong!)]);
        }
        EventQuery query;
        try
        {
            if (poll.QueryName == EventQueryName)
                query = QueryParameters.Read(poll.Parameters);
            else if (await queries.FindAsync(caller.Tenant, poll.QueryName, cancellationToken) is not { } named)
                return EpcisProblems.NoSuchName("query-not-found");
            else if (poll.Parameters.Count > 0)
                return EpcisProblems.Parameter(poll.Parameters[0].Name);
            else
                query = QueryParameters.Read(named);
        }
        catch (QueryParameterException e)
        {
            return EpcisProblems.Parameter(e.Parameter);
        }
        return await AnswerAsync(services, caller, query, poll.QueryName, cancellationToken);
    }

    /// <summary>There are no pages here: what is more than the largest page is too much.</summary>
    private static async Task<IResult> AnswerAsync(
        IServiceProvider services, Caller caller, EventQuery query, string name, CancellationToken cancellationToken)
    {
        EventSearch search = services.GetRequiredService<EventSearch>();
        Viewer viewer = await services.GetRequiredService<Viewers>().OfAsync(caller, cancellationToken);
        int most = Math.Min(query.CountLimit ?? query.CountMax ?? PageTokens.SizeMax, PageTokens.SizeMax);
        EventPage found = await search.PageAsync(
            query, viewer, null, await search.HeadAsync(cancellationToken), most + 1, cancellationToken);
        bool first = query.CountLimit <= PageTokens.SizeMax;
        if (found.Events.Count > most && !first)
        {
            return Problem.Of("query-too-large", ("max", most))
                .With("exception", "epcisException:QueryTooLargeException");
        }
        if (found.Events.Count <= most && found.After is not null)
            return EventSearch.TooComplex();
        DateTimeOffset now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        return TypedResults.Bytes(
            EpcisDocuments.WriteXmlQuery(found.Events.Take(most).Select(e => e.Json), name, null, now), "application/xml");
    }
}
