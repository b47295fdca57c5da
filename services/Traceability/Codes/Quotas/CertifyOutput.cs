using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Gs1;
using Traceability.MasterData;

namespace Traceability.Codes.Quotas;

/// <summary>Output to certify.</summary>
/// <param name="Gtin">8, 12, 13 or 14 digits.</param>
/// <param name="Rule">The rule that gives the amount.</param>
/// <param name="Basis">The numbers that the rule asks for, as decimal text.</param>
/// <param name="Certificate">The certificate's number.</param>
/// <param name="ValidFrom">First day.</param>
/// <param name="ValidTo">Last day.</param>
/// <param name="Organisation">Whose GTIN it is, when a regulator certifies.</param>
public sealed record CertifyRequest(
    string? Gtin = null, string? Rule = null, Dictionary<string, string>? Basis = null, string? Certificate = null,
    DateOnly? ValidFrom = null, DateOnly? ValidTo = null, string? Organisation = null);

/// <summary>Shape of a quota.</summary>
internal sealed class CertifyShape : AbstractValidator<CertifyRequest>
{
    public CertifyShape()
    {
        RuleFor(r => r.Gtin).Required();
        RuleFor(r => r.Gtin).Must(g => g is null || CheckDigit.TryGtin14(g, out _)).WithErrorCode("gtin-form");
        RuleFor(r => r.Rule).Required();
        RuleFor(r => r.Basis).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Certificate).Required();
        RuleFor(r => r.Certificate).Text(1, 100);
        RuleFor(r => r.Organisation).Text(1, 100);
        RuleFor(r => r.ValidFrom).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.ValidTo).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.ValidTo).Must((r, to) => to is null || r.ValidFrom is null || to >= r.ValidFrom)
            .WithErrorCode("field-form");
    }
}

/// <summary>
/// A quota. <c>CertifiedBy</c> is who said so: the organisation itself, or an authority. <c>Binding</c> is false for an
/// organisation's own statement beside an authority's, which it does not add to.
/// </summary>
public sealed record QuotaAnswer(
    Guid Id, string Rule, string Certificate, long Amount, long Used, long Left, DateOnly ValidFrom, DateOnly ValidTo,
    string CertifiedBy, bool Binding = true)
{
    /// <summary>Codes that were issued or imported within its validity before it was certified; part of those used.</summary>
    public long Earlier { get; init; }
}

/// <summary>All quotas of a GTIN.</summary>
/// <param name="Gtin">14 digits.</param>
/// <param name="Limited">False for a GTIN that never had a quota: it may issue any number.</param>
/// <param name="Issued">Codes issued in all.</param>
/// <param name="Quotas">The quotas.</param>
/// <param name="Rules">The rules there are, in words.</param>
public sealed record GtinQuotas(
    string Gtin, bool Limited, long Issued, IReadOnlyList<QuotaAnswer> Quotas, IReadOnlyList<QuotaRule> Rules);

