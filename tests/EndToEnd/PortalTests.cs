using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>The pages in a real Chromium: deposit, wait, verify by dropping the same file; a changed file is refused.</summary>
[Collection(SuiteCollection.Name)]
public sealed class PortalTests(Suite suite) : BrowserTests(suite)
{
    [Theory]
    [InlineData(375)]
    [InlineData(1280)]
    public async Task A_file_is_deposited_followed_until_anchored_and_verified_by_dropping_it(int width)
    {
        var page = await PageAsync(width);
        await SignInAsync(page);
        await ShotAsync(page, $"deposits-{width}");
        await page.GotoAsync($"{Suite.Origin}/deposits/new");
        var original = new FilePayload { Name = "采购合同.txt", MimeType = "text/plain", Buffer = System.Text.Encoding.UTF8.GetBytes($"合同正文 {width} {Guid.CreateVersion7()}") };
        await page.SetInputFilesAsync("#file", original);
        await HashedAsync(page);
        await ShotAsync(page, $"deposit-new-{width}");
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForSelectorAsync("[data-step=anchored][data-state=done]");
        await ShotAsync(page, $"deposit-{width}");

        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("main a.filled[download]"));
        var proof = new FilePayload { Name = "proof.json", MimeType = "application/json", Buffer = await File.ReadAllBytesAsync(await download.PathAsync()) };

