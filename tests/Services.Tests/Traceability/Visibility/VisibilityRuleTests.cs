using System.Buffers;
using System.Text;
using System.Text.Json;
using Shouldly;
using Traceability.Epcis;
using Traceability.Visibility;
using Xunit;

namespace Services.Tests.Traceability.Visibility;

/// <summary>Who may see what: the rule as a table, by relation and place in the event.</summary>
public sealed class VisibilityRuleTests
{
    private const string Ours = "6901234500004";

    private static readonly Relation[] Relations =
        [Relation.Own, Relation.Regulator, Relation.Step, Relation.Partner, Relation.Public];

    // Own, regulator, one step up or down, named partner, public.
    [Theory]
    [InlineData("/type", "yyyyy")]
    [InlineData("/eventTime", "yyyyy")]
    [InlineData("/bizStep", "yyyyy")]
    [InlineData("/epcList", "yyyyy")]
    [InlineData("/childEPCs", "yyyyy")]
    [InlineData("/certificationInfo", "yyyyy")]
    [InlineData("/errorDeclaration", "yyyyy")]
    [InlineData("/ilmd/cbvmda:lotNumber", "yyyyy")]
    [InlineData("/quantityList", "yyyyn")]
    [InlineData("/quantityList/0", "yyyyn")]
    [InlineData("/inputQuantityList", "yyyyn")]
    [InlineData("/readPoint", "yyyyn")]
    [InlineData("/bizLocation", "yyyyn")]
    [InlineData("/sensorElementList", "yyyyn")]
    [InlineData("/transformationID", "yyyyn")]
    [InlineData("/sourceList", "yyynn")]
    [InlineData("/destinationList/0", "yyynn")]
    [InlineData("/bizTransactionList", "yyynn")]
    [InlineData("/example:price", "yyynn")]
    [InlineData("/ilmd/example:price", "yyynn")]
    public void Each_relation_sees_what_the_table_says(string pointer, string seen)
    {
        for (int i = 0; i < Relations.Length; i++)
        {
            VisibilityRule.MaySee(Relations[i], DisclosurePolicy.Default, pointer)
                .ShouldBe(seen[i] == 'y', $"{Relations[i]} {pointer}");
        }
    }

    [Theory]
    [InlineData("acme", false, new string[0], new string[0], Relation.Own)]
    [InlineData("authority", true, new string[0], new string[0], Relation.Regulator)]
    [InlineData("dealer", false, new[] { Ours }, new string[0], Relation.Step)]
    [InlineData("dealer", false, new[] { Ours }, new[] { "acme" }, Relation.Step)]
    [InlineData("insurer", false, new[] { "6901234500011" }, new[] { "acme" }, Relation.Partner)]
    [InlineData("stranger", false, new[] { "6901234500011" }, new string[0], null)]
    [InlineData(null, false, new string[0], new string[0], Relation.Public)]
    public void A_viewer_stands_to_an_event_as_closely_as_it_can(
        string? tenant, bool regulator, string[] glns, string[] sharing, object? relation) =>
        VisibilityRule.RelationTo(
                new Viewer(tenant, glns.ToHashSet(), sharing.ToHashSet(), regulator), "acme", [Ours])
            .ShouldBe((Relation?)relation);

    [Fact]
    public void An_owner_may_publish_more_and_keep_more_back()
    {
        DisclosurePolicy policy = new(
            new HashSet<string> { "/quantityList", "/ilmd/example:farm" },
            new HashSet<string> { "/bizTransactionList", "/example:price" });
        VisibilityRule.MaySee(Relation.Public, policy, "/quantityList/3").ShouldBeTrue();
        VisibilityRule.MaySee(Relation.Public, policy, "/ilmd/example:farm").ShouldBeTrue();
        VisibilityRule.MaySee(Relation.Public, policy, "/ilmd/example:price").ShouldBeFalse();
        VisibilityRule.MaySee(Relation.Step, policy, "/bizTransactionList/0").ShouldBeFalse();
        VisibilityRule.MaySee(Relation.Step, policy, "/example:price").ShouldBeFalse();
        VisibilityRule.MaySee(Relation.Own, policy, "/example:price").ShouldBeTrue();
        VisibilityRule.MaySee(Relation.Regulator, policy, "/example:price").ShouldBeTrue();
    }

