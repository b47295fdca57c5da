using System.Text.Json.Nodes;
using Npgsql;
using Services.Integration.Evidence;
using Services.Integration.Receivables.Signatures;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;
using static Services.Integration.Receivables.Signatures.SigningWorld;

namespace Services.Integration.Receivables.Trade;

public class TradeTests(SigningWorld world) : IClassFixture<SigningWorld>
{
    private static int _invoices;

    [Fact]
    public async Task An_invoice_is_deposited_once_however_its_number_is_spelled()
    {
        HttpClient seats = await world.Services.AsAsync("seats");
        JsonObject invoice = Invoice(100_000);
        string number = (string)invoice["number"]!;
        await PostAsync(seats, "trade/documents", invoice, 201);
        JsonObject again = Invoice(100_000);
        again["number"] = $" {number[..10]} {string.Concat(number[10..].Select(d => (char)('０' + d - '0')))}";
        ((string)(await PostAsync(seats, "trade/documents", again, 409))["code"]!).ShouldBe("trade-document-exists");
        again["number"] = "12";
        ((string)(await PostAsync(seats, "trade/documents", again, 400))["code"]!).ShouldBe("invoice-number-form");
    }

    [Fact]
    public async Task Vouchers_rest_on_no_more_than_their_invoices_are_worth()
    {
        HttpClient seats = await world.Services.AsAsync("seats");
        (Guid first, string firstSha) = await DepositAsync(100_000);
        (_, string secondSha) = await DepositAsync(50_000);
        await IssueAsync(120_000, 200, firstSha, secondSha);
        JsonObject refused = await IssueAsync(30_001, 422, firstSha, secondSha);
        ((string)refused["code"]!).ShouldBe("invoice-exhausted");
        ((string)refused["detail"]!).ShouldContain("0.01");
        await IssueAsync(30_000, 200, secondSha, firstSha);
        ((long)(await GetAsync(seats, $"trade/documents/{first}"))["usedFen"]!).ShouldBe(100_000);
    }

    [Fact]
    public async Task Eight_issues_at_once_use_an_invoice_once()
    {
        (Guid id, string sha) = await DepositAsync(100_000);
        HttpClient client = await world.Services.AsAsync("carmaker");
        int done = 0;
        // Each with keys of its own, so that nothing but the invoice keeps them apart.
        List<(Signer Maker, Signer Checker)> pairs = [];
        for (int i = 0; i < 8; i++)
        {
            (Signer maker, Signer checker) = (new("carmaker-mei", "maker"), new("carmaker-chen", "checker"));
            await world.BindAsync("carmaker", maker, world.People["carmaker"].Admin);
            await world.BindAsync("carmaker", checker, world.People["carmaker"].Admin);
            pairs.Add((maker, checker));
        }
        await Task.WhenAll(pairs.Select(async pair =>
        {
            JsonObject command = Issue(30_000, sha);
            JsonObject request = Submit(command, await pair.Maker.ApproveAsync(client, command, "maker"),
                await pair.Checker.ApproveAsync(client, command, "checker"));
            using HttpResponseMessage response =
                await client.PostAsync("commands", RunningServices.Json(request.ToJsonString()));
            if (response.IsSuccessStatusCode)
                Interlocked.Increment(ref done);
        }));
        done.ShouldBeInRange(1, 3);
        HttpClient seats = await world.Services.AsAsync("seats");
        ((long)(await GetAsync(seats, $"trade/documents/{id}"))["usedFen"]!).ShouldBe(done * 30_000);
    }