/// <summary>Certifies how many items there can be, and shows it.</summary>
internal static class CertifyOutput
{
    public static void Map(IEndpointRouteBuilder codes)
    {
        codes.MapPost("/quotas", HandleAsync).RequireRoles(Role.Admin, Role.Regulator).Validate(new CertifyShape())
            .WithName("CertifyOutput").WithSummary("Certifies output of a GTIN, which limits its codes.");
        codes.MapGet("/quotas/{gtin}", GetAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetQuotas").WithSummary("What a GTIN may issue, and why.");
    }

    private static Task<IResult> HandleAsync(
        HttpContext http, Caller caller, JsonBody<CertifyRequest> body, Store store)
    {
        CertifyRequest request = body.Value;
        _ = CheckDigit.TryGtin14(request.Gtin!, out string gtin);
        if (request.Organisation is not null && !caller.Is(Role.Regulator))
            return Task.FromResult<IResult>(Problem.Of("forbidden"));
        QuotaRule? rule = QuotaRule.Find(request.Rule, request.ValidFrom!.Value);
        if (rule is null)
            return Task.FromResult<IResult>(Problem.Of("quota-rule-unknown",
                ("rule", request.Rule), ("rules", string.Join(", ", QuotaRule.All.Select(r => r.Id)))));
        if (rule.Amount(request.Basis!) is not { } amount)
            return Task.FromResult<IResult>(Problem.Of("quota-basis",
                ("rule", rule.Id), ("members", string.Join(", ", rule.Members)), ("zh", rule.Zh), ("en", rule.En)));
        IdempotencyKey? key = Once.Key(http.Request, caller, "certify-output", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<GtinCodesState> stream =
                await session.FetchForWriting<GtinCodesState>(CodeEvents.StreamOfGtin(gtin), token);
            // Who described the product is the only one that output can be certified for.
            MasterState product = await session.AggregateStreamAsync<MasterState>($"product-{gtin}", token);
            string certifiedFor = request.Organisation
                ?? (caller.Is(Role.Regulator) ? product.Tenant ?? stream.Aggregate.Owner : caller.Tenant)
                ?? throw new ProblemException(Problem.Of("quota-organisation", ("gtin", gtin)));
            string certificate = request.Certificate!.Trim();
            if (await IsCountedAsync(store, certifiedFor, certificate, gtin, token))
            {
                throw new ProblemException(Problem.Of(
                    GtinCodes.CertificateUsed, ("gtin", gtin), ("certificate", certificate)));
            }
            GtinCodesEvent.OutputCertified quota = new(
                session.Context.NewId(), certifiedFor, rule.Id, request.Basis!, amount, certificate,
                request.ValidFrom.Value, request.ValidTo!.Value);
            IReadOnlyList<GtinCodesEvent> said = GtinCodes.Certify(stream.Aggregate, quota, product.Tenant, caller.Tenant)
                .EventsOrProblem(("gtin", gtin), ("certificate", quota.Certificate));
            stream.AppendMany(said);
            long earlier = ((GtinCodesEvent.OutputCertified)said[0]).Earlier ?? 0;
            return Once.Json(
                StatusCodes.Status201Created,
                new QuotaAnswer(
                    quota.Id, rule.Id, quota.Certificate, amount, earlier, amount - earlier, quota.ValidFrom,
                    quota.ValidTo, caller.Tenant)
                { Earlier = earlier },
                CodeJson.Default.QuotaAnswer, $"quotas/{gtin}");
        });
    }

    /// <summary>
    /// Whether a certificate was counted for another product of the organisation: one area's output is not certified in
    /// full for each size that it is packed in.
    /// </summary>
    private static async Task<bool> IsCountedAsync(
        Store store, string owner, string certificate, string gtin, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select exists (select from code_quotas
                where tenant = $1 and btrim(certificate) = $2 and gtin <> $3)
            """);
        command.Parameters.Add(new() { Value = owner });
        command.Parameters.Add(new() { Value = certificate });
        command.Parameters.Add(new() { Value = gtin });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<IResult> GetAsync(
        string gtin, Caller caller, Store store, CancellationToken cancellationToken)
    {
        if (!CheckDigit.TryGtin14(gtin, out string gtin14))
            return Problem.Of("not-found");
        IReadOnlyList<StoredEvent> events =
            await store.FetchStreamAsync(CodeEvents.StreamOfGtin(gtin14), cancellationToken);
        GtinCodesState state = events.Aggregate(
            GtinCodesState.Initial, GtinCodesState.Evolve);
        Dictionary<Guid, string> certified = events.Where(e => e.Data is GtinCodesEvent.OutputCertified)
            .ToDictionary(e => ((GtinCodesEvent.OutputCertified)e.Data).Id, e => e.Tenant);
        MasterState product = await store.AggregateStreamAsync<MasterState>($"product-{gtin14}", cancellationToken);
        bool own = (product.Tenant ?? state.Owner) is { } owner
            ? owner == caller.Tenant
            : events.Count == 0 || events.Any(e => e.Tenant == caller.Tenant);
        if (!own && !caller.Is(Role.Regulator))
            return Problem.Of("not-found");
        return TypedResults.Json(
            new GtinQuotas(gtin14, !state.Quotas.IsEmpty, state.Issued,
                [.. state.Quotas.Select(q => new QuotaAnswer(
                    q.Id, q.Rule, q.Certificate, q.Amount, q.Used, q.Left, q.ValidFrom, q.ValidTo, certified[q.Id],
                    state.BindingOf(q.Owner).Contains(q)) { Earlier = q.Earlier })],
                QuotaRule.All),
            CodeJson.Default.GtinQuotas);
    }
}
