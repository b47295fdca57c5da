using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EventStore;
using Microsoft.Extensions.DependencyInjection;
using Proofs;
using Receivables.Financing;
using Receivables.Maturity;
using Receivables.Rules;
using Receivables.Signatures;
using Receivables.Vouchers;
using Services.Tests.Proofs;
using Shouldly;
using Xunit;

namespace Services.Integration.Receivables.Documents;

/// <summary>Documents as their readers get them, read by other programs than those that made them.</summary>
public sealed class DocumentTests : IAsyncLifetime
{
    private const string Root = "V-00000000000000000000000007";
    private static readonly string Digest = new('a', 64);
    private static readonly DateOnly PayDay = new(2026, 9, 28);
    private static readonly Guid Financing = Guid.CreateVersion7();
    private RunningReceivables _running = null!;

    public async Task InitializeAsync()
    {
        _running = await RunningReceivables.StartAsync();
        await TellAsync();
    }

    public async Task DisposeAsync() => await _running.DisposeAsync();

    [Fact]
    public async Task Nothing_is_printed_before_there_is_a_proof()
    {
        HttpClient seats = await _running.AsAsync("seats");
        using HttpResponseMessage early = await seats.GetAsync($"vouchers/{Root}/certificate.pdf?wait=0");
        early.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await early.Content.ReadAsStringAsync()).ShouldContain("accepted");
    }

    [Fact]
    public async Task A_certificate_carries_proofs_that_verify_and_a_valid_signature()
    {
        _running.Anchored = true;
        Document zh = await FetchAsync("seats", $"vouchers/{Root}/certificate.pdf?language=zh");
        zh.Text.ShouldContain("¥10,000.00（人民币壹万元整）");
        zh.Text.ShouldContain("债务人的付款确认");
        zh.Text.ShouldContain("key-maker");
        zh.Text.ShouldContain("seats持有¥6,000.00");
        zh.Signatures.ShouldContain("Signature is Valid");
        zh.Signatures.ShouldContain("Total document signed");
        byte[] trust = new TestNetwork(4).Trust().ToBytes();
        zh.Files["trust.json"].ShouldBe(trust);
        foreach (string name in new[] { "issued.proof.json", "accepted.proof.json" })
            Verifier.Verify(zh.Files[name], trust).Verdict.ShouldBe(Verdict.Proven, name);
        string told = (string)JsonNode.Parse(zh.Files["issued.proof.json"])!["event"]!;
        Encoding.UTF8.GetString(Convert.FromBase64String(told)).ShouldContain("\"faceFen\":1000000");

        Document en = await FetchAsync("bank", $"vouchers/{Root}/certificate.pdf?language=en");
        en.Text.ShouldContain("CNY 10,000.00");
        en.Text.ShouldContain("bank holds CNY 4,000.00");
        en.Text.ShouldContain("25 September 2026");
        en.Text.ShouldContain("28 September 2026"); // the 25th is a day of rest
    }

    [Fact]
    public async Task A_changed_byte_of_a_document_is_seen()
    {
        _running.Anchored = true;
        Document document = await FetchAsync("seats", $"vouchers/{Root}/certificate.pdf");
        byte[] forged = document.Bytes;
        int at = forged.AsSpan().IndexOf("/Creat"u8) is var i and > 0 ? i + 10 : 600;
        forged[at] ^= 1;
        string file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, forged);
        (await PdfTools.SignaturesAsync(file)).ShouldNotContain("Signature is Valid");
        File.Delete(file);
    }

    [Fact]
    public async Task A_notice_names_old_and_new_creditor_and_only_they_and_the_debtor_get_it()
    {
        _running.Anchored = true;
        Document notice = await FetchAsync("carmaker", $"vouchers/{Root}/assignments/c3/notice.pdf?language=en");
        notice.Text.ShouldContain("CNY 4,000.00");
        notice.Text.ShouldContain("with recourse (Civil Code art. 766)");
        Verifier.Verify(notice.Files["assignment.proof.json"], notice.Files["trust.json"]).Verdict
            .ShouldBe(Verdict.Proven);
        await RefusedAsync("fabric", $"vouchers/{Root}/assignments/c3/notice.pdf", "voucher-not-found");
        await RefusedAsync("seats", $"vouchers/{Root}/assignments/none/notice.pdf", "assignment-not-found");
    }

    [Fact]
    public async Task An_agreement_shows_every_cost_to_its_two_parties_alone()
    {
        _running.Anchored = true;
        string path = $"financings/{Financing}/agreement.pdf";
        // Golden: 1 000 000.00 at 3.85 % for 181 days is 19 356.94 of interest; the fee is on top.
        Document agreement = await FetchAsync("bank", path + "?language=en");
        foreach (string figure in new[]
                 { "CNY 1,000,000.00", "3.8500% ACT/360", "CNY 19,356.94", "CNY 980,543.06", "CNY 100.00", "181" })
            agreement.Text.ShouldContain(figure);
        Verifier.Verify(agreement.Files["chosen.proof.json"], agreement.Files["trust.json"]).Verdict
            .ShouldBe(Verdict.Proven);
        await FetchAsync("seats", path);
        await RefusedAsync("fabric", path, "financing-not-found"); // invited, not chosen
    }

    [Fact]
    public async Task A_clearing_list_is_whole_for_the_debtor_and_own_lines_for_a_payee()
    {
        _running.Anchored = true;
        Document whole = await FetchAsync("carmaker", $"clearings/{Root}/list.pdf?language=en");
        foreach (string figure in new[] { "CNY 6,000.00", "CNY 4,000.00", "CNY 10,000.00", "CNY 5,000.00", "R1" })
            whole.Text.ShouldContain(figure);
        Verifier.Verify(whole.Files["clearing.proof.json"], whole.Files["trust.json"]).Event.ShouldNotBeNull();
        Document own = await FetchAsync("bank", $"clearings/{Root}/list.pdf?language=en");
        own.Text.ShouldNotContain("seats");
        VerificationResult proof = Verifier.Verify(own.Files["clearing.proof.json"], own.Files["trust.json"]);
        proof.Verdict.ShouldBe(Verdict.Proven);
        proof.Event.ShouldBeNull(); // others' lines stand in its bytes
        await RefusedAsync("stranger", $"clearings/{Root}/list.pdf", "clearing-not-open");
    }

    [Fact]
    public async Task A_claims_pack_states_what_is_due_with_its_data()
    {
        _running.Anchored = true;
        Document pack = await FetchAsync("bank", $"clearings/{Root}/claims.pdf?language=en");
        JsonObject data = (JsonObject)JsonNode.Parse(pack.Files["claims.json"])!;
        ((long)data["leaves"]![0]!["due"]!["principal"]!).ShouldBe(200_000);
        pack.Text.ShouldContain("CNY 2,000.00");
        Verifier.Verify(pack.Files["issued.proof.json"], pack.Files["trust.json"]).Verdict.ShouldBe(Verdict.Proven);
        await RefusedAsync("carmaker", $"clearings/{Root}/claims.pdf", "clearing-not-open");
    }

    [Fact]
    public async Task Anybody_with_a_document_can_look_up_its_fact_and_nothing_else()
    {
        _running.Anchored = true;
        IReadOnlyList<StoredEvent> events = await Store.FetchStreamAsync(Root);
        using HttpClient open = new() { BaseAddress = _running.Address };
        JsonObject fact = await RunningReceivables.GetAsync(open, $"open/events/{events[0].Id}");
        ((string)fact["digest"]!).ShouldBe(Convert.ToHexStringLower(events[0].Digest.Span));
        fact.ToJsonString().ShouldNotContain("carmaker");
        byte[] proof = await open.GetByteArrayAsync($"open/events/{events[0].Id}/proof");
        VerificationResult result = Verifier.Verify(proof, new TestNetwork(4).Trust().ToBytes());
        (result.Verdict, result.Event is null).ShouldBe((Verdict.Proven, true));
        await RunningReceivables.GetAsync(open, $"open/events/{events[2].Id}", 404); // an offer is printed nowhere
    }

    private Store Store => _running.App.Services.GetRequiredService<Store>();

    private async Task<Document> FetchAsync(string tenant, string path)
    {
        HttpClient client = await _running.AsAsync(tenant);
        using HttpResponseMessage response = await client.GetAsync(path);
        byte[] bytes = await response.Content.ReadAsByteArrayAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, Encoding.UTF8.GetString(bytes));
        string file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, bytes);
        if (Environment.GetEnvironmentVariable("KEEP_DOCUMENTS") is { } folder)
        {
            await File.WriteAllBytesAsync(
                Path.Combine(folder, $"{tenant}-{path.Replace('/', '_').Replace('?', '_')}.pdf"), bytes);
        }
        Document document = new(bytes, await PdfTools.TextAsync(file), await PdfTools.SignaturesAsync(file),
            await PdfTools.AttachmentsAsync(file));
        File.Delete(file);
        return document;
    }

    private async Task RefusedAsync(string tenant, string path, string code)
    {
        using HttpResponseMessage response = await (await _running.AsAsync(tenant)).GetAsync(path);
        (await response.Content.ReadAsStringAsync()).ShouldContain($"\"{code}\"");
    }

    /// <summary>
    /// 1 000 000 fen of the car maker to seats, 400 000 of them sold to the bank with recourse; half of it paid.
    /// </summary>
    private async Task TellAsync()
    {
        TimeProvider time = TimeProvider.System;
        DateTimeOffset far = time.GetUtcNow().AddDays(1);
        Interval[] sold = [new Interval(600_000, 1_000_000)];
        Approved approved = new(Digest, [new ApprovalSignature("maker", "key-maker", Digest, null, "c2ln")]);
        await using Session session = Store.OpenSession(new EventContext(time, "test", "carmaker"));
        session.StartStream(
            Root,
            new VoucherEvent.Issued("c1", Root, "carmaker", "carmaker", "seats", 1_000_000, new DateOnly(2026, 6, 1),
                new DateOnly(2026, 9, 25), [new TradeReference("invoice", Digest)], new Terms(), far, PayDay)
            { Approved = approved },
            new VoucherEvent.Accepted("c2", "c1", "seats"),
            new VoucherEvent.SaleOffered("c3", "seats", "bank", sold, true, Digest, far),
            new VoucherEvent.Sold("c4", "c3", "seats", "bank", sold, true),
            new VoucherEvent.SnapshotTaken("snapshot", 2, Digest));
        session.StartStream(
            ClearingEvents.Stream(Root),
            new ClearingEvent.Opened(Root, "carmaker", new DateOnly(2026, 9, 25), PayDay, [],
                new LateTerms(PartyClass.LargeEnterprise, PartyClass.Sme, null, null),
                [new PayeeLeaf(0, 600_000, "seats", false), new PayeeLeaf(600_000, 1_000_000, "bank", false)], Digest),
            new ClearingEvent.ReceiptAllocated("R1", 500_000, PayDay, Digest,
                [new LeafShare(0, 0, 0, 300_000), new LeafShare(600_000, 0, 0, 200_000)], 0));
        DateOnly paid = new(2026, 1, 5);
        global::Receivables.Financing.Offer offer = new("o1", "bank", 100_000_000, paid,
            new Price(38_500, DayCount.Act360, 0, [new Fee("platform", "service", 10_000)]), true);
        session.StartStream(
            FinancingEvents.Stream(Financing),
            new FinancingEvent.Applied(
                Root, "seats", 0, 100_000_000, paid, paid.AddDays(181), ["bank", "fabric"]),
            new FinancingEvent.Offered(offer, paid.AddDays(3)),
            new FinancingEvent.Chosen("o1", Discount.Cost(100_000_000, 181, offer.Price)!));
        await session.SaveChangesAsync();
    }

    private sealed record Document(
        byte[] Bytes, string Text, string Signatures, IReadOnlyDictionary<string, byte[]> Files);
}
