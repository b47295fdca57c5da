using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventStore;
using FsCheck;
using FsCheck.Fluent;
using Proofs;
using Receivables.Import;
using Receivables.Vouchers;
using ServiceDefaults;
using Services.Tests.Proofs;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Import;

/// <summary>What another platform hands over adds up, and goes on here with nobody's fen more or less.</summary>
public sealed class HandoverTests
{
    private static readonly string Digest = new('a', 64);
    private static readonly DateOnly Issued = new(2026, 1, 5), Due = new(2026, 6, 30);
    private static readonly DateTimeOffset Now = new(2026, 2, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_partition_is_taken_over_and_every_other_cut_is_refused() =>
        Prop.ForAll<PositiveInt[], NonNegativeInt>(IsConserved).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_holder_finds_its_balance_under_the_root_and_no_other_amount() =>
        Prop.ForAll<PositiveInt[], NonNegativeInt>(IsUnderRoot).QuickCheckThrowOnFailure();

    private static bool IsConserved(PositiveInt[] cuts, NonNegativeInt nudge)
    {
        HandoverVoucher voucher = Voucher(1, [.. cuts.Take(50).Select(c => (long)c.Get).DefaultIfEmpty(7)]);
        Handover file = File(voucher);
        Decision<VoucherEvent> taken = Take(file, voucher);
        FamilyState state = Fold(taken);
        bool conserved = file.Fault() is null && Invariants.Check(state) is null
            && state.Fragments.GroupBy(f => f.Claim.Holder).All(g =>
                file.Balances.Single(b => b.Holder == g.Key).Fen == g.Sum(f => f.Fen));
        // One fen more or less in any part, or moved by one: refused by file and ledger alike.
        int at = nudge.Get % voucher.Stated.Count;
        StatedPart part = voucher.Stated[at];
        bool refused = new[] { part with { Fen = part.Fen + 1 }, part with { Start = part.Start + 1 } }.All(p =>
        {
            HandoverVoucher wrong = voucher with { Stated = [.. voucher.Stated.Select((s, i) => i == at ? p : s)] };
            return File(wrong).Fault() == "import-not-conserved"
                && Take(File(wrong), wrong) is Decision<VoucherEvent>.Refused { Rule: Refusal.NotConserved };
        });
        return conserved && refused;
    }

    private static bool IsUnderRoot(PositiveInt[] cuts, NonNegativeInt pick)
    {
        Handover file = File(Voucher(1, [.. cuts.Take(40).Select(c => (long)c.Get).DefaultIfEmpty(3)]));
        SumTree tree = SumTree.Of(file.Balances);
        int index = pick.Get % file.Balances.Count;
        HandoverBalance mine = file.Balances[index];
        return SumTree.RootOf(mine, tree.Path(index)) == (file.TotalFen, file.SumRoot)
            && SumTree.RootOf(mine with { Fen = mine.Fen + 1 }, tree.Path(index)).RootHex != file.SumRoot;
    }

    [Fact]
    public void A_fraction_an_unknown_member_and_another_form_are_refused_by_code()
    {
        string good = JsonSerializer.Serialize(File(Voucher(1, [5, 6])), HandoverJson.Default.Handover);
        Read(good).Fault.ShouldBeNull();
        Read(good.Replace("\"totalFen\":11", "\"totalFen\":11.0")).Fault.ShouldBe("import-fraction");
        Read(good.Replace("\"totalFen\":11", "\"totalFen\":1.1e1")).Fault.ShouldBe("import-fraction");
        Read(good.Replace("{\"format\"", "{\"more\":1,\"format\"")).Fault.ShouldBe("import-form");
        Read(good.Replace("handover/1", "handover/2")).Fault.ShouldBe("import-form");
        Read("{").Fault.ShouldBe("import-form");
    }

    [Fact]
    public void Balances_total_root_things_and_names_that_do_not_agree_are_each_refused_by_their_own_code()
    {
        Handover file = File(Voucher(1, [5, 6]), Voucher(2, [9]));
        file.Fault().ShouldBeNull();
        (file with { TotalFen = 21 }).Fault().ShouldBe("import-total-differs");
        (file with { SumRoot = Digest }).Fault().ShouldBe("import-root-differs");
        (file with { Balances = [.. file.Balances.Skip(1)] }).Fault().ShouldBe("import-balance-differs");
        (file with { Balances = [.. file.Balances.Select(b => b with { Fen = b.Fen + 1 })] }).Fault()
            .ShouldBe("import-balance-differs");
        File(Voucher(1, [5]), Voucher(1, [5])).Fault().ShouldBe("import-repeated");
        HandoverVoucher voucher = Voucher(1, [5]);
        File(voucher with { Things = [new HandoverThing("invoice", "1", 6)] }).Fault().ShouldBe("import-things-differ");
        // What overflows 64 bits is no amount that happens to fit.
        File(voucher with { Things = [new("invoice", "1", long.MaxValue), new("invoice", "2", long.MaxValue)] })
            .Fault().ShouldBe("import-things-differ");
    }

    [Fact]
    public void The_same_file_again_is_one_outcome_and_another_under_its_number_is_refused()
    {
        HandoverReceived received = new("north", "7", Digest, "key", "sig", 5, Digest, ["V"]);
        IReadOnlyList<HandoverReceived> first =
            ((Decision<HandoverReceived>.Accepted)ImportState.Decide(ImportState.Initial, received)).Events;
        first.ShouldBe([received]);
        ImportState after = new(received);
        ((Decision<HandoverReceived>.Accepted)ImportState.Decide(after, received)).Events.ShouldBeEmpty();
        ImportState.Decide(after, received with { FileSha256 = new string('b', 64) })
            .ShouldBeOfType<Decision<HandoverReceived>.Refused>().Rule.ShouldBe("import-number-used");
    }

    [Fact]
    public void Where_the_platform_anchors_every_voucher_is_proven_to_be_issued_as_it_is_stated()
    {
        TestNetwork network = new(4);
        byte[] trust = network.Trust().ToBytes();
        HandoverVoucher stated = Voucher(1, [5, 6]);
        HandoverVoucher proven = stated with { Proof = Proof(stated, network) };
        HandoverProofs.Unproven(File(proven), trust).ShouldBeNull();
        foreach (HandoverVoucher wrong in new[]
        {
            stated, stated with { Proof = "e30=" }, proven with { FaceFen = 12 }, proven with { Debtor = "other" },
            proven with { DueDate = Due.AddDays(1) }, proven with { Root = Voucher(2, [1]).Root },
            // Sealed by others than the trust file's validators.
            stated with { Proof = Proof(stated, new TestNetwork(4, "stranger")) },
        })
            HandoverProofs.Unproven(File(proven, wrong), trust).ShouldBe(wrong.Root);
    }

    private static string Proof(HandoverVoucher v, TestNetwork network)
    {
        VoucherEvent.Issued issued = new("c", v.Root, v.Debtor, v.Debtor, v.Holder, v.FaceFen, v.IssueDate, v.DueDate,
            v.Trade, v.Terms, Now);
        string data = Encoding.UTF8.GetString(CanonicalJson.Canonicalize(
            JsonSerializer.SerializeToUtf8Bytes(issued, VoucherJson.Default.Issued)));
        byte[] bytes = Encoding.UTF8.GetBytes(
            $$"""{"actor":"p-1","data":{{data}},"id":"0190b3d4-5a00-7000-8000-000000000001","occurredAt":"2026-01-05T08:00:00.000Z","salt":"00112233445566778899aabbccddeeff","service":"receivables","stream":"{{v.Root}}","type":"receivables.voucher-issued.v1","version":1}""");
        (LogPart log, var checkpoint) = TestNetwork.LogOf(SHA256.HashData(bytes));
        return Convert.ToBase64String(Bundle.WithEvent(bytes, log, network.Block(checkpoint)).ToBytes());
    }

    [Fact]
    public void Nobody_disposes_of_a_part_before_its_holder_has_confirmed_it_and_a_dispute_can_be_ended()
    {
        HandoverVoucher voucher = Voucher(1, [5, 6]);
        FamilyState state = Fold(Take(File(voucher), voucher));
        Transfer("h0", 5, state).ShouldBe(Refusal.Reserved);

        FamilyState disputed = Run(state, new VoucherCommand.Reject("d", "h0", "take", [voucher.Root]));
        Transfer("h0", 5, disputed).ShouldBe(Refusal.Reserved);
        disputed.Fragments.Fen.ShouldBe(11);
        FamilyState confirmed = Run(disputed, new VoucherCommand.Accept("y", "h0", "take", [voucher.Root]));
        Transfer("h0", 5, confirmed).ShouldBeNull();
        // The other's part still waits, and the debtor can't take the statement back.
        Transfer("h1", 6, confirmed).ShouldBe(Refusal.Reserved);
        Family.Decide(confirmed, new VoucherCommand.Withdraw("w", "debtor", "take", [voucher.Root]), voucher.Root, Now)
            .ShouldBeOfType<Decision<VoucherEvent>.Refused>().Rule.ShouldBe(Refusal.OtherKind);
        Invariants.Check(confirmed).ShouldBeNull();
    }

    [Fact]
    public void A_dispute_that_is_open_at_the_cut_off_stays_open_and_is_decided_after_it()
    {
        HandoverVoucher voucher = Voucher(1, [5, 6]);
        FamilyState state = Fold(Take(File(voucher), voucher));
        state = Run(state, new VoucherCommand.Reject("d", "h0", "take", [voucher.Root]));
        state = Family.Tick(state, state.CutOff, d => d).Aggregate(state, FamilyState.Evolve);
        state.Stage.ShouldBe(Stage.Presented);
        state.Fragments.Select(f => (f.Claim.Holder, f.Claim.IsHeld)).ShouldBe([("h0", true), ("h1", false)]);
        state.Offers["take"].Open.ShouldHaveSingleItem().To.ShouldBe("h0");
        // All but what is held was paid: nobody is late.
        FamilyState paid = ((Decision<VoucherEvent>.Accepted)Family.Pay(state, "R", [new LeafPayment(5, 11, 6)])).Events
            .Aggregate(state, FamilyState.Evolve);
        Family.Tick(paid, paid.CutOff.AddDays(9), d => d).ShouldBeEmpty();
        FamilyState decided = Family.Decide(paid, new VoucherCommand.Accept("y", "h0", "take", [voucher.Root]), voucher.Root,
            paid.CutOff.AddDays(9)).ShouldBeOfType<Decision<VoucherEvent>.Accepted>().Events.Aggregate(paid, FamilyState.Evolve);
        decided.Fragments.ShouldAllBe(f => !f.Claim.IsHeld);
        Invariants.Check(decided).ShouldBeNull();
    }

    private static string? Transfer(string from, long fen, FamilyState state) =>
        (Family.Decide(state, new VoucherCommand.Transfer("t", from, [new Part(state.Root, "other", fen, from == "h0" ? 0 : 5)]), state.Root,
            Now) as Decision<VoucherEvent>.Refused)?.Rule;

    private static FamilyState Run(FamilyState state, VoucherCommand command) =>
        ((Decision<VoucherEvent>.Accepted)Family.Decide(state, command, state.Root, Now)).Events
            .Aggregate(state, FamilyState.Evolve);

    private static Decision<VoucherEvent> Take(Handover file, HandoverVoucher voucher) =>
        Family.Decide(FamilyState.Initial, file.Command(voucher, Digest, "take"), voucher.Root, Now);

    private static FamilyState Fold(Decision<VoucherEvent> decision) =>
        ((Decision<VoucherEvent>.Accepted)decision).Events.Aggregate(FamilyState.Initial, FamilyState.Evolve);

    private static (Handover? File, string? Fault) Read(string text) => Handover.Read(Encoding.UTF8.GetBytes(text));

    /// <summary>Parts one after the other, held by three in turn.</summary>
    private static HandoverVoucher Voucher(int number, long[] parts)
    {
        long at = 0;
        List<StatedPart> stated = [];
        foreach (long fen in parts)
        {
            stated.Add(new StatedPart($"h{stated.Count % 3}", fen, at, stated.Count % 4));
            at += fen;
        }
        return new HandoverVoucher(
            $"V-{number:D26}", "debtor", "h0", at, Issued, Due, [new TradeReference("invoice", Digest)], new Terms(),
            [new HandoverThing("invoice", "1", at)], stated);
    }

    private static Handover File(params HandoverVoucher[] vouchers)
    {
        HandoverBalance[] balances = [.. vouchers.SelectMany(v => v.Stated).GroupBy(p => p.To)
            .OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new HandoverBalance(g.Key, g.Sum(p => p.Fen)))];
        return new Handover(
            Handover.Form, "north", "this-platform", "7", "2026-02-01T00:00:00Z", vouchers.Sum(v => v.FaceFen),
            vouchers, balances, SumTree.Of(balances).RootHex);
    }
}
