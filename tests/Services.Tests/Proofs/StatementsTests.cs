using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Proofs;
using Proofs.Json;
using Shouldly;
using Xunit;

namespace Services.Tests.Proofs;

public sealed class StatementsTests
{
    private static readonly byte[] Secret = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");

    private static readonly Statement[] All =
    [
        new("/type", "\"ObjectEvent\""), new("/bizStep", "\"shipping\""), new("/epcList/0", "\"urn:epc:id:sscc:1.2\""),
        new("/epcList/1", "\"收货 \\u4e2d\""), new("/quantityList/0", """{"quantity":1.50,"uom":"KGM"}"""),
    ];

    /// <summary>As an EPCIS event has them: its hash first, and list elements without a number.</summary>
    private static readonly Statement[] Hashed =
    [
        new("#hash", "\"ni:///sha-256;5e00000000000000000000000000000000000000000000000000000000000000?ver=CBV2.0\""),
        new("/type", "\"ObjectEvent\""), new("/epcList/-", "\"urn:epc:id:sscc:1.2\""), new("/epcList/-", "\"\u0001\\u4e2d\""),
    ];

    [Fact]
    public void Both_verifiers_answer_the_golden_files_as_the_format_says()
    {
        string folder = Path.Combine(VectorFiles.Folder, "statements");
        bool write = Environment.GetEnvironmentVariable("WRITE_GOLDEN") == "1";
        List<string> names = [];
        foreach ((string name, byte[] file, JsonObject? content) in Cases())
        {
            StatementsResult result = Statements.Check(file, content);
            name.ShouldStartWith(result.Verdict.ToString().ToLowerInvariant());
            byte[] golden = CanonicalJson.Write(JsonObject.Of(
                ("event", content is null ? JsonNull.Instance : content),
                ("result", CanonicalJson.Parse(result.ToJson())!),
                ("statements", new JsonString(Convert.ToBase64String(file)))));
            string path = Path.Combine(folder, name + ".json");
            names.Add(name + ".json");
            if (write)
            {
                Directory.CreateDirectory(folder);
                File.WriteAllBytes(path, golden);
            }
            File.ReadAllBytes(path).ShouldBe(golden, name);
        }
        Directory.GetFiles(folder).Select(Path.GetFileName).ShouldBe(names, ignoreOrder: true);
    }

    [Fact]
    public void Any_choice_of_statements_is_shown_and_nothing_else() =>
        Prop.ForAll<PositiveInt, int>((size, choice) => Shows((size.Get % 40) + 1, choice)).QuickCheckThrowOnFailure();

    private static void Shows(int count, int choice)
    {
        byte[] secret = SHA256.HashData(BitConverter.GetBytes(choice))[..Statements.SecretSize];
        Statement[] all = [.. Enumerable.Range(0, count).Select(i => new Statement($"/m{i}", $"{i}"))];
        int[] shown = [.. Enumerable.Range(0, count).Where(i => ((choice >> (i % 31)) & 1) == 1)];
        byte[] file = Statements.Disclose(secret, all, shown);
        StatementsResult result = Statements.Check(file, EventOf(count, Statements.Root(secret, all)));
        result.Verdict.ShouldBe(Verdict.Proven);
        result.Size.ShouldBe(count);
        result.Shown.Select(s => s.Statement).ShouldBe(shown.Select(i => all[i]));
        string text = Encoding.UTF8.GetString(file);
        StatementTree tree = StatementTree.Scattered(secret, all);
        StatementsResult scattered = Statements.Check(tree.Disclose(shown), EventOf(tree.Count, tree.Root()));
        scattered.Verdict.ShouldBe(Verdict.Proven);
        scattered.Shown.Select(s => s.Statement).ShouldBe(shown.Select(i => all[i]), ignoreOrder: true);
        foreach (int hidden in Enumerable.Range(0, count).Except(shown))
            text.ShouldNotContain($"\"/m{hidden}\"");
    }

    [Fact]
    public void A_file_with_any_byte_changed_shows_nothing_that_is_not_the_events()
    {
        byte[] file = Statements.Disclose(Secret, All, [1, 3]);
        JsonObject content = EventOf(All.Length, Statements.Root(Secret, All));
        for (int i = 0; i < file.Length; i++)
        {
            byte right = file[i];
            foreach (byte wrong in new[] { (byte)(right ^ 1), (byte)(right ^ 0x80), (byte)(right + 1) })
            {
                file[i] = wrong;
                Statements.Check(file, content).Verdict.ShouldBeOneOf(Verdict.Refuted, Verdict.Unreadable);
            }
            file[i] = right;
        }
    }

