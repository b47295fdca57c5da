using System.Text;
using Prepaid.Custody;
using Proofs.Liabilities;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

/// <summary>Custody accounts: statements once and in order, orders that settle, come back or are refused, the clock.</summary>
public sealed class CustodyAccountTests
{
    private static readonly DateOnly Day = new(2026, 3, 2);

    private static CustodyAccount Account(params CustodyEvent[] events) => events
        .Prepend(new CustodyEvent.AccountOpened("6222-1", "bank", ["north"])).Aggregate(
            CustodyAccount.Initial, CustodyAccount.Evolve);

    private static BankStatement Statement(string id, int day, long opening, params BankEntry[] entries) => new(
        id, "6222-1", Day.AddDays(day), opening, opening + entries.Sum(e => e.Fen), entries);

    private static CustodyAccount Import(CustodyAccount account, BankStatement statement, string hash = "h") =>
        CustodyAccount.Import(account, statement, hash).ShouldBeOfType<Decision<CustodyEvent>.Accepted>()
            .Events.Aggregate(account, CustodyAccount.Evolve);

    private static string Refused(Decision<CustodyEvent> decision) =>
        decision.ShouldBeOfType<Decision<CustodyEvent>.Refused>().Rule;

    [Fact]
    public void A_statement_imported_twice_is_one_and_a_gap_is_seen()
    {
        BankStatement first = Statement("1", 0, 0, new BankEntry("a", 100_00, null));
        CustodyAccount account = Import(Account(), first);
        CustodyAccount.Import(account, first, "h").ShouldBeOfType<Decision<CustodyEvent>.Accepted>().Events.ShouldBeEmpty();
        Refused(CustodyAccount.Import(account, first, "other")).ShouldBe(CustodyAccount.Taken);
        Refused(CustodyAccount.Import(account, Statement("2", 1, 99_00), "x")).ShouldBe(CustodyAccount.Gap);
        Refused(CustodyAccount.Import(account, Statement("2", 0, 100_00), "x")).ShouldBe(CustodyAccount.Gap);
        Refused(CustodyAccount.Import(account, Statement("2", 1, 100_00) with { ClosingFen = 1 }, "x"))
            .ShouldBe(CustodyAccount.NotAdding);
        Refused(CustodyAccount.Import(account, Statement("2", 1, 100_00) with { Account = "9" }, "x"))
            .ShouldBe(CustodyAccount.OtherAccount);
        Import(account, Statement("2", 1, 100_00)).Last!.ClosingFen.ShouldBe(100_00);
    }

    [Fact]
    public void An_order_is_settled_by_its_entry_and_returned_by_the_entry_back()
    {
        CustodyAccount account = Account(new CustodyEvent.Ordered("t1", OrderKind.TopUp, 500_00, "shortfall"));
        account = Import(account, Statement("1", 0, 0, new BankEntry("a", 499_00, "t1")));
        account.Orders["t1"].State.ShouldBe(OrderState.Open, "another amount settles nothing");
        account = Import(account, Statement("2", 1, 499_00, new BankEntry("b", 500_00, "t1")));
        account.Orders["t1"].State.ShouldBe(OrderState.Settled);
        account = Import(account, Statement("3", 2, 999_00, new BankEntry("c", -500_00, "t1")));
        account.Orders["t1"].State.ShouldBe(OrderState.Returned);
        Reconciliation.Of(Day.AddDays(2), 0, null, account, 0).Breaks
            .ShouldBe([Reconciliation.NoRoot, Reconciliation.Returned]);
    }

    [Theory]
    [InlineData(300_00, null)]
    [InlineData(300_01, CustodyAccount.BelowRequired)]
    public void A_release_leaves_what_is_required_with_insurance_and_open_releases_counted(long fen, string? refusal)
    {
        CustodyAccount account = Import(Account(
            new CustodyEvent.OffsetGiven("i", new Offset("insurance", 200_00, Day, Day.AddYears(1), "policy 7")),
            new CustodyEvent.Ordered("r0", OrderKind.Release, 100_00, "used")),
            Statement("1", 0, 0, new BankEntry("a", 600_00, null)));
        Decision<CustodyEvent> decision = CustodyAccount.Order(
            account, new CustodyEvent.Ordered("r1", OrderKind.Release, fen, "ratio"), 400_00, Day);
        (decision as Decision<CustodyEvent>.Refused)?.Rule.ShouldBe(refusal);
        (decision is Decision<CustodyEvent>.Refused).ShouldBe(refusal is not null);
        Refused(CustodyAccount.Order(account, new CustodyEvent.Ordered("r1", OrderKind.Release, 1, ""), null, Day))
            .ShouldBe(CustodyAccount.NoRule);
        // The policy is over: it stands for nothing any more.
        Refused(CustodyAccount.Order(account, new CustodyEvent.Ordered("r1", OrderKind.Release, 200_00, ""), 400_00,
            Day.AddYears(2))).ShouldBe(CustodyAccount.BelowRequired);
    }

