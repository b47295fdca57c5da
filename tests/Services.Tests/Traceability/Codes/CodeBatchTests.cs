using FsCheck;
using FsCheck.Fluent;
using ServiceDefaults;
using Shouldly;
using Traceability.Codes;
using Traceability.Codes.Batches;
using Traceability.Codes.Quotas;
using Traceability.Codes.Serials;
using Xunit;

namespace Services.Tests.Traceability.Codes;

/// <summary>Rules of batches and quotas.</summary>
public sealed class CodeBatchTests
{
    private const string Gtin = "06901234567892";
    private static readonly DateOnly Day = new(2026, 5, 1);

    [Fact]
    public void Issued_equals_printed_destroyed_and_stock_after_any_history()
    {
        var commands = Gen.ListOf(
            from kind in Gen.Choose(0, 3)
            from start in Gen.Choose(-2, 100)
            from count in Gen.Choose(0, 30)
            select Command(kind, CodeRange.Of(start, count)));
        Prop.ForAll(commands.ToArbitrary(), list =>
        {
            CodeBatchState state = Opened(100);
            foreach (CodeBatchCommand command in list)
            {
                if (CodeBatch.Decide(state, command) is Decision<CodeBatchEvent>.Accepted accepted)
                    state = accepted.Events.Aggregate(state, CodeBatchState.Evolve);
                (state.Printed.Count + state.Destroyed.Count + state.Stock).ShouldBe(100);
                state.Stock.ShouldBeGreaterThanOrEqualTo(0);
                state.Printed.Ranges.ShouldAllBe(r => !state.Destroyed.Overlaps(r));
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Codes_outside_the_batch_are_refused()
    {
        Refused(Opened(10), new CodeBatchCommand.Print(new CodeRange(8, 11), null), CodeBatch.OutOfBatch);
        Refused(Opened(10), new CodeBatchCommand.Print(new CodeRange(-1, 3), null), CodeBatch.OutOfBatch);
        Refused(Opened(10), new CodeBatchCommand.Print(new CodeRange(3, 3), null), CodeBatch.OutOfBatch);
        Refused(CodeBatchState.Initial, new CodeBatchCommand.Print(new CodeRange(0, 1), null), CodeBatch.Missing);
    }

    [Fact]
    public void A_label_is_printed_once_and_never_after_it_was_destroyed()
    {
        CodeBatchState state = Done(Opened(10), new CodeBatchCommand.Print(new CodeRange(0, 5), "order"));
        Refused(state, new CodeBatchCommand.Print(new CodeRange(4, 6), null), CodeBatch.PrintedBefore);
        state = Done(state, new CodeBatchCommand.Destroy(new CodeRange(5, 6), "misprint"));
        Refused(state, new CodeBatchCommand.Print(new CodeRange(5, 7), null), CodeBatch.DestroyedBefore);
        state.Stock.ShouldBe(4);
    }

    [Fact]
    public void A_roll_is_activated_once_whole_and_around_its_spoiled_labels()
    {
        CodeBatchState state = Done(Opened(100), new CodeBatchCommand.Print(new CodeRange(0, 50), null));
        Refused(state, Activate(40, 60), CodeBatch.NotPrinted);
        CodeBatch.Unprinted(state, new CodeRange(40, 60)).Ranges.ShouldBe([new CodeRange(50, 60)], "what is missing is named");
        state = Done(state, new CodeBatchCommand.Destroy(new CodeRange(10, 12), "spoiled"));
        state = Done(state, Activate(0, 20));
        Refused(state, Activate(19, 30), CodeBatch.ActivatedBefore);
        Refused(state, new CodeBatchCommand.Destroy(new CodeRange(0, 1), "late"), CodeBatch.ActivatedBefore);
        state = Done(state, Activate(20, 50));
        state.Activated.Count.ShouldBe(50);
    }

    [Fact]
    public void An_activation_is_taken_back_once_with_the_labels_on_record()
    {
        Guid one = new(1, 0, 0, new byte[8]), two = new(2, 0, 0, new byte[8]);
        CodeBatchState state = Done(Opened(50), new CodeBatchCommand.Print(new CodeRange(0, 50), null));
        state = Done(state, Activate(0, 20) with { Id = one, Lot = "A" });
        state = Done(state, Activate(20, 50) with { Id = two, Lot = "B" });
        CodeBatchCommand.Unbind undo = new(two, "typed wrong");
        CodeBatch.Decide(state, undo).ShouldBeOfType<Decision<CodeBatchEvent>.Accepted>().Events
            .ShouldHaveSingleItem().ShouldBe(new CodeBatchEvent.Unbound(two, 20, 30, "B", "typed wrong"));
        state = Done(state, undo);
        Refused(state, undo, CodeBatch.NotBound);
        state.Activated.Ranges.ShouldBe([new CodeRange(0, 20)]);
    }

    [Fact]
    public void Labels_stand_under_one_parent_only()
    {
        CodeBatchState state = Done(Opened(60), Set(0, 60));
        Refused(state, Set(59, 60), CodeBatch.SetBefore);
    }

    [Fact]
    public void A_GTIN_without_a_quota_is_not_limited()
    {
        Allotted(GtinCodesState.Initial, 1_000_000).Draws.ShouldBeEmpty();
    }

    [Fact]
    public void Codes_are_taken_from_quotas_that_end_first_and_never_beyond_them()
    {
        GtinCodesState state = Certified(GtinCodesState.Initial, 100, "2026-01-01", "2026-12-31");
        state = Certified(state, 50, "2026-01-01", "2026-06-30");
        GtinCodesEvent.CodesAllotted first = Allotted(state, 60);
        first.Draws.Select(d => d.Count).ShouldBe([50, 10]);
        state = GtinCodesState.Evolve(state, first);
        Refused(state, 91, GtinCodes.QuotaExceeded);
        state = GtinCodesState.Evolve(state, Allotted(state, 90));
        state.Issued.ShouldBe(150);
        Refused(state, 1, GtinCodes.QuotaExceeded);
        state.LastNumber.ShouldBe(2);
    }

    [Fact]
    public void A_producers_own_statement_adds_nothing_to_an_authoritys()
    {
        GtinCodesState state = Certified(GtinCodesState.Initial, 100, "2026-01-01", "2026-12-31");
        state = By(state, "authority", 50);
        state = By(state, "farm", 500);
        Refused(state, 51, GtinCodes.QuotaExceeded);
        Allotted(state, 50).Draws.ShouldBe([new QuotaDraw(state.Quotas[1].Id, 50)]);
        state.BindingOf("farm").Select(q => q.Amount).ShouldBe([50]);
        By(GtinCodesState.Initial, "farm", 70).BindingOf("farm").Select(q => q.Amount).ShouldBe([70], "alone it binds");

        static GtinCodesState By(GtinCodesState state, string by, long amount) => GtinCodesState.Evolve(
            state, new GtinCodesEvent.OutputCertified(
                Guid.NewGuid(), "farm", "area-yield", new Dictionary<string, string>(), amount, $"{by}-{amount}",
                new DateOnly(2026, 1, 1), new DateOnly(2026, 12, 31)), by);
    }

    [Fact]
    public void Codes_made_elsewhere_are_taken_from_the_quota_too()
    {
        GtinCodesState state = Certified(GtinCodesState.Initial, 100, "2026-01-01", "2026-12-31");
        var taken = (GtinCodesEvent.CodesTakenOver)GtinCodes.TakeOver(state, state.Owner!, Guid.NewGuid(), 60, Day)
            .ShouldBeOfType<Decision<GtinCodesEvent>.Accepted>().Events[0];
        state = GtinCodesState.Evolve(state, taken);
        (state.Issued, state.Quotas[0].Left).ShouldBe((60, 40));
        Refused(state, 41, GtinCodes.QuotaExceeded);
        GtinCodes.TakeOver(state, state.Owner!, Guid.NewGuid(), 41, Day)
            .ShouldBe(new Decision<GtinCodesEvent>.Refused(GtinCodes.QuotaExceeded));
    }

    [Fact]
    public void What_was_made_before_output_was_certified_counts_where_it_was_made_in_its_time()
    {
        GtinCodesState state = Made(GtinCodesState.Initial, 70, "2025-12-31");
        state = Made(Made(state, 20, "2026-02-01"), 15, "2026-03-01");
        (state, long counted) = Counted(state, 30, "farm");
        counted.ShouldBe(30, "of 35 made in its time, as many as it allows");
        (state.Issued, state.Quotas[0].Left).ShouldBe((105, 0));
        (state, counted) = Counted(state, 100, "authority");
        counted.ShouldBe(35, "what the producer stated itself covers nothing for an authority");
        Refused(state, 66, GtinCodes.QuotaExceeded);
        state = GtinCodesState.Evolve(state, Allotted(state, 65), "farm", Day);
        (_, counted) = Counted(state, 100, "authority");
        counted.ShouldBe(0, "what an authority's certification covers is not counted twice");

        static (GtinCodesState State, long Counted) Counted(GtinCodesState state, long amount, string by)
        {
            var said = (GtinCodesEvent.OutputCertified)GtinCodes.Certify(
                    state, new(Guid.NewGuid(), "farm", "area-yield", new Dictionary<string, string>(), amount, Guid.NewGuid().ToString(),
                        new DateOnly(2026, 1, 1), new DateOnly(2026, 12, 31)), by: by)
                .ShouldBeOfType<Decision<GtinCodesEvent>.Accepted>().Events[0];
            return (GtinCodesState.Evolve(state, said, by, Day), said.Earlier ?? 0);
        }

        static GtinCodesState Made(GtinCodesState state, int count, string on) => GtinCodesState.Evolve(
            state, new GtinCodesEvent.CodesTakenOver(Guid.NewGuid(), "farm", count, []), "farm", DateOnly.Parse(on));
    }

    [Fact]
    public void Codes_are_of_the_day_in_China_on_which_they_were_issued() =>
        GtinCodesState.DayOf(new DateTimeOffset(2025, 12, 31, 16, 30, 0, TimeSpan.Zero)).ShouldBe(new DateOnly(2026, 1, 1));

    [Fact]
    public void An_ended_quota_allows_nothing()
    {
        GtinCodesState state = Certified(GtinCodesState.Initial, 100, "2025-01-01", "2025-12-31");
        Refused(state, 1, GtinCodes.QuotaExceeded);
    }

    [Fact]
    public void Another_organisation_gets_no_codes_of_a_GTIN()
    {
        GtinCodesState state = GtinCodesState.Evolve(GtinCodesState.Initial, Allotted(GtinCodesState.Initial, 1));
        GtinCodes.Allot(state, "other", Guid.Empty, 1, SerialMode.Text, 1, Day)
            .ShouldBe(new Decision<GtinCodesEvent>.Refused(GtinCodes.NotOwner));
    }

    [Fact]
    public void Who_gets_a_GTIN_from_an_authority_has_its_codes_and_not_the_quota_of_before()
    {
        GtinCodesState state = Certified(GtinCodesState.Initial, 100, "2026-01-01", "2026-12-31");
        state = GtinCodesState.Evolve(state, Allotted(state, 10));
        GtinCodes.Allot(state, "farm", Guid.Empty, 1, SerialMode.Text, 1, Day, "other")
            .ShouldBe(new Decision<GtinCodesEvent>.Refused(GtinCodes.NotOwner));
        GtinCodes.Allot(state, "other", Guid.Empty, 1, SerialMode.Text, 1, Day, "other")
            .ShouldBe(new Decision<GtinCodesEvent>.Refused(GtinCodes.QuotaExceeded));
        GtinCodesEvent.OutputCertified own = new(
            Guid.NewGuid(), "other", "trademark-quota", new Dictionary<string, string>(), 5, "C-2",
            DateOnly.Parse("2026-01-01"), DateOnly.Parse("2026-12-31"));
        GtinCodes.Certify(state, own).ShouldBe(new Decision<GtinCodesEvent>.Refused(GtinCodes.NotOwner));
        GtinCodesEvent certified = GtinCodes.Certify(state, own, "other")
            .ShouldBeOfType<Decision<GtinCodesEvent>.Accepted>().Events[0];
        GtinCodes.Allot(
                GtinCodesState.Evolve(state, certified), "other", Guid.Empty, 5, SerialMode.Text, 1, Day, "other")
            .ShouldBeOfType<Decision<GtinCodesEvent>.Accepted>().Events.Single()
            .ShouldBeOfType<GtinCodesEvent.CodesAllotted>().Number.ShouldBe(2, "numbers of before stay taken");
    }

    [Fact]
    public void Numeric_codes_stay_sparse_enough_to_be_told_from_guesses()
    {
        Numeric((int)NumericSerial.IssuedMax, keyVersion: 7).ShouldBeOfType<Decision<GtinCodesEvent>.Accepted>();
        Numeric((int)NumericSerial.IssuedMax + 1, keyVersion: 7)
            .ShouldBe(new Decision<GtinCodesEvent>.Refused(GtinCodes.NumericSpace));
        Numeric(1, keyVersion: 8).ShouldBe(new Decision<GtinCodesEvent>.Refused(GtinCodes.NumericKey));

        static Decision<GtinCodesEvent> Numeric(int count, int keyVersion) => GtinCodes.Allot(
            GtinCodesState.Initial, "farm", Guid.Empty, count, SerialMode.Numeric, keyVersion, Day);
    }

    [Theory]
    [InlineData("area-yield", "area=12.5;yield=40;content=0.25", 2060L)]
    [InlineData("trademark-quota", "labels=1000", 1000L)]
    [InlineData("claimed-purchase", "purchased=10;content=0.3", 34L)]
    [InlineData("capacity", "daily=100;days=30", 3150L)]
    [InlineData("area-yield", "area=12.5;yield=40", null)]
    [InlineData("area-yield", "area=12.5;yield=40;content=0", null)]
    [InlineData("area-yield", "area=12.5;yield=-40;content=1", null)]
    [InlineData("trademark-quota", "labels=1000;more=1", null)]
    [InlineData("trademark-quota", "labels=1e9", null)]
    [InlineData("trademark-quota", "labels=9999999999999999", null)]
    [InlineData("area-yield", "area=99999999999999999999;yield=99999999999999999999;content=1", null)]
    public void The_certified_amount_follows_from_the_rule(string rule, string basis, long? amount) =>
        QuotaRule.Find(rule, Day)!.Amount(
            basis.Split(';').Select(p => p.Split('=')).ToDictionary(p => p[0], p => p[1])).ShouldBe(amount);

    [Fact]
    public void A_rule_is_not_in_force_before_its_first_day() =>
        QuotaRule.Find("capacity", new DateOnly(2019, 12, 31)).ShouldBeNull();

    private static CodeBatchState Opened(int count) => CodeBatchState.Evolve(
        CodeBatchState.Initial,
        new CodeBatchEvent.Opened(
            Gtin, 1, count, SerialMode.Text, 0, 1, "https://id.gs1.org", Activation.Required, null));

    private static CodeBatchCommand Command(int kind, CodeRange range) => kind switch
    {
        0 => new CodeBatchCommand.Print(range, null),
        1 => new CodeBatchCommand.Destroy(range, "reason"),
        2 => new CodeBatchCommand.Activate(Guid.Empty, range, "lot", null, null),
        _ => new CodeBatchCommand.Set(Guid.Empty, range, range.Count, Guid.Empty, 0, 1),
    };

    private static CodeBatchCommand.Activate Activate(int from, int to) =>
        new(Guid.Empty, new CodeRange(from, to), "lot", null, null);

    private static CodeBatchCommand.Set Set(int from, int to) =>
        new(Guid.Empty, new CodeRange(from, to), to - from, Guid.Empty, 0, 1);

    private static CodeBatchState Done(CodeBatchState state, CodeBatchCommand command) =>
        CodeBatch.Decide(state, command).ShouldBeOfType<Decision<CodeBatchEvent>.Accepted>().Events
            .Aggregate(state, CodeBatchState.Evolve);

    private static void Refused(CodeBatchState state, CodeBatchCommand command, string rule) =>
        CodeBatch.Decide(state, command).ShouldBe(new Decision<CodeBatchEvent>.Refused(rule));

    private static GtinCodesState Certified(GtinCodesState state, long amount, string from, string to) =>
        GtinCodesState.Evolve(state, new GtinCodesEvent.OutputCertified(
            Guid.NewGuid(), "farm", "trademark-quota", new Dictionary<string, string>(), amount, "C-1",
            DateOnly.Parse(from), DateOnly.Parse(to)));

    private static GtinCodesEvent.CodesAllotted Allotted(GtinCodesState state, int count) =>
        (GtinCodesEvent.CodesAllotted)GtinCodes.Allot(state, "farm", Guid.NewGuid(), count, SerialMode.Text, 1, Day)
            .ShouldBeOfType<Decision<GtinCodesEvent>.Accepted>().Events[0];

    private static void Refused(GtinCodesState state, int count, string rule) =>
        GtinCodes.Allot(state, "farm", Guid.Empty, count, SerialMode.Text, 1, Day)
            .ShouldBe(new Decision<GtinCodesEvent>.Refused(rule));
}
