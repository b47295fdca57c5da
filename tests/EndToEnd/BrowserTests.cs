using Microsoft.Playwright;
using Xunit;

namespace EndToEnd;

/// <summary>Tests that look at pages through a real Chromium.</summary>
public abstract class BrowserTests(Suite suite) : IAsyncLifetime
{
    protected Suite Suite => suite;

    private static readonly string Screenshots = Path.Combine(Suite.Home, "artifacts", "screenshots");
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Screenshots);
        await Suite.AppsAsync("demo", "evidence");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
            ],
        });
    }

    public async Task DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    /// <summary>What the browser complained of on any page: a blocked resource, a broken module, a thrown error.</summary>
    protected List<string> Complaints { get; } = [];

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
}
