using FsCheck;
using FsCheck.Fluent;
using Receivables.Import;
using Receivables.Vouchers;
using ServiceDefaults;
using Shouldly;
using Xunit;
using static Services.Tests.Receivables.Vouchers.FamilyScenario;

namespace Services.Tests.Receivables.Vouchers;

/// <summary>A voucher that goes to another platform: at no moment can a fen of it be disposed of on both.</summary>
public sealed class HandOverTests
{
    private const string Number = "H-1", There = "south";
    private static readonly string Sha256 = new('b', 64);

    [Fact]
    public void From_the_debtors_word_on_nothing_moves_until_the_other_platform_answered()
    {
        FamilyScenario voucher = Held();
        voucher.Moved(A, B, 40_000);
        voucher.Accepted(HandOver());
        foreach (VoucherCommand command in Everything())
            voucher.Refused(command, Refusal.Leaving);
        voucher.Apply(Events(Family.FileHandover(voucher.State, voucher.State.Leaving!, Number)));
        foreach (VoucherCommand command in Everything().Append(new VoucherCommand.Withdraw("t", Maker, "away", [Root])))
            voucher.Refused(command, Refusal.Leaving);
        voucher.Apply(Events(Family.SettleHandover(voucher.State, There, Number, Sha256, taken: true)));
        voucher.State.Stage.ShouldBe(Stage.Moved);
        voucher.Events[^1].ShouldBeOfType<VoucherEvent.Moved>().Stated
            .ShouldBe([new StatedPart(B, 40_000, 0, 1), new StatedPart(A, 60_000, 40_000, 0)]);
        voucher.Refused(new VoucherCommand.Transfer("t", A, [new Part(Root, C, 1)]), Refusal.Closed);

        static VoucherCommand[] Everything() =>
        [
            new VoucherCommand.Transfer("t", A, [new Part(Root, C, 1)]), new VoucherCommand.Merge("t", A, Root, 0, 1),
            new VoucherCommand.Sell("t", A, Bank, [new Source(Root, 1)], false, Digest),
            new VoucherCommand.OfferPledge("t", A, Bank, [new Source(Root, 1)], Digest),
            new VoucherCommand.Return("t", A, Root), new VoucherCommand.Void("t", Maker, Root, "none"),
            new VoucherCommand.HandOver("t", Maker, Root, "elsewhere", Face),
        ];
    }

    [Fact]
    public void Only_the_debtor_hands_over_and_only_what_is_free_whole_and_in_time()
    {
        FamilyScenario free = Held();
        free.Refused(HandOver() with { Party = A }, Refusal.NotDebtor);
        free.Refused(HandOver() with { FaceFen = Face - 1 }, Refusal.FaceDiffers);
        free.Now = free.State.CutOff.AddDays(-7).AddTicks(1);
        free.Refused(HandOver(), Refusal.HandOverLate);
        Against(Refusal.Reserved, v => v.Transfer(A, B, 1));
        Against(Refusal.Pledged, v => v.Pledged(A, Bank, 1));
        Against(Refusal.Frozen, v => v.Frozen(A, 1));
        Against(Refusal.HandOverRecourse, v => v.Sold(A, Bank, 1, recourse: true));
        Against(Refusal.ToSelf, v => v.Moved(A, Maker, 1));
        Issued().Refused(HandOver(), Refusal.NotAccepted);

        static void Against(string rule, Action<FamilyScenario> before)
        {
            FamilyScenario voucher = Held();
            before(voucher);
            voucher.Refused(HandOver(), rule);
        }
    }

    [Fact]
    public void Before_the_file_is_given_the_debtor_withdraws_and_a_court_freezes()
    {
        FamilyScenario withdrawn = Held();
        withdrawn.Accepted(HandOver());
        withdrawn.Refused(new VoucherCommand.Withdraw("t", A, "away", [Root]), Refusal.NotOfferer);
        withdrawn.Accepted(new VoucherCommand.Withdraw("w", Maker, "away", [Root]));
        withdrawn.Moved(A, B, 1);
        FamilyScenario frozen = Held();
        frozen.Accepted(HandOver());
        frozen.Frozen(A, 10);
        frozen.State.Stage.ShouldBe(Stage.Active);
        frozen.Picture.ShouldBe("0-10 supplier-a frozen court-1 | 10-100000 supplier-a");
        Family.FileHandover(frozen.State, new Leaving("away", There, null), Number).ShouldBeOfType<Decision<VoucherEvent>.Refused>();
        FamilyScenario filed = Held();
        filed.Accepted(HandOver());
        filed.Apply(Events(Family.FileHandover(filed.State, filed.State.Leaving!, Number)));
        filed.Refused(new VoucherCommand.Freeze("t", Court, Root, A, 1, "a", "b", "c"), Refusal.Leaving);
    }

    [Fact]
    public void What_was_never_filed_is_paid_here_and_what_was_filed_waits_for_the_answer()
    {
        FamilyScenario never = Held(), filed = Held();
        never.Accepted(HandOver());
        filed.Accepted(HandOver());
        filed.Apply(Events(Family.FileHandover(filed.State, filed.State.Leaving!, Number)));
        never.Apply(Family.Tick(never.State, never.State.CutOff, d => d));
        never.State.Stage.ShouldBe(Stage.Presented);
        Family.Tick(filed.State, filed.State.CutOff.AddDays(9), d => d).ShouldBeEmpty();
        filed.Apply(Events(Family.SettleHandover(filed.State, There, Number, Sha256, taken: false)));
        filed.Apply(Family.Tick(filed.State, filed.State.CutOff.AddDays(9), d => d));
        filed.State.Stage.ShouldBe(Stage.Presented);
    }