    [Fact]
    public void The_clock_of_a_shortfall_runs_until_enough_is_there_and_not_knowing_stops_nothing()
    {
        static CustodyEvent.DayReconciled On(int day, long? required, long? resource) =>
            new(Day.AddDays(day), required, resource, []);
        CustodyAccount account = Account(On(0, 100, 100));
        account.ShortSince.ShouldBeNull();
        account = Account(On(0, 100, 99), On(1, 100, 50));
        account.ShortSince.ShouldBe(Day);
        CustodyAccount.Evolve(account, On(2, 100, null)).ShortSince.ShouldBe(Day, "no statement is no money");
        CustodyAccount.Evolve(account, On(2, null, 500)).ShortSince.ShouldBe(Day);
        CustodyAccount.Evolve(account, On(2, 100, 100)).ShortSince.ShouldBeNull();
    }

    [Fact]
    public void Three_figures_that_agree_have_no_break_and_each_difference_its_name()
    {
        LiabilityRoot root = new(new byte[32], 1, new Liability(1_000_00, 0));
        CustodyAccount account = Import(Account(), Statement("1", 0, 0, new BankEntry("a", 400_00, null)));
        Reconciliation.Of(Day, 1_000_00, root, account, 400_00).Breaks.ShouldBeEmpty();
        Reconciliation.Of(Day, 1_000_01, root, account, 400_01).Breaks
            .ShouldBe([Reconciliation.ChainDiffers, Reconciliation.Shortfall]);
        Reconciliation.Of(Day.AddDays(1), 1_000_00, root, account, null).Breaks
            .ShouldBe([Reconciliation.NoStatement, Reconciliation.NoRule]);
        account = Import(account, Statement("2", 1, 400_00, new BankEntry("b", -1, null)));
        Reconciliation.Of(Day.AddDays(1), 1_000_00, root, account, 0).Breaks.ShouldBe([Reconciliation.Unordered]);
    }

    [Theory]
    [InlineData("02", "<Sts>BOOK</Sts>", "<Sts>PDNG</Sts>")]
    [InlineData("08", "<Sts><Cd>BOOK</Cd></Sts>", "<Sts><Cd>PDNG</Cd></Sts>")]
    public void A_camt_053_of_old_and_new_versions_is_read(string version, string booked, string pending)
    {
        string xml = $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
            <GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-03-03T01:00:00</CreDtTm></GrpHdr>
            <Stmt><Id>S-20260302</Id><Acct><Id><Othr><Id>6222-1</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
            <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp>
            <Amt Ccy="CNY">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>
            <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp>
            <Amt Ccy="CNY">1200.5</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>
            <Ntry><Amt Ccy="CNY">300.50</Amt><CdtDbtInd>CRDT</CdtDbtInd>{booked}<AcctSvcrRef>B1</AcctSvcrRef>
            <NtryDtls><TxDtls><Refs><EndToEndId>t1</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>
            <Ntry><Amt Ccy="CNY">100.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>{booked}<AcctSvcrRef>B2</AcctSvcrRef>
            <NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>
            <Ntry><Amt Ccy="CNY">7.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>{pending}<AcctSvcrRef>B3</AcctSvcrRef></Ntry>
            </Stmt></BkToCstmrStmt></Document>
            """;
        BankStatement? Read(string text) => BankStatement.ReadCamt053(new MemoryStream(Encoding.UTF8.GetBytes(text)));
        BankStatement read = Read(xml).ShouldNotBeNull();
        (read.Id, read.Account, read.Day, read.OpeningFen, read.ClosingFen, read.AddsUp)
            .ShouldBe(("S-20260302", "6222-1", Day, 1_000_00, 1_200_50, true));
        read.Entries.ShouldBe([new BankEntry("B1", 300_50, "t1"), new BankEntry("B2", -100_00, null)]);
        Read(xml.Replace("Ccy=\"CNY\"", "Ccy=\"USD\"", StringComparison.Ordinal)).ShouldBeNull();
        Read(xml.Replace("CLBD", "CLAV", StringComparison.Ordinal)).ShouldBeNull();
        Read("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>").ShouldBeNull();
    }

    [Fact]
    public void A_list_is_read_and_another_is_none()
    {
        const string head = "statement,account,day,kind,yuan,reference,order\n";
        string list = head + "S1,6222-1,2026-03-02,opening,10.00,,\nS1,6222-1,2026-03-02,credit,5.5,B1,t1\r\n"
            + "S1,6222-1,2026-03-02,debit,1,B2,\nS1,6222-1,2026-03-02,closing,14.50,,\n";
        BankStatement read = BankStatement.ReadCsv("\uFEFF" + list).ShouldNotBeNull();
        read.AddsUp.ShouldBeTrue();
        read.Entries.ShouldBe([new BankEntry("B1", 5_50, "t1"), new BankEntry("B2", -1_00, null)]);
        foreach (string wrong in new[] { head, list.Replace("5.5", "5.555"), list.Replace("credit", "gift"), "x" + list })
            BankStatement.ReadCsv(wrong).ShouldBeNull();
    }
}
