using System.Globalization;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Evidence.Deposits;

/// <summary>A page of deposits, newest first.</summary>
/// <param name="Items">Deposits.</param>
/// <param name="Cursor">Asks for the next page; missing on the last.</param>
public sealed record DepositPage(IReadOnlyList<DepositSummary> Items, string? Cursor);

/// <summary>One line of a list.</summary>
public sealed record DepositSummary(
    DepositId Id, string Sha256, string? Sm3, long? Size, string? Name, string? Mime, string? BusinessId,
    DateTimeOffset RecordedAt, bool Stored, bool Superseded);

/// <summary>Lists and searches an organisation's deposits by digest, business number and time.</summary>
internal static class ListDeposits
{
    public const int LimitMax = 200;

    public static void Map(IEndpointRouteBuilder deposits) =>
        deposits.MapGet("", HandleAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("ListDeposits").WithSummary("Lists deposits by digest, business number and time, newest first.");

    private static async Task<IResult> HandleAsync(
        Caller caller, DepositLookup lookup, CancellationToken cancellationToken, string? digest = null,
        string? businessId = null, string? from = null, string? to = null, string? cursor = null, string? limit = null)
    {
        if (digest is not null && !Digests.IsValid(digest))
            return Problem.Of("digest-invalid", ("length", digest.Length));
        if (businessId?.Length > DepositShape.BusinessIdMax || businessId?.Contains('\0') == true)
            return Wrong("businessId");
        if (!TryTime(from, out DateTimeOffset? since))
            return Wrong("from");
        if (!TryTime(to, out DateTimeOffset? until))
            return Wrong("to");
        if (!TryCursor(cursor, out EarlierDeposit? after))
            return Wrong("cursor");
        int size = 50;
        if (limit is not null && (!int.TryParse(limit, CultureInfo.InvariantCulture, out size) || size is < 1 or > LimitMax))
            return Wrong("limit");

        List<DepositRow> rows = await lookup.ListAsync(
            caller.Tenant, new DepositQuery(digest, businessId, since, until, after, size + 1), cancellationToken);
        string? next = null;
        if (rows.Count > size)
        {
            rows.RemoveAt(size);
            next = $"{rows[^1].RecordedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}.{rows[^1].Id}";
        }
        return TypedResults.Json(new DepositPage([.. rows.Select(r => new DepositSummary(
            r.Id, r.Sha256, r.Sm3, r.Size, r.Name, r.Mime, r.BusinessId, r.RecordedAt, r.Stored, r.Superseded))], next),
            ApiJson.Default.DepositPage);
    }

    private static Problem Wrong(string field) => Problem.Of("query-invalid", ("field", field));

    private static bool TryTime(string? text, out DateTimeOffset? time)
    {
        time = null;
        if (text is null)
            return true;
        bool read = DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset value);
        time = value;
        return read;
    }

    private static bool TryCursor(string? text, out EarlierDeposit? cursor)
    {
        cursor = null;
        if (text is null)
            return true;
        string[] parts = text.Split('.');
        if (parts.Length != 2
            || !long.TryParse(parts[0], CultureInfo.InvariantCulture, out long milliseconds)
            || milliseconds is < 0 or > 253_402_300_799_999
            || !DepositId.TryParse(parts[1], out DepositId id))
            return false;
        cursor = new EarlierDeposit(id, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
        return true;
    }
}