    [Theory]
    [InlineData(1, 16)]
    [InlineData(16, 16)]
    [InlineData(17, 32)]
    [InlineData(1000, 1024)]
    public void A_scattered_tree_tells_only_a_size_class(int statements, int leaves)
    {
        Statement[] all = [.. Enumerable.Range(0, statements).Select(i => new Statement("/epcList/-", $"{i}"))];
        StatementTree.Scattered(Secret, all).Count.ShouldBe(leaves);
    }

    [Fact]
    public void Places_in_a_scattered_tree_follow_no_order()
    {
        Statement[] all = [.. Enumerable.Range(0, 200).Select(i => new Statement("/epcList/-", $"{i}"))];
        StatementTree tree = StatementTree.Scattered(Secret, all);
        long[] places = [.. Enumerable.Range(0, all.Length).Select(i =>
            Statements.Check(tree.Disclose([i]), EventOf(tree.Count, tree.Root())).Shown.Single().Index)];
        places.Distinct().Count().ShouldBe(all.Length);
        places.Zip(places.Skip(1)).Count(p => p.First < p.Second).ShouldBeInRange(70, 130);
    }

    [Fact]
    public void Equal_statements_of_two_events_look_different() =>
        Statements.Root(Secret, All).ShouldNotBe(Statements.Root(SHA256.HashData(Secret).AsSpan(0, Statements.SecretSize), All));

    private static IEnumerable<(string Name, byte[] File, JsonObject? Event)> Cases()
    {
        JsonObject content = EventOf(All.Length, Statements.Root(Secret, All));
        byte[] two = Statements.Disclose(Secret, All, [1, 3]);
        string text = Encoding.UTF8.GetString(two);
        yield return ("proven-all", Statements.Disclose(Secret, All, [0, 1, 2, 3, 4]), content);
        yield return ("proven-two", two, content);
        StatementTree scattered = StatementTree.Scattered(Secret, Hashed);
        JsonObject hashed = EventOf(scattered.Count, scattered.Root());
        yield return ("proven-scattered", scattered.Disclose([0, 1, 3]), hashed);
        yield return ("refuted-other-hash", Bytes(Encoding.UTF8.GetString(scattered.Disclose([0]))
            .Replace("sha-256;5e", "sha-256;5f", StringComparison.Ordinal)), hashed);
        yield return ("proven-none", Statements.Disclose(Secret, All, []), content);
        yield return ("proven-the-only-one", Statements.Disclose(Secret, All[..1], [0]), EventOf(1, Statements.Root(Secret, All[..1])));
        yield return ("incomplete-event-withheld", two, null);
        yield return ("refuted-value", Bytes(text.Replace("shipping", "receiving", StringComparison.Ordinal)), content);
        yield return ("refuted-pointer", Bytes(text.Replace("/bizStep", "/bizStop", StringComparison.Ordinal)), content);
        yield return ("refuted-place", Bytes(text.Replace("\"index\":1", "\"index\":2", StringComparison.Ordinal)), content);
        yield return ("refuted-other-size", two, EventOf(9, Statements.Root(Secret, All)));
        yield return ("refuted-other-event", two, EventOf(All.Length, Statements.Root(Secret, All[1..])));
        yield return ("refuted-event-without", two, (JsonObject)CanonicalJson.Parse(TestNetwork.Event())!);
        yield return ("refuted-count-zero", two, EventOf(0, Statements.Root(Secret, All)));
        yield return ("unreadable-other-format", Bytes(text.Replace("statements/1", "statements/2", StringComparison.Ordinal)), content);
        yield return ("unreadable-newline", [.. two, 10], content);
        yield return ("unreadable-descending", Bytes(text.Replace("\"index\":1", "\"index\":4", StringComparison.Ordinal)), content);
        yield return ("unreadable-short-salt", Bytes(text.Replace("\"salt\":\"", "\"salt\":\"00", StringComparison.Ordinal)), content);
        yield return ("unreadable-more", Bytes("{\"also\":1," + text[1..]), content);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static JsonObject EventOf(int count, byte[] root) => (JsonObject)CanonicalJson.Parse(Bytes(
        $$$"""{"actor":"p-1","data":{"statements":{"count":{{{count}}},"root":"{{{Convert.ToHexStringLower(root)}}}"}},"id":"0190b3d4-5a00-7000-8000-000000000001","occurredAt":"2026-11-22T08:00:00.000Z","salt":"00112233445566778899aabbccddeeff","service":"trace","stream":"epcis-1","type":"trace.epcis-captured.v1","version":1}"""))!;
}
