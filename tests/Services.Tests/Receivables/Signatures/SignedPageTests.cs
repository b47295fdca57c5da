using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Receivables.Parties;
using Receivables.Signatures;
using Receivables.Vouchers;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Signatures;

public class SignedPageTests
{
    private static readonly Dictionary<string, string> Names = new()
    {
        ["jia"] = "甲汽车有限公司",
        ["yi"] = "乙座椅有限公司",
        ["bing"] = "丙织物\n收款方：丁",
    };

    private static readonly Signing Maker = new(SignerRole.Maker, "key-1", null, "2026-11-22T18:40:05.123Z");

    [Fact]
    public void A_page_says_every_parameter_in_words()
    {
        JsonElement issue = JsonDocument.Parse(
            """
            {"kind":"issue","commandId":"C-1","party":"jia","root":"V-1","debtor":"jia","holder":"yi","faceFen":100000000,
             "issueDate":"2026-11-22","dueDate":"2027-05-20","trade":[{"kind":"contract","sha256":"ab"},{"kind":"invoice","sha256":"cd"}],
             "terms":{"minPartFen":100000,"maxDepth":5,"maxFragments":10}}
            """).RootElement;
        Text(issue, "zh", Maker).ShouldBe(
            """
            signed-page/1 zh
            开立应收账款电子凭证
            操作方：甲汽车有限公司（jia）
            命令编号：C-1
            凭证编号：V-1
            付款债务人：甲汽车有限公司（jia）
            首个持有人：乙座椅有限公司（yi）
            金额：1,000,000.00元（人民币壹佰万元整）
            开立日：2026-11-22
            到期日：2027-05-20
            贸易单据种类 1：合同
            贸易单据摘要 1：ab
            贸易单据种类 2：发票
            贸易单据摘要 2：cd
            每份最低金额：1,000.00元（人民币壹仟元整）
            最多流转次数：5
            最多份数：10
            后果：债务人承诺在到期日向届时的持有人付款；签收后不得撤销，拆分出的各份同日到期。
            签署身份：经办
            签署密钥：key-1
            上一次签署：无
            签署时间：2026-11-23 02:40:05（北京时间，2026-11-22T18:40:05.123Z）

            """);
    }

    [Fact]
    public void The_same_command_makes_another_page_in_another_language_role_or_place_of_the_chain()
    {
        JsonElement accept = JsonDocument.Parse(
            """{"kind":"accept","commandId":"C-2","party":"yi","offer":"C-1","in":["V-1"]}""").RootElement;
        string[] pages =
        [
            Text(accept, "zh", Maker), Text(accept, "en", Maker), Text(accept, "en", Maker with { Role = SignerRole.Checker }),
            Text(accept, "en", Maker with { Previous = new string('a', 64) }), Text(accept, "en", Maker with { KeyId = "key-2" }),
        ];
        pages.Distinct().Count().ShouldBe(pages.Length);
        pages[1].ShouldContain("Time of signing: 2026-11-22T18:40:05.123Z (2026-11-23 02:40:05 in Beijing)\n");
    }

    [Fact]
    public void No_name_or_text_can_forge_a_line()
    {
        JsonElement pay = JsonDocument.Parse(
            """
            {"kind":"void","commandId":"C-3","party":"bing","root":"V-1","reason":"a\r\n金额：1\u2028x\u202Ey\\u{a}"}
            """).RootElement;
        string page = Text(pay, "zh", Maker);
        page.ShouldContain("操作方：丙织物\\u{a}收款方：丁（bing）\n");
        page.ShouldContain("原因：a\\u{d}\\u{a}金额：1\\u{2028}x\\u{202e}y\\u{5c}u{a}\n");
        page.Split('\n').Length.ShouldBe(12);
    }

    [Fact]
    public void A_member_that_the_page_would_not_show_is_refused()
    {
        JsonElement more = JsonDocument.Parse(
            """{"kind":"return","commandId":"C-4","party":"yi","root":"V-1","andAlso":"V-2"}""").RootElement;
        Should.Throw<InvalidOperationException>(() => Text(more, "zh", Maker)).Message.ShouldContain("andAlso");
    }

    /// <summary>A command that gets a new member without a place on its page could not be signed.</summary>
    [Fact]
    public void Every_command_shows_exactly_its_members()
    {
        foreach (Type type in new[] { typeof(VoucherCommand), typeof(KeyCommand) })
        {
            foreach (JsonDerivedType derived in CommandJson.Default.GetTypeInfo(type)!.PolymorphismOptions!.DerivedTypes)
            {
                string kind = (string)derived.TypeDiscriminator!;
                PageForm form = PageForms.All.Single(f => f.Kind == kind);
                Leaves(CommandJson.Default.GetTypeInfo(derived.DerivedType)!, "")
                    .Except(["commandId", "party"])
                    // Only answers show what they answer; sent with another command it is refused.
                    .Where(l => !l.StartsWith("shown.", StringComparison.Ordinal) || form.Fields.Any(f => f.Path == l))
                    .Order(StringComparer.Ordinal)
                    .ShouldBe(form.Fields.Select(f => f.Path).Order(StringComparer.Ordinal), kind);
            }
        }
    }

    [Fact]
    public void No_page_speaks_of_bills()
    {
        string all = string.Concat(PageForms.All.SelectMany(f =>
            f.Fields.Select(x => x.Zh + x.En).Append(f.Zh.Title + f.Zh.Consequence + f.En.Title + f.En.Consequence)));
        foreach (string word in new[] { "\u80CC\u4E66", "\u627F\u5151", "\u8D34\u73B0", "票据" })
            all.ShouldNotContain(word);
    }

    private static string Text(JsonElement command, string language, Signing signing) =>
        Encoding.UTF8.GetString(SignedPage.Render(command, Names, language, signing));

    private static IEnumerable<string> Leaves(JsonTypeInfo type, string path) => type.Kind switch
    {
        JsonTypeInfoKind.Object => type.Properties.Where(p => p.Get is not null).SelectMany(p =>
            Leaves(CommandJson.Default.GetTypeInfo(Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType)!,
                path.Length == 0 ? p.Name : $"{path}.{p.Name}")),
        JsonTypeInfoKind.Enumerable => Leaves(CommandJson.Default.GetTypeInfo(type.ElementType!)!, $"{path}[]"),
        _ => [path],
    };
}
