using System.Text.Json.Nodes;
using Chain.Core;
using Services.Integration.Receivables.Import;
using Shouldly;
using Xunit;
using static Services.Integration.Receivables.RunningReceivables;
using static Services.Integration.Receivables.Signatures.IssuingWorld;

namespace Services.Integration.Receivables.Signatures;

/// <summary>Handing a rest to another instance, taking it up, credit notes and giving back, over HTTP.</summary>
[Collection(TwoInstances.Name)]
public sealed class MovedClaimTests(IssuingWorld world)
{
    private static readonly byte[] Supplier = PledgeBench.NewAccount();

    [Fact]
    public async Task The_unused_rest_moves_to_the_other_instance_once_the_supplier_confirms_and_is_all_it_can_issue()
    {
        await NameAccountAsync(world.A);
        (string number, string claim, string invoice) = await IssuedAsync(60);
        string to = world.Platform(world.B).ToString();
        HttpClient a = await world.A.Services.AsAsync("carmaker"), b = await world.B.Services.AsAsync("carmaker");
        JsonObject rest = await PostAsync(a, $"pledges/{claim}/rest", new JsonObject { ["to"] = to });
        JsonObject Transfer(byte[] key) => new()
        {
            ["to"] = to,
            ["statement"] = (string)rest["statement"]!,
            ["signature"] = Sign((string)rest["digest"]!, key),
        };
        JsonObject received = new() { ["kind"] = "invoice", ["number"] = number, ["statement"] = (string)rest["statement"]! };
        Code(await PostAsync(a, $"pledges/{claim}/transfer", Transfer(PledgeBench.NewAccount()), 422))
            .ShouldBe("pledge-transfer-refused");
        Code(await PostAsync(b, "pledges/received", received, 422)).ShouldBe("pledge-not-received");

        JsonObject moved = await PostAsync(a, $"pledges/{claim}/transfer", Transfer(Supplier));
        ((string)moved["stage"]!, (string)moved["movedTo"]!).ShouldBe(("free", to));
        JsonNode.DeepEquals(await PostAsync(a, $"pledges/{claim}/transfer", Transfer(Supplier)), moved).ShouldBeTrue("once");

        JsonObject forged = (JsonObject)received.DeepClone();
        forged["statement"] = ((string)rest["statement"]!).Replace("60", "10");
        Code(await PostAsync(b, "pledges/received", forged, 422)).ShouldBe("pledge-not-received");
        JsonObject there = await PostAsync(b, "pledges/received", received);
        ((long)there["takenFen"]!, (long)there["leftFen"]!).ShouldBe((60, 40));
        JsonNode.DeepEquals(await PostAsync(b, "pledges/received", received), there).ShouldBeTrue("once");
        Code(await PostAsync(await world.B.Services.AsAsync("seats"), "pledges/received", received, 409))
            .ShouldBe("pledge-other-organisation");

        string copy = (await world.DepositAsync(world.B, number, 100)).Sha256;
        Code(await SendAsync(world.B, Issue(NewRoot(), 41, copy), 422)).ShouldBe("invoice-exhausted");
        await SendAsync(world.B, Issue(NewRoot(), 40, copy));
        Code(await SendAsync(world.A, Issue(NewRoot(), 40, invoice), 409)).ShouldBe("pledge-taken");
    }

