using System.Text.Json;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>Tests that look at pages through a real Chromium.</summary>
public abstract class BrowserTests(Suite suite) : IAsyncLifetime
{
    protected Suite Suite => suite;

    private static readonly string Screenshots = Path.Combine(Suite.Home, "artifacts", "screenshots");
    private static readonly string Axe = File.ReadAllText(
        Path.Combine(Suite.Home, "tests/EndToEnd/js/node_modules/axe-core/axe.min.js"));

    private readonly List<IBrowserContext> _contexts = [];
    private IBrowser _browser = null!;

    public async Task InitializeAsync() => _browser = await suite.BrowserAsync();

    public async Task DisposeAsync()
    {
        foreach (var context in _contexts) await context.DisposeAsync();
    }

    /// <summary>What the browser complained of on any page: a blocked resource, a broken module, a thrown error.</summary>
    protected List<string> Complaints { get; } = [];

    /// <summary>How many rules were found kept.</summary>
    protected int RulesKept { get; private set; }

    protected async Task<IPage> PageAsync(
        int width, string language = "zh-CN", bool scripts = true, ColorScheme scheme = ColorScheme.Light,
        int height = 900, ReducedMotion motion = ReducedMotion.NoPreference)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            Locale = language,
            JavaScriptEnabled = scripts,
            AcceptDownloads = true,
            ColorScheme = scheme,
            ReducedMotion = motion,
        });
        _contexts.Add(context);
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(30_000);
        page.PageError += (_, error) => Complaints.Add($"{page.Url}: {error}");
        page.Console += (_, message) =>
        {
            // An answer of 404 or 422 is what some tests ask for.
            if (message.Type != "error" || message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal)) return;
            Complaints.Add($"{page.Url}: {message.Text}");
        };
        return page;
    }

    protected async Task SignInAsync(IPage page, string user = "lanting")
    {
        var person = Suite.Access["signIns"]!.AsArray().First(s => s!["user"]!.GetValue<string>() == user)!;
        await page.GotoAsync($"{Suite.Origin}/deposits");
        await page.FillAsync("#name", person["user"]!.GetValue<string>());
        await page.FillAsync("#password", person["password"]!.GetValue<string>());
        await page.ClickAsync("form button");
        await page.WaitForURLAsync("**/deposits");
    }

    /// <summary>Waits for the digest of the chosen file. No function is evaluated in the page: its policy forbids that.</summary>
    protected static Task HashedAsync(IPage page) =>
        Suite.UntilAsync(TimeSpan.FromSeconds(30), async () => (await page.InputValueAsync("#sha256")).Length == 64);

    /// <summary>A digest that nobody has deposited.</summary>
    protected static string NewDigest() =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Guid.CreateVersion7().ToByteArray()));

    /// <summary>Deposits a digest by its form and returns the page's address.</summary>
    protected async Task<string> DepositAsync(IPage page, string digest, string name = "")
    {
        await page.GotoAsync($"{Suite.Origin}/deposits/new");
        await page.FillAsync("#sha256", digest);
        await page.FillAsync("#name", name);
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForURLAsync("**/deposits/D-*");
        return page.Url;
    }

    protected static Task<byte[]> ShotAsync(IPage page, string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Screenshots, name + ".png"), FullPage = true });

    /// <summary>
    /// Opens a path, or takes the page as it is under a name, and adds what breaks the rules of WCAG 2.2 AA as axe-core
    /// checks them, or scrolls sideways.
    /// </summary>
    protected async Task CheckAsync(IPage page, string path, List<string> found)
    {
        if (path.StartsWith('/')) await page.GotoAsync(Suite.Origin + path);
        var name = string.Concat(path.Select(c => char.IsAsciiLetter(c) ? c : '-')).Trim('-');
        await ShotAsync(page, $"axe-{name[..Math.Min(40, name.Length)]}-{page.ViewportSize!.Width}-{await page.GetAttributeAsync("html", "lang")}");
        await page.EvaluateAsync(Axe);
        var result = await page.EvaluateAsync<JsonElement>(
                "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})")
            // On a page without scripts it would never answer.
            .WaitAsync(TimeSpan.FromMinutes(1));
        RulesKept += result.GetProperty("passes").GetArrayLength();
        foreach (var violation in result.GetProperty("violations").EnumerateArray())
        {
            var where = string.Join(", ", violation.GetProperty("nodes").EnumerateArray().Select(v => v.GetProperty("html").GetString()));
            found.Add($"{path}: {violation.GetProperty("id").GetString()}: {violation.GetProperty("help").GetString()}: {where}");
        }

        if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth") > 0) found.Add($"{path}: scrolls sideways");
    }

    /// <summary>The page as it is keeps the rules.</summary>
    protected async Task RulesAsync(IPage page)
    {
        List<string> found = [];
        var before = RulesKept;
        await CheckAsync(page, new Uri(page.Url).AbsolutePath[1..], found);
        found.ShouldBeEmpty();
        (RulesKept - before).ShouldBeGreaterThan(20, "the checks did not run");
    }

    /// <summary>Walks through a page by the tab key: every control takes the focus, and the focus is always seen.</summary>
    protected static async Task WalkAsync(IPage page, string path)
    {
        await page.GotoAsync(path);
        // One of a group of radio buttons takes the focus for all.
        const string controls = "'a[href], button, input:not([type=hidden]):not([type=radio]), input[type=radio]:checked, select, textarea, summary'";
        const string visible = $"[...document.querySelectorAll({controls})].filter(e => e.checkVisibility({{visibilityProperty: true}}))";
        var count = await page.EvaluateAsync<int>($"{visible}.length");
        HashSet<int> reached = [];
        for (var i = 0; i < count + 5 && reached.Count < count; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            var at = await page.EvaluateAsync<int>($"{visible}.indexOf(document.activeElement)");
            if (at < 0) continue;
            reached.Add(at);
            (await page.EvaluateAsync<string>("(s => s.outlineStyle + ' ' + s.outlineWidth)(getComputedStyle(document.activeElement))"))
                .ShouldBe("solid 3px", $"{path}: focus on {await page.EvaluateAsync<string>("document.activeElement.outerHTML")}");
        }

        reached.Count.ShouldBe(count, path);
    }
}