    [Fact]
    public void A_view_leaves_out_what_may_not_be_seen_and_keeps_the_text_of_numbers()
    {
        byte[] body = Encoding.UTF8.GetBytes(
            """{"type":"ObjectEvent","eventTime":"2026-11-01T00:00:00Z","recordTime":"1999-01-01T00:00:00Z","quantityList":[{"quantity":1.50}],"ilmd":{"cbvmda:lotNumber":"L","example:price":9.90},"example:price":9.90,"sourceList":[]}""");
        View(body, Relation.Public).ShouldBe(
            """{"type":"ObjectEvent","eventID":"urn:e:1","recordTime":"2026-11-02T00:00:00.000Z","eventTime":"2026-11-01T00:00:00Z","ilmd":{"cbvmda:lotNumber":"L"}}""");
        View(body, Relation.Own).ShouldContain("\"example:price\":9.90");
        View(body, Relation.Own).ShouldContain("\"quantity\":1.50");
        View(body, Relation.Own).ShouldNotContain("1999");
    }

    [Theory]
    [InlineData("ni:///sha-256;00?ver=CBV2.0")]
    [InlineData("NI://example.org/sha-256;AA")]
    [InlineData("https://example.org/.well-known/ni/sha-256/AA")]
    [InlineData("nih:sha-256;00")]
    [InlineData("urn:example:0102")]
    public void An_id_that_tells_content_is_shown_to_who_sees_all_of_the_event(string id)
    {
        byte[] whole = Encoding.UTF8.GetBytes("""{"type":"ObjectEvent","action":"ADD"}""");
        byte[] part = Encoding.UTF8.GetBytes("""{"type":"ObjectEvent","action":"ADD","ilmd":{"example:price":1}}""");
        Sight Of(Relation relation, byte[] body) =>
            new(relation, DisclosurePolicy.Default, new StoredBody(Guid.Empty, id, [1, 2], body));
        Of(Relation.Partner, whole).EventId.ShouldBe(id);
        Of(Relation.Partner, part).EventId.ShouldBe($"urn:uuid:{Guid.Empty}");
        Of(Relation.Partner, part).IsNamed([id]).ShouldBeFalse();
        Of(Relation.Partner, part).Shows("#hash").ShouldBeFalse();
        Of(Relation.Step, part).Shows("#hash").ShouldBeTrue();
        Of(Relation.Regulator, part).EventId.ShouldBe(id);
    }

    [Fact]
    public void A_withheld_member_whose_name_is_a_uri_is_shown_nowhere()
    {
        byte[] body = Encoding.UTF8.GetBytes(
            """{"type":"ObjectEvent","ilmd":{"https://x.example/a":1,"x:b":2},"https://x.example/price":9.90}""");
        DisclosurePolicy policy = new(
            new HashSet<string>(), new HashSet<string> { "/https:~1~1x.example~1price", "/ilmd/https:~1~1x.example~1a" });
        View(body, Relation.Step).ShouldContain("9.90");
        View(body, Relation.Step, policy).ShouldNotContain("x.example");
        View(body, Relation.Step, policy).ShouldContain("x:b");
        Sight sight = new(Relation.Step, policy, new StoredBody(Guid.Empty, "urn:e:1", [1, 2], body));
        sight.All.ShouldBeFalse();
        EventStatements.Cut(body).Where(s => sight.Shows(s.Pointer)).Select(s => s.Pointer).ShouldBe(["/type", "/ilmd/x:b"]);
    }

    [Theory]
    [InlineData("/quantityList", true)]
    [InlineData("/ilmd/cbvmda:lotNumber", true)]
    [InlineData("/https:~1~1x.example~1price", true)]
    [InlineData("/https://x.example/price", false)]
    [InlineData("/quantityList/0/quantity", false)]
    [InlineData("/a~2", false)]
    [InlineData("/", false)]
    [InlineData("quantityList", false)]
    public void A_pointer_that_can_match_nothing_is_none(string text, bool valid) =>
        VisibilityRule.IsPointer(text).ShouldBe(valid);

    private static string View(byte[] body, Relation relation, DisclosurePolicy? policy = null)
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            Sight sight = new(relation, policy ?? DisclosurePolicy.Default, new StoredBody(Guid.Empty, "urn:e:1", [1, 2], body));
            EventView.Write(writer, body, sight, new DateTimeOffset(2026, 11, 2, 0, 0, 0, TimeSpan.Zero));
        }
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
