using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Repo.Tidy;

/// <summary>What the sources may not say.</summary>
public sealed partial class TextTests
{
    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException|#region")]
    private static partial Regex Unfinished();

    [GeneratedRegex("\"resolved\": ?\"http")]
    private static partial Regex DownloadAddress();

    [Fact]
    public void Nothing_is_left_unfinished() =>
        All("*.cs", "*.mjs", "*.js", "*.sol", "*.razor").Where(f => !f.EndsWith("TextTests.cs", StringComparison.Ordinal))
            .Where(f => Unfinished().IsMatch(File.ReadAllText(f))).ShouldBeEmpty();

    [Fact]
    public void Lock_files_name_no_download_addresses() =>
        All("package-lock.json").Where(f => DownloadAddress().IsMatch(File.ReadAllText(f))).ShouldBeEmpty();

    [Fact]
    public void Lines_end_in_LF_and_files_have_no_byte_order_mark() =>
        All("*.cs", "*.sol", "*.mjs", "*.csproj").Where(f =>
        {
            var bytes = File.ReadAllBytes(f);
            return bytes.Contains((byte)'\r') || bytes.AsSpan().StartsWith("\uFEFF"u8);
        }).ShouldBeEmpty();

    private static IEnumerable<string> All(params string[] patterns) =>
        patterns.SelectMany(p => ((string[])["chain", "services", "contracts-sol", "tests"]).SelectMany(f => Repository.Sources(f, p)));
}