    [Fact]
    public async Task A_voucher_of_another_instance_goes_on_only_with_its_claim_and_then_uses_it_here()
    {
        await NameAccountAsync(world.A);
        (string number, string claim, _) = await IssuedAsync(60);
        using HandoverFile north = new();
        await north.RegisterAsync(world.B.Services);
        string root = NewRoot();
        await north.SendAsync(
            world.B.Services, HandoverFile.File("H-9", HandoverFile.Voucher(root, number, ("seats", 60))));
        JsonObject take = await HandoverFile.CommandAsync(world.B.Services, "H-9", root, $"T{root}");
        Code(await SendAsync(world.B, take, 409)).ShouldBe("take-over-claim-elsewhere");

        string to = world.Platform(world.B).ToString();
        HttpClient a = await world.A.Services.AsAsync("carmaker"), b = await world.B.Services.AsAsync("carmaker");
        JsonObject rest = await PostAsync(a, $"pledges/{claim}/rest", new JsonObject { ["to"] = to });
        await PostAsync(a, $"pledges/{claim}/transfer", new JsonObject
        {
            ["to"] = to,
            ["statement"] = (string)rest["statement"]!,
            ["signature"] = Sign((string)rest["digest"]!, Supplier),
        });
        await PostAsync(b, "pledges/received", new JsonObject
        {
            ["kind"] = "invoice",
            ["number"] = number,
            ["statement"] = (string)rest["statement"]!,
        });
        await SendAsync(world.B, take);
        JsonObject here = await GetAsync(b, $"pledges/{claim}");
        ((long)here["takenFen"]!, (long)here["usedFen"]!, (long)here["leftFen"]!).ShouldBe((0, 60, 40));
    }

    [Fact]
    public async Task A_transfer_is_refused_before_anybody_signs_where_it_could_not_be_made()
    {
        await NameAccountAsync(world.A);
        HttpClient a = await world.A.Services.AsAsync("carmaker");
        JsonObject to = new() { ["to"] = world.Platform(world.B).ToString() };
        (_, string claim, _) = await IssuedAsync(100);
        // Nothing is left of it, and yet it moves: the vouchers that use it may go there.
        ((string)(await PostAsync(a, $"pledges/{claim}/rest", to))["statement"]!).ShouldContain("\"usedFen\":100");
        await PostAsync(a, $"pledges/{claim}/rest", new JsonObject { ["to"] = Address.Zero.ToString() }, 400);
        await PostAsync(await world.A.Services.AsAsync("stranger"), $"pledges/{claim}/rest", to, 404);
        await PostAsync(await world.A.Services.AsAsync("carmaker", "reader"), $"pledges/{claim}/rest", to, 403);

        string pending = PledgeTests.Number(), other = PledgeTests.Number();
        await world.DepositAsync(world.A, pending, 10);
        await world.DepositAsync(world.A, other, 10);
        JsonObject claimed = await PostAsync(a, "pledges", new JsonObject
        {
            ["kind"] = "invoice",
            ["number"] = pending,
            ["voucher"] = "V-pending",
            ["fen"] = 1,
            ["grossFen"] = 10,
        });
        Code(await PostAsync(a, $"pledges/{claimed["id"]}/rest", to, 422)).ShouldBe("pledge-no-supplier");
        JsonObject named = await PostAsync(a, "pledges", new JsonObject
        {
            ["kind"] = "invoice",
            ["number"] = other,
            ["voucher"] = "V-pending",
            ["fen"] = 1,
            ["grossFen"] = 10,
            ["supplier"] = Secp256k1.AddressOf(Supplier).ToString(),
        });
        Code(await PostAsync(a, $"pledges/{named["id"]}/rest", to, 409)).ShouldBe("pledge-issue-pending");
    }

    [Fact]
    public async Task What_is_set_aside_is_given_back_and_what_is_issued_is_not()
    {
        (string number, string claim, _) = await IssuedAsync(60);
        HttpClient a = await world.A.Services.AsAsync("carmaker");
        JsonObject list = await GetAsync(a, $"pledges/{claim}");
        string root = (string)list["vouchers"]![0]!["voucher"]!;
        Code(await PostAsync(a, $"pledges/{claim}/releases", new JsonObject { ["voucher"] = root }, 409))
            .ShouldBe("pledge-voucher-issued");
        await PostAsync(await world.A.Services.AsAsync("seats"), $"pledges/{claim}/releases",
            new JsonObject { ["voucher"] = root }, 404);
        number.ShouldNotBeEmpty();

        string other = PledgeTests.Number();
        await world.DepositAsync(world.A, other, 10);
        JsonObject claimed = await PostAsync(a, "pledges", new JsonObject
        {
            ["kind"] = "invoice",
            ["number"] = other,
            ["voucher"] = "V-never",
            ["fen"] = 5,
            ["grossFen"] = 10,
        });
        JsonObject release = new() { ["voucher"] = "V-never" };
        for (int i = 0; i < 2; i++)
        {
            JsonObject free = await PostAsync(a, $"pledges/{claimed["id"]}/releases", release);
            ((string)free["stage"]!, free["vouchers"]!.AsArray().Count).ShouldBe(("free", 0));
        }
        string copy = (await world.DepositAsync(world.B, other, 10)).Sha256;
        await SendAsync(world.B, Issue(NewRoot(), 10, copy));
    }

