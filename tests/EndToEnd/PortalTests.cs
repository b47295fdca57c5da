using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>The pages in a real Chromium: deposit, wait, verify by dropping the same file; a changed file is refused.</summary>
[Collection(SuiteCollection.Name)]
public sealed class PortalTests(Suite suite) : IAsyncLifetime
{
    private static readonly string Screenshots = Path.Combine(Suite.Home, "artifacts", "screenshots");
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Screenshots);
        await suite.AppsAsync("demo", "evidence");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
        });
    }

    public async Task DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private async Task<IPage> PageAsync(int width, string language = "zh-CN", bool scripts = true)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            Locale = language,
            JavaScriptEnabled = scripts,
            AcceptDownloads = true,
        });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(30_000);
        return page;
    }

    private async Task SignInAsync(IPage page)
    {
        var person = suite.Access["signIns"]!.AsArray().First(s => s!["user"]!.GetValue<string>() == "lanting")!;
        await page.GotoAsync($"{suite.Origin}/deposits");
        await page.FillAsync("input[type=text], input:not([type=hidden]):not([type=password])", person["user"]!.GetValue<string>());
        await page.FillAsync("input[type=password]", person["password"]!.GetValue<string>());
        await page.ClickAsync("button[type=submit]");
        await page.WaitForURLAsync("**/deposits");
    }

    private static Task<byte[]> ShotAsync(IPage page, string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Screenshots, name + ".png"), FullPage = true });

    [Theory]
    [InlineData(375)]
    [InlineData(1280)]
    public async Task A_file_is_deposited_followed_until_anchored_and_verified_by_dropping_it(int width)
    {
        var page = await PageAsync(width);
        await SignInAsync(page);
        await ShotAsync(page, $"deposits-{width}");
        await page.GotoAsync($"{suite.Origin}/deposits/new");
        var original = new FilePayload { Name = "采购合同.txt", MimeType = "text/plain", Buffer = System.Text.Encoding.UTF8.GetBytes($"合同正文 {width} {Guid.CreateVersion7()}") };
        await page.SetInputFilesAsync("#file", original);
        await page.WaitForFunctionAsync("document.getElementById('sha256').value.length === 64");
        await ShotAsync(page, $"deposit-new-{width}");
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForSelectorAsync("[data-step=anchored][data-state=done]");
        await ShotAsync(page, $"deposit-{width}");

        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("main a.filled[download]"));
        var proof = new FilePayload { Name = "proof.json", MimeType = "application/json", Buffer = await File.ReadAllBytesAsync(await download.PathAsync()) };

        await page.GotoAsync($"{suite.Origin}/verify");
        await page.SetInputFilesAsync("#files", [original, proof]);
        await page.WaitForSelectorAsync("[data-verdict=proven]");
        (await page.Locator("[data-answer][data-state=proven]").CountAsync()).ShouldBe(4);
        await ShotAsync(page, $"verify-proven-{width}");

        var changed = new FilePayload { Name = original.Name, MimeType = original.MimeType, Buffer = [.. original.Buffer, (byte)'!'] };
        await page.SetInputFilesAsync("#files", [changed, proof]);
        await page.WaitForSelectorAsync("[data-verdict=refuted]");
        (await page.Locator("[data-answer=content][data-state=refuted]").CountAsync()).ShouldBe(1);
        (await page.Locator("[data-answer][data-state=refuted]").CountAsync()).ShouldBe(1, "exactly the right answer turns");
        await ShotAsync(page, $"verify-refuted-{width}");

        // Without the proof file: found by its digest, and the link between file and deposit is not claimed as proven.
        await page.SetInputFilesAsync("#files", [original]);
        await page.WaitForSelectorAsync("[data-answer=chain][data-state=proven]");
        (await page.Locator("[data-answer=content][data-state=not-checked]").CountAsync()).ShouldBe(1);
        await page.SetInputFilesAsync("#files", [changed]);
        await page.WaitForFunctionAsync("document.querySelector('#result').textContent.includes('没有找到')");
    }

    [Fact]
    public async Task Every_page_works_without_scripts()
    {
        var page = await PageAsync(375, "en", scripts: false);
        await SignInAsync(page);
        await page.GotoAsync($"{suite.Origin}/deposits/new");
        await page.FillAsync("#sha256", "abc");
        await page.ClickAsync("main button[type=submit]");
        (await page.InnerTextAsync("[role=alert]")).ShouldContain("64 hexadecimal");
        (await page.InputValueAsync("#sha256")).ShouldBe("abc", "what was typed is kept");
        await ShotAsync(page, "deposit-problem-375");
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Guid.CreateVersion7().ToByteArray()));
        await page.FillAsync("#sha256", digest);
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForURLAsync("**/deposits/D-*");
        await page.GotoAsync($"{suite.Origin}/verify?digest={digest}");
        (await page.InnerTextAsync("#result")).ShouldContain("has been deposited");
        await page.GotoAsync($"{suite.Origin}/verify?digest=12");
        (await page.InnerTextAsync("[role=alert]")).ShouldContain("64 hexadecimal");
    }

    [Fact]
    public async Task The_offline_page_works_from_disk()
    {
        var page = await PageAsync(1280);
        var file = Path.Combine(suite.Data, "verify.html");
        await File.WriteAllBytesAsync(file, await suite.Http.GetByteArrayAsync(new Uri($"{suite.Origin}/verify/offline")));
        var content = Path.Combine(suite.Data, "offline.txt");
        await File.WriteAllTextAsync(content, "offline");
        var id = System.Text.Encoding.UTF8.GetString((await suite.AppsAsync("deposit", content)).Out).Trim();
        await File.WriteAllBytesAsync(content + ".proof.json", (await suite.AppsAsync("proof", id, "--wait")).Out);
        await File.WriteAllBytesAsync(content + ".trust.json", (await suite.AppsAsync("chain", "trust", "evidence")).Out);

        await page.Context.SetOfflineAsync(true);
        await page.GotoAsync("file://" + file);
        await page.SetInputFilesAsync("#proof", content + ".proof.json");
        await page.SetInputFilesAsync("#trust", content + ".trust.json");
        await page.SetInputFilesAsync("#file", content);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForSelectorAsync("[data-verdict=proven]");
        await ShotAsync(page, "offline-proven-1280");
    }
}