        await page.GotoAsync($"{Suite.Origin}/verify");
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
        await page.WaitForSelectorAsync("[data-answer=content][data-state=not-checked]");
        (await page.Locator("[data-answer=chain][data-state=proven]").CountAsync()).ShouldBe(1);
        await page.SetInputFilesAsync("#files", [changed]);
        await page.WaitForSelectorAsync("#result:has-text('没有找到')");
        Complaints.ShouldBeEmpty();
    }

    /// <summary>A reader without an account gets all four answers from the file and the proof alone.</summary>
    [Fact]
    public async Task A_share_link_lets_a_stranger_fetch_the_proof_and_verify_the_file()
    {
        var owner = await PageAsync(1280, "en");
        await SignInAsync(owner);
        var file = new FilePayload { Name = "delivery.txt", MimeType = "text/plain", Buffer = Guid.CreateVersion7().ToByteArray() };
        await owner.GotoAsync($"{Suite.Origin}/deposits/new");
        await owner.SetInputFilesAsync("#file", file);
        await HashedAsync(owner);
        await owner.ClickAsync("main button[type=submit]");
        await owner.WaitForSelectorAsync("[data-step=anchored][data-state=done]");
        await owner.SelectOptionAsync("#days", "30");
        await owner.ClickAsync("#share button[type=submit]");
        var link = await owner.GetAttributeAsync("#share a.address", "href");
        await ShotAsync(owner, "deposit-shared-1280");

        var stranger = await PageAsync(375, "en");
        await stranger.GotoAsync(link!);
        (await stranger.InnerTextAsync("h1")).ShouldBe("delivery.txt");
        await ShotAsync(stranger, "share-375");
        var download = await stranger.RunAndWaitForDownloadAsync(() => stranger.ClickAsync("main a.filled[download]"));
        var proof = new FilePayload { Name = "proof.json", MimeType = "application/json", Buffer = await File.ReadAllBytesAsync(await download.PathAsync()) };
        await stranger.GotoAsync($"{Suite.Origin}/verify");
        await stranger.SetInputFilesAsync("#files", [file, proof]);
        await stranger.WaitForSelectorAsync("[data-verdict=proven]");
        (await stranger.Locator("[data-answer][data-state=proven]").CountAsync()).ShouldBe(4);

        (await stranger.GotoAsync(link + "x"))!.Status.ShouldBe(404);
        await owner.ClickAsync("text=Withdraw all share links");
        await owner.WaitForSelectorAsync("#share .notice.ok:has-text('withdrawn')");
        (await stranger.GotoAsync(link!))!.Status.ShouldBe(404);
        Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_scripts_a_proof_file_is_checked_by_the_server_and_labelled_so()
    {
        var content = Path.Combine(Suite.Data, "scriptless.txt");
        await File.WriteAllTextAsync(content, "scriptless");
        var id = System.Text.Encoding.UTF8.GetString((await Suite.AppsAsync("deposit", content)).Out).Trim();
        var bundle = (await Suite.AppsAsync("proof", id, "--wait")).Out;
        var page = await PageAsync(375, "en", scripts: false);

        await page.GotoAsync($"{Suite.Origin}/verify");
        (await page.Locator("#files").IsVisibleAsync()).ShouldBeFalse("what needs scripts is not offered without them");
        await page.SetInputFilesAsync("#proof", new FilePayload { Name = "a.proof.json", MimeType = "application/json", Buffer = bundle });
        await page.FillAsync("#file-digest", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("scriptless"u8)));
        await page.ClickAsync("noscript button");
        (await page.InnerTextAsync("#result")).ShouldContain("Computed by this server");
        (await page.Locator("[data-answer][data-state=proven]").CountAsync()).ShouldBe(4);
        await ShotAsync(page, "verify-by-server-375");

        bundle[bundle.Length / 2] ^= 1;
        await page.GotoAsync($"{Suite.Origin}/verify");
        await page.SetInputFilesAsync("#proof", new FilePayload { Name = "b.proof.json", MimeType = "application/json", Buffer = bundle });
        await page.ClickAsync("noscript button");
        (await page.GetAttributeAsync("[data-verdict]", "data-verdict")).ShouldBeOneOf("refuted", "unreadable");

        await page.GotoAsync($"{Suite.Origin}/verify");
        await page.ClickAsync("noscript button");
        (await page.InnerTextAsync("[role=alert]")).ShouldContain("Choose the proof file");
    }

    [Fact]
    public async Task A_form_sent_twice_makes_one_deposit()
    {
        var page = await PageAsync(375, "en", scripts: false);
        await SignInAsync(page);
        await page.GotoAsync($"{Suite.Origin}/deposits/new");
        await page.FillAsync("#sha256", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Guid.CreateVersion7().ToByteArray())));
        var form = page.Context.APIRequest.CreateFormData();
        foreach (var field in await page.Locator("#new-deposit input[name]").AllAsync())
        {
            form.Set((await field.GetAttributeAsync("name"))!, await field.InputValueAsync());
        }

        var options = new APIRequestContextOptions { Form = form };
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => page.Context.APIRequest.PostAsync($"{Suite.Origin}/deposits/new", options)));
        answers.Select(a => a.Status).ShouldAllBe(status => status == 200);
        answers.Select(a => a.Url).Distinct().Count().ShouldBe(1);
        answers[0].Url.ShouldContain("/deposits/D-");
    }

    [Theory]
    [InlineData("/", 40_000)]
    [InlineData("/verify", 40_000)]
    [InlineData("/proves", 80_000)]
    [InlineData("/status", 80_000)]
    public async Task A_first_visit_stays_within_its_transfer_budget(string path, long bytesMax)
    {
        var page = await PageAsync(375);
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("Network.enable");
        var received = 0.0;
        session.Event("Network.loadingFinished").OnEvent += (_, data) => received += data!.Value.GetProperty("encodedDataLength").GetDouble();
        await page.GotoAsync(Suite.Origin + path, new PageGotoOptions { WaitUntil = WaitUntilState.NetworkIdle });
        Console.WriteLine($"{path}: {received:N0} bytes of {bytesMax:N0}");
        received.ShouldBeInRange(1, bytesMax);
        Complaints.ShouldBeEmpty();
    }

    /// <summary>Every page in its forms: no sideways scroll, one heading, nothing blocked by the content security policy.</summary>
    [Theory]
    [InlineData(320, "zh-CN", ColorScheme.Light)]
    [InlineData(375, "en", ColorScheme.Dark)]
    [InlineData(768, "zh-CN", ColorScheme.Dark)]
    [InlineData(1280, "en", ColorScheme.Light)]
    public async Task Every_page_fits_and_breaks_no_rule_of_its_policy(int width, string language, ColorScheme scheme)
    {
        var page = await PageAsync(width, language, scheme: scheme);
        await SignInAsync(page);
        foreach (var path in new[] { "/", "/verify", "/proves", "/status", "/deposits", "/deposits?q=nothing-like-it", "/deposits/new", "/deposits/D-0", "/sign-in-failed", "/no-right", "/nowhere" })
        {
            await page.GotoAsync(Suite.Origin + path);
            var name = path.Trim('/').Replace('/', '-').Replace("?q=nothing-like-it", "-empty", StringComparison.Ordinal) is { Length: > 0 } n ? n : "home";
            await ShotAsync(page, $"{name}-{width}-{(scheme == ColorScheme.Dark ? "dark" : "light")}");
            (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0, $"{path} scrolls sideways at {width}");
            (await page.Locator("h1").CountAsync()).ShouldBe(1, path);
            (await page.TitleAsync()).ShouldNotBeEmpty(path);
            (await page.Locator("a.filled:visible, button.filled:visible").CountAsync()).ShouldBeLessThanOrEqualTo(1, $"{path}: one filled button");
        }

        Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_keyboard_reaches_the_content_and_the_large_mode_is_kept()
    {
        var page = await PageAsync(375, "en");
        await page.GotoAsync($"{Suite.Origin}/verify");
        await page.Keyboard.PressAsync("Tab");
        (await page.EvaluateAsync<string>("document.activeElement.className")).ShouldBe("skip");
        await page.Keyboard.PressAsync("Enter");
        (await page.EvaluateAsync<string>("document.activeElement.id")).ShouldBe("main");
        await page.Keyboard.PressAsync("Tab");
        (await page.EvaluateAsync<string>("document.activeElement.id")).ShouldBe("files");
        await page.ClickAsync("text=Large text");
        await page.GotoAsync(Suite.Origin);
        (await page.GetAttributeAsync("html", "data-size")).ShouldBe("large");
        await ShotAsync(page, "home-large-375");
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0);
    }

    [Fact]
    public async Task Signing_out_ends_both_sessions()
    {
        var page = await PageAsync(1280, "en");
        await SignInAsync(page);
        await page.ClickAsync("text=Sign out");
        await page.WaitForURLAsync(Suite.Origin + "/");
        await page.GotoAsync($"{Suite.Origin}/deposits");
        (await page.Locator("#password").CountAsync()).ShouldBe(1, "the password is asked for again");
        await ShotAsync(page, "sign-in-1280");
        await page.FillAsync("#name", "lanting");
        await page.FillAsync("#password", "wrong");
        await page.ClickAsync("form button");
        (await page.InnerTextAsync("[role=alert]")).ShouldContain("not right");
        await ShotAsync(page, "sign-in-wrong-1280");
    }

    [Fact]
    public async Task Every_page_works_without_scripts()
    {
        var page = await PageAsync(375, "en", scripts: false);
        await SignInAsync(page);
        await page.GotoAsync($"{Suite.Origin}/deposits/new");
        await page.FillAsync("#sha256", "abc");
        await page.ClickAsync("main button[type=submit]");
        (await page.InnerTextAsync("[role=alert]")).ShouldContain("64 hexadecimal");
        (await page.InputValueAsync("#sha256")).ShouldBe("abc", "what was typed is kept");
        await ShotAsync(page, "deposit-problem-375");
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Guid.CreateVersion7().ToByteArray()));
        await page.FillAsync("#sha256", digest);
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForURLAsync("**/deposits/D-*");
        await page.GotoAsync($"{Suite.Origin}/verify?digest={digest}");
        (await page.InnerTextAsync("#result")).ShouldContain("has been deposited");
        await page.GotoAsync($"{Suite.Origin}/verify?digest=12");
        (await page.InnerTextAsync("#digest-error")).ShouldContain("64 hexadecimal");
    }

    [Fact]
    public async Task The_offline_page_works_from_disk()
    {
        var page = await PageAsync(1280);
        var file = Path.Combine(Suite.Data, "verify.html");
        await File.WriteAllBytesAsync(file, await Suite.Http.GetByteArrayAsync(new Uri($"{Suite.Origin}/verify/offline")));
        var content = Path.Combine(Suite.Data, "offline.txt");
        await File.WriteAllTextAsync(content, "offline");
        var id = System.Text.Encoding.UTF8.GetString((await Suite.AppsAsync("deposit", content)).Out).Trim();
        await File.WriteAllBytesAsync(content + ".proof.json", (await Suite.AppsAsync("proof", id, "--wait")).Out);
        await File.WriteAllBytesAsync(content + ".trust.json", (await Suite.AppsAsync("chain", "trust", "evidence")).Out);

        await page.Context.SetOfflineAsync(true);
        await page.GotoAsync("file://" + file);
        await page.SetInputFilesAsync("#proof", content + ".proof.json");
        await page.SetInputFilesAsync("#trust", content + ".trust.json");
        await page.SetInputFilesAsync("#file", content);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForSelectorAsync("[data-verdict=proven]");
        (await page.Locator("[data-answer][data-state=proven]").CountAsync()).ShouldBe(4);
        await ShotAsync(page, "offline-proven-1280");
        await File.WriteAllTextAsync(content, "offlinE");
        await page.SetInputFilesAsync("#file", content);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForSelectorAsync("[data-verdict=refuted]");
        (await page.Locator("[data-answer=content][data-state=refuted]").CountAsync()).ShouldBe(1);
        Complaints.ShouldBeEmpty();
    }
}