    [Fact]
    public void An_answer_is_for_its_own_file_and_names_every_voucher_once()
    {
        Handover file = File(Family.StatedOf(Held().State));
        HandoverReceipt receipt = HandoverReceipt.Of(file, Sha256, new HashSet<string> { Root }, DateTimeOffset.UnixEpoch);
        HandoverReceipt.Read(receipt.ToBytes())!.Answers(file, Sha256).ShouldBeTrue();
        foreach (HandoverReceipt wrong in new[]
        {
            receipt with { Number = "H-2" }, receipt with { Platform = "east" }, receipt with { From = "east" },
            receipt with { FileSha256 = Digest }, receipt with { TakenFen = Face - 1 }, receipt with { Taken = [] },
            receipt with { Taken = [Root, Root] }, receipt with { Declined = [Root] },
        })
            wrong.Answers(file, Sha256).ShouldBeFalse();
        HandoverReceipt.Read("{}"u8).ShouldBeNull();
    }

    [Fact]
    public void Whatever_both_platforms_do_in_whatever_order_no_fen_can_be_disposed_of_on_both() =>
        Prop.ForAll<NonNegativeInt[]>(steps =>
        {
            TwoPlatforms world = new();
            foreach (NonNegativeInt step in steps)
                world.Step(step.Get);
        }).QuickCheckThrowOnFailure();

    private static VoucherCommand.HandOver HandOver() => new("away", Maker, Root, There, Face);

    private static IReadOnlyList<VoucherEvent> Events(Decision<VoucherEvent> decision) =>
        decision.ShouldBeOfType<Decision<VoucherEvent>.Accepted>().Events;

    private static Handover File(IReadOnlyList<StatedPart> stated)
    {
        HandoverBalance[] balances = [.. stated.GroupBy(p => p.To).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new HandoverBalance(g.Key, g.Sum(p => p.Fen)))];
        return new Handover(Handover.Form, "north", There, Number, "2026-02-01T00:00:00Z", Face,
            [new HandoverVoucher(Root, Maker, A, Face, IssueDate, DueDate, [], new Terms(), [], stated)], balances, "");
    }

    /// <summary>One voucher, two platforms that know each other's signed words only.</summary>
    private sealed class TwoPlatforms
    {
        private static readonly DateTimeOffset Now = new(2026, 1, 6, 2, 0, 0, TimeSpan.Zero);
        private FamilyState _here = Held().State;
        private FamilyState _there = FamilyState.Initial;
        private Handover? _file;
        private HandoverReceipt? _receipt;
        private int _ids;

        public void Step(int step)
        {
            switch (step % 8)
            {
                case 0: Transfer(ref _here, step); break;
                case 1: Do(ref _here, new VoucherCommand.HandOver(Id(), Maker, Root, There, Face)); break;
                case 2 when _here.Leaving is { Number: null } leaving:
                    _file = File(Family.StatedOf(_here));
                    Apply(ref _here, Family.FileHandover(_here, leaving, Number));
                    break;
                case 3 when _file is not null && _receipt is null:
                    Do(ref _there, _file.Command(_file.Vouchers[0], Sha256, Id()));
                    break;
                case 4 when _file is not null:
                    _receipt ??= HandoverReceipt.Of(_file, Sha256, _there.Stage == Stage.None ? new HashSet<string>()
                        : new HashSet<string> { Root }, Now);
                    break;
                case 5 when _receipt is not null:
                    Apply(ref _here, Family.SettleHandover(_here, There, Number, Sha256, _receipt.Taken.Count > 0));
                    break;
                case 6 when _there.Offers.Count > 0:
                    Offer offer = _there.Offers.Values.First();
                    Do(ref _there, new VoucherCommand.Accept(Id(), offer.Open[0].To, offer.Id, [Root]));
                    break;
                case 7: Transfer(ref _there, step); break;
                default: break;
            }
            (_here.Stage == Stage.Active && _there.Stage == Stage.Active).ShouldBeFalse();
            if (_here.Stage == Stage.Moved)
            {
                _there.Stage.ShouldBe(Stage.Active);
                _there.Fragments.Sum(f => f.Fen).ShouldBe(Face);
            }
        }

        private void Transfer(ref FamilyState state, int step)
        {
            string from = step % 3 == 0 ? A : B, to = from == A ? B : A;
            Do(ref state, new VoucherCommand.Transfer(Id(), from, [new Part(Root, to, step % 700 + 1)]));
            if (state.Offers.Values.FirstOrDefault(o => o.Kind == OfferKind.Transfer) is { } offer)
                Do(ref state, new VoucherCommand.Accept(Id(), offer.Open[0].To, offer.Id, [Root]));
        }

        private void Do(ref FamilyState state, VoucherCommand command) =>
            Apply(ref state, Family.Decide(state, command, Root, Now));

        private static void Apply(ref FamilyState state, Decision<VoucherEvent> decision)
        {
            if (decision is Decision<VoucherEvent>.Accepted accepted)
                state = accepted.Events.Aggregate(state, FamilyState.Evolve);
        }

        private string Id() => $"p{++_ids}";
    }
}
