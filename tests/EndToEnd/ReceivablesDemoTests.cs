using System.Text;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>The story of receivable vouchers, each step of which checks its own answer.</summary>
[Collection(SuiteCollection.Name)]
public sealed class ReceivablesDemoTests(Suite suite)
{
    [Fact]
    public async Task The_story_of_the_vouchers_is_loaded_once_and_told_again()
    {
        var loaded = await RunAsync();
        loaded.ShouldContain("200 vouchers over CNY 184,763,619.00 issued on 200 invoices");
        loaded.ShouldContain("20 vouchers split 5 levels deep");
        foreach (var code in (string[])
        [
            "trade-document-exists", "invoice-exhausted", "credit-not-free", "page-differs", "signature-invalid", "maker-is-checker",
            "approval-time-off", "approval-head-stale", "not-holder", "voucher-not-found",
        ])
        {
            loaded.ShouldContain($"refused ({code})");
        }

        loaded.ShouldContain("attempts refused, not a fen moved");
        loaded.ShouldContain("paid in full to 6 payees by 6 instructions");
        loaded.ShouldContain("went to 3 holders by the largest remainder");
        loaded.ShouldContain("repurchased and holds the claim again");

        var again = await RunAsync();
        again.ShouldStartWith("The story is here");
        again.ShouldEndWith(loaded[^200..]);
    }

    private async Task<string> RunAsync()
    {
        var (code, output, error) = await suite.AppsAsync("demo", "receivables");
        var text = Encoding.UTF8.GetString(output);
        code.ShouldBe(0, text + error);
        return text;
    }
}