    [Fact]
    public async Task A_red_letter_note_after_issue_is_an_alarm_until_another_invoice_tops_it_up()
    {
        HttpClient seats = await world.Services.AsAsync("seats");
        (Guid id, string sha) = await DepositAsync(100_000);
        JsonObject command = Issue(100_000, sha);
        await SignAndSendAsync(command, 200);
        JsonObject note = new()
        {
            ["sha256"] = RunningServices.Digest($"red {id}"),
            ["number"] = Number(),
            ["grossFen"] = 40_000,
            ["issuedOn"] = "2026-11-22",
        };
        await PostAsync(await world.Services.AsAsync("carmaker"), $"trade/documents/{id}/red-letters", note, 403);
        await PostAsync(seats, $"trade/documents/{id}/red-letters", note, 201);
        JsonObject twice = (JsonObject)note.DeepClone();
        twice["sha256"] = RunningServices.Digest($"red again {id}");
        ((string)(await PostAsync(seats, $"trade/documents/{id}/red-letters", twice, 409))["code"]!)
            .ShouldBe("trade-note-exists");
        JsonNode alarm = (await GetAsync(await world.Services.AsAsync("carmaker"), "trade/alarms"))["items"]!.AsArray()
            .Single(a => (Guid)a!["id"]! == id)!;
        ((long)alarm["shortfallFen"]!).ShouldBe(40_000);
        (Guid other, _) = await DepositAsync(40_000);
        JsonObject topUp = new() { ["voucher"] = (string)command["root"]!, ["from"] = other, ["fen"] = 40_000 };
        await PostAsync(seats, $"trade/documents/{id}/top-ups", topUp);
        (await GetAsync(seats, "trade/alarms"))["items"]!.AsArray().ShouldAllBe(a => (Guid)a!["id"]! != id);
        ((long)(await GetAsync(seats, $"trade/documents/{other}"))["usedFen"]!).ShouldBe(40_000);
    }

    [Fact]
    public async Task An_invoice_is_unchecked_until_somebody_records_what_they_saw()
    {
        HttpClient seats = await world.Services.AsAsync("seats");
        (Guid id, _) = await DepositAsync(100);
        ((string)(await GetAsync(seats, $"trade/documents/{id}"))["check"]!["state"]!).ShouldBe("unchecked");
        JsonObject check = new() { ["result"] = "differs", ["evidenceSha256"] = new string('e', 64) };
        await PostAsync(seats, $"trade/documents/{id}/checks", check, 201);
        JsonNode seen = (await GetAsync(seats, $"trade/documents/{id}"))["check"]!;
        ((string)seen["state"]!, (string)seen["result"]!).ShouldBe(("checked-manually", "differs"));
        ((string)seen["by"]!).ShouldNotBeEmpty();
        // The seller's word takes no other's place.
        HttpClient buyer = await world.Services.AsAsync("carmaker");
        await PostAsync(buyer, $"trade/documents/{id}/checks",
            new JsonObject { ["result"] = "not-found", ["evidenceSha256"] = new string('f', 64) }, 201);
        await PostAsync(seats, $"trade/documents/{id}/checks",
            new JsonObject { ["result"] = "matches", ["evidenceSha256"] = new string('e', 64) }, 201);
        ((string)(await GetAsync(buyer, $"trade/documents/{id}"))["check"]!["result"]!).ShouldBe("not-found");
    }

    [Fact]
    public async Task A_bank_sees_a_document_for_one_application_with_consent_and_not_after()
    {
        HttpClient seats = await world.Services.AsAsync("seats");
        HttpClient bank = await world.Services.AsAsync("bank");
        (Guid id, _) = await DepositAsync(100);
        (Guid hidden, _) = await DepositAsync(100);
        string path = $"trade/documents/{id}?application=A-1";
        await GetAsync(bank, path, 404);
        JsonObject consent = new()
        {
            ["bank"] = "bank",
            ["application"] = "A-1",
            ["documents"] = new JsonArray(id),
            ["until"] = TimeProvider.System.GetUtcNow().AddDays(3).ToString("O"),
        };
        await PostAsync(await world.Services.AsAsync("carmaker"), "trade/consents", consent, 404);
        JsonObject given = await PostAsync(seats, "trade/consents", consent, 201);
        (await GetAsync(bank, path))["uses"].ShouldBeNull();
        await GetAsync(bank, $"trade/documents/{id}/statements?show=/grossFen&application=A-1");
        await GetAsync(bank, $"trade/documents/{id}", 404);
        await GetAsync(bank, $"trade/documents/{id}?application=A-2", 404);
        await GetAsync(bank, $"trade/documents/{hidden}?application=A-1", 404);
        await GetAsync(await world.Services.AsAsync("fabric"), path, 404);

        await using NpgsqlDataSource source = NpgsqlDataSource.Create(world.Services.Database);
        await source.CreateCommand("update trade_consents set until = now() - interval '1 second'").ExecuteNonQueryAsync();
        await GetAsync(bank, path, 404);
        await source.CreateCommand("update trade_consents set until = now() + interval '1 day'").ExecuteNonQueryAsync();
        await GetAsync(bank, path);
        JsonObject reason = new() { ["reason"] = "application refused" };
        await PostAsync(seats, $"trade/consents/{(Guid)given["id"]!}/withdrawal", reason);
        await PostAsync(seats, $"trade/consents/{(Guid)given["id"]!}/withdrawal", reason);
        await GetAsync(bank, path, 404);
    }