    [Fact]
    public async Task Credit_notes_take_away_from_a_claim_before_it_in_it_and_once()
    {
        (string _, string claim, string _) = await IssuedAsync(60);
        HttpClient a = await world.A.Services.AsAsync("carmaker");
        JsonObject note = new() { ["reference"] = "红字1", ["fen"] = 30 };
        ((long)(await PostAsync(a, $"pledges/{claim}/credit-notes", note))["leftFen"]!).ShouldBe(10);
        ((long)(await PostAsync(a, $"pledges/{claim}/credit-notes", note))["leftFen"]!).ShouldBe(10);
        Code(await PostAsync(a, $"pledges/{claim}/credit-notes", new JsonObject { ["reference"] = "红字2", ["fen"] = 71 }, 400))
            .ShouldBe("pledge-amount-form");
        await PostAsync(a, $"pledges/{claim}/credit-notes", new JsonObject { ["reference"] = "红字2", ["fen"] = 0 }, 400);
        await PostAsync(await world.A.Services.AsAsync("seats"), $"pledges/{claim}/credit-notes", note, 404);
    }

    [Fact]
    public async Task A_red_letter_note_of_the_invoice_counts_in_its_claim()
    {
        (string sha256, string id) = await world.DepositAsync(world.A, PledgeTests.Number(), 100);
        await ReverseAsync(id, 10);
        string root = NewRoot();
        await SendAsync(world.A, Issue(root, 60, sha256));
        await ReverseAsync(id, 20);
        JsonObject claims = await GetAsync(await world.A.Services.AsAsync("carmaker"), $"pledges?voucher={root}");
        ((long)claims["items"]![0]!["takenFen"]!, (long)claims["items"]![0]!["leftFen"]!).ShouldBe((30, 10));
    }

    private async Task ReverseAsync(string id, long fen) => await PostAsync(
        await world.A.Services.AsAsync("seats"), $"trade/documents/{id}/red-letters", new JsonObject
        {
            ["sha256"] = new string('c', 64),
            ["number"] = $"红字-{fen}",
            ["grossFen"] = fen,
            ["issuedOn"] = "2026-11-02",
        }, 201);

    /// <summary>A voucher on an invoice of 100 fen: the number, the claim and the invoice's digest.</summary>
    private async Task<(string Number, string Claim, string Invoice)> IssuedAsync(long fen)
    {
        (string number, string root) = (PledgeTests.Number(), NewRoot());
        string invoice = (await world.DepositAsync(world.A, number, 100)).Sha256;
        await SendAsync(world.A, Issue(root, fen, invoice));
        JsonObject claims = await GetAsync(await world.A.Services.AsAsync("carmaker"), $"pledges?voucher={root}");
        return (number, (string)claims["items"]![0]!["id"]!, invoice);
    }

    private static async Task NameAccountAsync(SigningWorld of) => await PostAsync(
        await of.Services.AsAsync("seats", "admin"), "parties/seats/account",
        new JsonObject { ["account"] = Secp256k1.AddressOf(Supplier).ToString() });

    private static string Sign(string digest, byte[] key)
    {
        byte[] signature = Secp256k1.Sign(Hash32.Parse(digest), key).ToArray();
        signature[64] += 27; // ecrecover's v
        return Hex.ToPrefixed(signature);
    }

    private static string Code(JsonObject problem) => (string)problem["code"]!;
}
