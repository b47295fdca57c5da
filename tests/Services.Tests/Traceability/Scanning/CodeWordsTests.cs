using Shouldly;
using Traceability.MasterData;
using Traceability.Scanning;
using Xunit;

namespace Services.Tests.Traceability.Scanning;

/// <summary>What a page says of a code, and never says.</summary>
public sealed class CodeWordsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 21, 4, 0, 0, TimeSpan.Zero);
    private static readonly Wording Issuer = new("某茶业", "Some Tea");
    private static readonly SalesFeed Complete = SalesFeed.Begin("till").With(1, 10, Now.AddHours(-1));

    private static string Text(CodeFacts facts) =>
        string.Join(' ', CodeWords.Of(facts, Now).Select(w => $"{w.Zh} {w.En}"));

    [Fact]
    public void Sold_once_is_said_only_where_the_sellers_feed_is_complete()
    {
        SaleRecord once = new([Now.AddDays(-2)], [Complete]);
        once.State(Now).ShouldBe(SaleState.SoldOnce);
        (once with { Feeds = [Complete.With(12, 1, Now)] }).State(Now).ShouldBe(SaleState.SaleRecorded, "number 11 is missing");
        (once with { Feeds = [] }).State(Now).ShouldBe(SaleState.SaleRecorded);
        once.State(Now.AddDays(3)).ShouldBe(SaleState.SaleRecorded, "nothing was reported for more than two days");
        Text(new(CodeState.InUse, Issuer, 0, null, once)).ShouldContain("售出一次，2026年3月19日");
        Text(new(CodeState.InUse, Issuer, 0, null, once with { Feeds = [] })).ShouldNotContain("售出一次，");
    }

    [Fact]
    public void A_gap_is_filled_by_exactly_what_is_missing()
    {
        SalesFeed gap = Complete.With(21, 5, Now);
        (gap.Gap, gap.Expected).ShouldBe((true, 26));
        gap.Missing.ShouldBe([new MissingSales(11, 20)]);
        gap.Takes(10, 2).ShouldBeFalse("10 was reported");
        gap.Takes(20, 2).ShouldBeFalse("21 was reported");
        gap.Takes(11, 0).ShouldBeFalse("nothing fills nothing");
        gap.Takes(14, 3).ShouldBeTrue();
        SalesFeed part = gap.With(14, 3, Now);
        part.Missing.ShouldBe([new MissingSales(11, 13), new MissingSales(17, 20)]);
        part.Takes(14, 1).ShouldBeFalse("it was reported meanwhile");
        SalesFeed whole = part.With(17, 4, Now).With(11, 3, Now);
        (whole.Gap, whole.Expected, whole.IsComplete(Now)).ShouldBe((false, 26, true));
    }

    [Fact]
    public void Not_sold_is_said_only_where_the_sellers_feed_is_complete()
    {
        new SaleRecord([], [Complete]).State(Now).ShouldBe(SaleState.NotSold);
        new SaleRecord([], [SalesFeed.Begin("till")]).State(Now).ShouldBe(SaleState.NotKnown);
        SaleRecord.Unknown.State(Now).ShouldBe(SaleState.NotKnown);
        new SaleRecord([], [Complete, SalesFeed.Begin("other")]).State(Now)
            .ShouldBe(SaleState.NotKnown, "one of two sellers never reported");
        new SaleRecord([Now, Now], [Complete]).State(Now).ShouldBe(SaleState.SoldTwice);
    }

    [Fact]
    public void The_first_check_says_so_and_later_ones_are_counted()
    {
        Text(new(CodeState.InUse, Issuer, 0, null, SaleRecord.Unknown)).ShouldContain("首次查询");
        string third = Text(new(CodeState.InUse, Issuer, 2, Now.AddDays(-1), SaleRecord.Unknown));
        third.ShouldContain("此前被查询过2次，首次在2026-03-20 12:00（北京时间）");
        third.ShouldContain("Checked 2 times before");
    }

    [Fact]
    public void A_serial_that_is_not_ours_is_not_described_further()
    {
        IReadOnlyList<Wording> words = CodeWords.Of(new(CodeState.NotOurs, Issuer, 0, null, SaleRecord.Unknown), Now);
        words.Count.ShouldBe(1);
        words[0].Zh!.ShouldContain("不是某茶业在这里发出的");
    }

    [Fact]
    public void A_destroyed_label_is_said_to_be_destroyed_and_not_to_wait_for_use()
    {
        IReadOnlyList<Wording> words = CodeWords.Of(new(CodeState.Destroyed, Issuer, 0, null, SaleRecord.Unknown), Now);
        words.Count.ShouldBe(1);
        words[0].Zh!.ShouldContain("已登记销毁");
        words[0].En!.ShouldNotContain("not in use yet");
    }

    [Fact]
    public void Nothing_is_ever_called_genuine_and_copies_are_always_warned_of()
    {
        string[] never = ["正品", "真品", "假货", "genuine", "authentic", "fake", "绝对", "保真", "不可篡改"];
        SaleRecord[] sales = [SaleRecord.Unknown, new([Now], [Complete]), new([], [Complete]), new([Now, Now], [])];
        foreach (CodeState state in Enum.GetValues<CodeState>())
        {
            foreach (SaleRecord sale in sales)
            {
                string text = Text(new(state, Issuer, 3, Now, sale));
                never.ShouldAllBe(word => !text.Contains(word, StringComparison.OrdinalIgnoreCase));
                if (state is not (CodeState.NotOurs or CodeState.NotInUse or CodeState.Destroyed))
                    text.ShouldContain("复制的标签会显示同样的内容");
            }
        }
    }
}
