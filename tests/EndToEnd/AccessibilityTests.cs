using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>Every page by the rules of WCAG 2.2 AA as axe-core checks them, by keyboard and without motion.</summary>
[Collection(SuiteCollection.Name)]
public sealed class AccessibilityTests(Suite suite) : BrowserTests(suite)
{
    private static readonly string[] Open =
    [
        "/", "/verify", "/verify?digest=12", "/proves", "/status", "/sign-in-failed", "/no-right", "/nowhere",
        "/shares/none",
    ];

    private static readonly string[] SignedIn =
    [
        "/deposits", "/deposits?q=nothing-like-it", "/deposits/new", "/deposits/batch", "/deposits/batch/none",
        "/deposits/D-0", "/signed-in", "/desk", "/org/clients",
        "/org/people",
    ];

    [Theory]
    [InlineData(390, 844, "zh-CN", ColorScheme.Light)]
    [InlineData(390, 844, "en", ColorScheme.Dark)]
    [InlineData(1280, 800, "zh-CN", ColorScheme.Dark)]
    [InlineData(1280, 800, "en", ColorScheme.Light)]
    public async Task Every_page_keeps_the_rules_of_accessibility(int width, int height, string language, ColorScheme scheme)
    {
        var page = await PageAsync(width, language, scheme: scheme, height: height);
        List<string> found = [];
        foreach (var path in Open) await CheckAsync(page, path, found);
        await CheckAsync(page, "/deposits", found);
        await SignInAsync(page);
        foreach (var path in SignedIn) await CheckAsync(page, path, found);

        var deposit = new Uri(await DepositAsync(page, NewDigest(), "a")).AbsolutePath;
        foreach (var kind in new[] { "handed-over", "accessed", "supplemented", "superseded" })
        {
            await CheckAsync(page, $"{deposit}/custody?kind={kind}", found);
            await page.ClickAsync("main button[type=submit]");
            await page.WaitForSelectorAsync("#problems");
            await CheckAsync(page, $"custody-{kind}-refused", found);
        }

        await page.GotoAsync($"{Suite.Origin}{deposit}/custody?kind=accessed");
        await page.FillAsync("#purpose", "inspection");
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForSelectorAsync(".history");
        await page.ClickAsync("#share button[type=submit]");
        await page.WaitForSelectorAsync("#share a.address");
        await CheckAsync(page, "deposit", found);
        await CheckAsync(page, new Uri((await page.GetAttributeAsync("#share a.address", "href"))!).AbsolutePath, found);

        await page.GotoAsync($"{Suite.Origin}/deposits/batch");
        await page.FillAsync("#lines", "abc");
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForSelectorAsync("#problems");
        await CheckAsync(page, "batch-refused", found);
        await page.FillAsync("#lines", NewDigest());
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForURLAsync("**/deposits/batch/*");
        await CheckAsync(page, "batch-done", found);

        found.ShouldBeEmpty();
        Console.WriteLine($"{RulesKept:N0} rules kept at {width} in {language}");
        RulesKept.ShouldBeGreaterThan(500, "the checks did not run");
        Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_administrator_makes_an_API_client_whose_secret_is_shown_once_and_revokes_it()
    {
        var page = await PageAsync(390, "en", scripts: false);
        await SignInAsync(page);
        var name = $"line {Random.Shared.Next(1_000_000)}";
        await page.GotoAsync($"{Suite.Origin}/org/clients");
        await page.ClickAsync("#new button[type=submit]");
        (await page.InnerTextAsync("#problems")).ShouldContain("Give it a name");
        await page.FillAsync("#name", name);
        await page.ClickAsync("#new button[type=submit]");
        var (id, secret) = (await page.InnerTextAsync("#secret dd >> nth=0"), await page.InnerTextAsync("#secret dd >> nth=1"));
        (await Suite.TokenAsync(id, secret)).ShouldNotBeEmpty();
        await page.GotoAsync($"{Suite.Origin}/org/clients");
        (await page.ContentAsync()).ShouldNotContain(secret);
        await page.ClickAsync($"tr:has-text('{name}') a[href*='change=']");
        (await Suite.TokenAsync(id, secret)).ShouldNotBeEmpty("the old secret holds until the change is confirmed");
        await page.ClickAsync("#change button[type=submit]");
        (await Suite.TokenAsync(id, await page.InnerTextAsync("#secret dd >> nth=1"))).ShouldNotBeEmpty();
        await page.ClickAsync($"tr:has-text('{name}') a[href*='revoke=']");
        await page.FillAsync("#reason", "not used any more");
        await page.ClickAsync("#revoke button[type=submit]");
        (await page.InnerTextAsync($"tr:has-text('{name}')")).ShouldContain("revoked");
    }

    [Fact]
    public async Task A_field_without_its_label_is_found()
    {
        var page = await PageAsync(390, "en");
        await page.GotoAsync($"{Suite.Origin}/verify");
        await page.EvaluateAsync("document.querySelector('label[for=digest]').remove()");
        List<string> found = [];
        await CheckAsync(page, "label-removed", found);
        found.ShouldContain(f => f.Contains("must have labels", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/", 390)]
    [InlineData("/verify", 390)]
    [InlineData("/deposits", 1280)]
    [InlineData("/deposits/new", 390)]
    [InlineData("/deposits/batch", 1280)]
    [InlineData("/status", 1280)]
    public async Task The_keyboard_reaches_everything_and_is_always_seen(string path, int width)
    {
        var page = await PageAsync(width, "en");
        await SignInAsync(page);
        await WalkAsync(page, Suite.Origin + path);
    }

    [Fact]
    public async Task Nothing_moves_for_whoever_asked_for_less_motion()
    {
        const string longest = "Math.max(...[...document.querySelectorAll('*')].flatMap(e => "
            + "{ const s = getComputedStyle(e); return [s.transitionDuration, s.animationDuration].flatMap(d => d.split(',').map(parseFloat)); }))";
        var moving = await PageAsync(390);
        await moving.GotoAsync(Suite.Origin);
        (await moving.EvaluateAsync<double>(longest)).ShouldBeInRange(0.01, 0.2);
        var still = await PageAsync(390, motion: ReducedMotion.Reduce);
        await still.GotoAsync(Suite.Origin);
        (await still.EvaluateAsync<double>(longest)).ShouldBe(0);
    }
}