    [Fact]
    public async Task Nothing_that_a_document_says_stands_in_the_events()
    {
        JsonObject invoice = Invoice(7_654_321);
        HttpClient seats = await world.Services.AsAsync("seats");
        await PostAsync(seats, "trade/documents", invoice, 201);
        IReadOnlyList<string> bodies = await world.Services.RowsAsync(
            "select convert_from(body, 'utf8') from store.events where stream like 'trade/%'", r => r.GetString(0));
        bodies.ShouldAllBe(b => !b.Contains((string)invoice["number"]!) && !b.Contains("7654321"));
        bodies.ShouldContain(b => b.Contains((string)invoice["sha256"]!));
    }

    private async Task<(Guid Id, string Sha256)> DepositAsync(long grossFen)
    {
        JsonObject invoice = Invoice(grossFen);
        JsonObject answer = await PostAsync(await world.Services.AsAsync("seats"), "trade/documents", invoice, 201);
        return ((Guid)answer["id"]!, (string)invoice["sha256"]!);
    }

    private Task<JsonObject> IssueAsync(long fen, int status, params string[] invoices) =>
        SignAndSendAsync(Issue(fen, invoices), status);

    private async Task<JsonObject> SignAndSendAsync(JsonObject command, int status)
    {
        HttpClient client = await world.Services.AsAsync("carmaker");
        return await PostAsync(client, "commands", Submit(
            command, await world.People["carmaker"].Maker.ApproveAsync(client, command, "maker"),
            await world.People["carmaker"].Checker.ApproveAsync(client, command, "checker")), status);
    }

    private JsonObject Issue(long fen, params string[] invoices)
    {
        string id = world.NextId("T");
        DateOnly today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(8));
        return new JsonObject
        {
            ["kind"] = "issue",
            ["commandId"] = id,
            ["party"] = "carmaker",
            ["root"] = $"V-{id.Replace("-", "", StringComparison.Ordinal).PadLeft(26, '0')}",
            ["debtor"] = "carmaker",
            ["holder"] = "seats",
            ["faceFen"] = fen,
            ["issueDate"] = today.ToString("O"),
            ["dueDate"] = today.AddDays(90).ToString("O"),
            ["trade"] = new JsonArray([.. invoices.Select(s => new JsonObject { ["kind"] = "invoice", ["sha256"] = s })]),
            ["terms"] = new JsonObject { ["minPartFen"] = 1, ["maxDepth"] = 5, ["maxFragments"] = 100 },
        };
    }

    private static JsonObject Invoice(long grossFen)
    {
        string number = Number();
        return new JsonObject
        {
            ["kind"] = "invoice",
            ["sha256"] = RunningServices.Digest(number),
            ["number"] = number,
            ["seller"] = "seats",
            ["buyer"] = "carmaker",
            ["grossFen"] = grossFen,
            ["issuedOn"] = "2026-11-01",
        };
    }

    private static string Number() => $"2431200000{Interlocked.Increment(ref _invoices):D10}";
}
