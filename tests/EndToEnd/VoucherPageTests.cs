using System.Globalization;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>What businesses do with vouchers, in a real Chromium: keys are made and pages signed in the browser.</summary>
[Collection(SuiteCollection.Name)]
public sealed partial class VoucherPageTests(Suite suite) : BrowserTests(suite)
{
    private readonly List<string> _found = [];

    [Fact]
    public async Task A_voucher_is_issued_checked_accepted_and_split_and_the_receiver_sees_it()
    {
        var (maker, supplier, weaver) = (await OrganisationAsync("core-enterprise", "甲汽车有限公司"),
            await OrganisationAsync("supplier", "乙座椅有限公司"), await OrganisationAsync("supplier", "丙织物有限公司"));
        var (issuing, checking) = (await PersonAsync(maker, "an", 320), await PersonAsync(maker, "mei", 1280, "en"));
        await CheckAsync(issuing, "/vouchers", _found);
        await CheckAsync(issuing, "/vouchers/keys", _found);
        await CheckAsync(issuing, "/vouchers/account", _found);
        await BindAsync(issuing, checking);
        await CheckAsync(checking, "/vouchers/keys", _found);
        (await checking.Locator("[data-key]:visible").CountAsync()).ShouldBe(1, "one key is on this device");

        await IssueAsync(issuing, supplier, "1,000,000.00");
        await CheckAsync(issuing, "draft-before-signing", _found);
        (await issuing.InnerTextAsync("[data-part=text]")).ShouldContain("1,000,000.00元（人民币壹佰万元整）");
        await SignAsync(issuing);
        await CheckAsync(checking, "/vouchers/approvals", _found);
        await SignAsync(checking, page => page.InnerTextAsync("[data-part=text]"), "CNY 1,000,000.00");
        await checking.ClickAsync(".notice.ok a[href^='/vouchers/V-']");
        var voucher = new Uri(checking.Url).AbsolutePath;

        var (seller, second) = (await PersonAsync(supplier, "an", 320, "en"), await PersonAsync(supplier, "mei", 1280));
        await BindAsync(seller, second);
        await seller.GotoAsync($"{Suite.Origin}/vouchers/account");
        await seller.FillAsync("#Bank", "102100099996");
        await seller.FillAsync("#Number", $"6222{Random.Shared.NextInt64(1_000_000_000, 10_000_000_000)}");
        await seller.ClickAsync("main form button[type=submit]");
        await seller.WaitForURLAsync("**/vouchers/approvals/AC-*");
        await SignAsync(seller);
        await second.GotoAsync(Suite.Origin);
        await SignAsync(second);
        await CheckAsync(second, "/vouchers/account", _found);
        (await second.InnerTextAsync("#now + dl")).ShouldContain("待开户行确认");
        await CheckAsync(seller, "/vouchers?tab=inbox", _found);
        await seller.ClickAsync("td.first a");
        await CheckAsync(seller, "inbox-offer", _found);
        await seller.ClickAsync("button[value=accept]");
        await seller.WaitForURLAsync("**/vouchers/approvals/A-*");
        await SignAsync(seller);
        await second.GotoAsync(Suite.Origin);
        await SignAsync(second);
        await CheckAsync(second, voucher, _found);

        await SplitAsync(seller, voucher, (weaver, "300,000.01"), (weaver, "100,000.00"));
        await SignAsync(seller);
        await second.GotoAsync(Suite.Origin);
        await SignAsync(second);
        await CheckAsync(seller, voucher, _found);
        (await seller.InnerTextAsync("#actions")).ShouldContain("¥400,000.01");
        (await seller.InnerTextAsync("#family")).ShouldContain("= face amount");

        var receiver = await PersonAsync(weaver, "an", 320);
        await CheckAsync(receiver, "/vouchers?tab=inbox", _found);
        (await receiver.InnerTextAsync("#inbox")).ShouldContain("¥400,000.01");
        (await receiver.InnerTextAsync("#inbox")).ShouldContain("乙座椅有限公司");
        await CheckAsync(receiver, voucher, _found);
        await CheckAsync(second, "/vouchers?tab=due", _found);
        _found.ShouldBeEmpty();
        Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_scripts_everything_but_signing_works()
    {
        var (maker, supplier) = (await OrganisationAsync("core-enterprise", "甲汽车有限公司"), await OrganisationAsync("supplier", "乙座椅有限公司"));
        var page = await PersonAsync(maker, "an", 320, "en", scripts: false);
        await page.GotoAsync($"{Suite.Origin}/vouchers/keys");
        (await page.InnerTextAsync("main")).ShouldContain("need scripts");
        await IssueAsync(page, supplier, "250000", look: false);
        await page.WaitForURLAsync("**/vouchers/approvals/I-*");
        (await page.InnerTextAsync("h1")).ShouldBe("Issue a receivable voucher");
        (await page.InnerTextAsync("main")).ShouldContain("CNY 250,000.00");
        await page.ClickAsync("summary:has-text('Give this draft up')");
        await page.FillAsync("#reason", "wrong amount");
        await page.ClickAsync("details button[type=submit]");
        await page.WaitForSelectorAsync(".tag:has-text('given up')");
    }

    [Fact]
    public async Task An_amount_beyond_the_invoice_is_refused_at_its_field_and_nothing_typed_is_lost()
    {
        var (maker, supplier) = (await OrganisationAsync("core-enterprise", "甲汽车有限公司"), await OrganisationAsync("supplier", "乙座椅有限公司"));
        var page = await PersonAsync(maker, "an", 320);
        await DocumentAsync(page, supplier, "380,000.00");
        await page.ClickAsync("#docs button[type=submit]");
        await page.FillAsync("#amount", "４００，０００");
        await page.FillAsync("#due", "2099-12-01");
        await page.ClickAsync("main form[method=post] button.filled");
        (await page.InnerTextAsync("#amount-error")).ShouldContain("超过所选发票的可用额¥380,000.00");
        (await page.InnerTextAsync("#due-error")).ShouldContain("银发〔2025〕77号第十一条");
        (await page.InputValueAsync("#amount")).ShouldBe("４００，０００");
        (await page.TitleAsync()).ShouldStartWith("有错误：");
        await CheckAsync(page, "issue-refused", _found);
        _found.ShouldBeEmpty();
    }

    /// <summary>Deposits an invoice of a supplier and comes back to the first step with it chosen.</summary>
    private async Task DocumentAsync(IPage page, string supplier, string gross)
    {
        await page.GotoAsync($"{Suite.Origin}/vouchers/documents/new?with={supplier}");
        await page.FillAsync("#sha256", NewDigest());
        await page.FillAsync("#number", InvoiceNumber());
        await page.FillAsync("#gross", gross);
        await page.FillAsync("#issuedOn", DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-3).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await page.ClickAsync("main form[method=post] button.filled");
        await page.WaitForURLAsync("**/vouchers/new?holder=*");
    }

    private async Task IssueAsync(IPage page, string supplier, string amount, bool look = true)
    {
        await page.GotoAsync($"{Suite.Origin}/vouchers/new");
        await page.SelectOptionAsync("#holder", supplier);
        await page.ClickAsync("main form button[type=submit]");
        if (look) await CheckAsync(page, "issue-step-one", _found);
        await DocumentAsync(page, supplier, amount);
        await page.ClickAsync("#docs button[type=submit]");
        await page.FillAsync("#amount", amount);
        await page.FillAsync("#due", DateOnly.FromDateTime(DateTime.UtcNow).AddDays(50).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        if (look) await CheckAsync(page, "issue-step-two", _found);
        await page.ClickAsync("main form[method=post] button.filled");
        await page.WaitForURLAsync("**step=3**");
        if (look) await CheckAsync(page, "issue-step-three", _found);
        await page.ClickAsync("main form[method=post] button[type=submit]");
        await page.WaitForURLAsync("**/vouchers/approvals/I-*");
    }

    private async Task SplitAsync(IPage page, string voucher, params (string To, string Amount)[] parts)
    {
        await page.GotoAsync($"{Suite.Origin}{voucher}/split");
        for (var i = 0; i < parts.Length; i++)
        {
            await page.SelectOptionAsync($"#to-{i}", parts[i].To);
            await page.FillAsync($"#amount-{i}", parts[i].Amount);
        }

        await CheckAsync(page, "split", _found);
        await page.ClickAsync("main form[method=post] button.filled");
        await page.WaitForURLAsync("**/vouchers/approvals/T-*");
    }
}
