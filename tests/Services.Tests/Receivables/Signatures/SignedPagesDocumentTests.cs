using Shouldly;
using Xunit;
namespace Services.Tests.Receivables.Signatures;

/// <summary>The independent checker is written from the document: what it says must be what pages are made from.</summary>
public class SignedPagesDocumentTests
{
    [Fact]
    public void The_document_has_the_table_of_every_kind_and_word()
    {
        string document = File.ReadAllText(Path.Combine(RecordChecker.Root(), "services", "docs", "signed-pages.md"));
        foreach (PageForm form in PageForms.All)
        {
            string part = document.Split($"\n### {form.Kind}\n")[1].Split("\n### ")[0];
            string[] rows =
            [
                $"| title | {form.Zh.Title} | {form.En.Title} |",
                $"| consequence | {form.Zh.Consequence} | {form.En.Consequence} |",
                .. form.Fields.Select(f => $"| {f.Path} | {f.Kind.ToString().ToLowerInvariant()} | {f.Zh} | {f.En} |"),
            ];
            part.Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)
                && !l.StartsWith("| ---", StringComparison.Ordinal) && !l.StartsWith("| member |", StringComparison.Ordinal)
                && !l.StartsWith("| | ", StringComparison.Ordinal)).ShouldBe(rows, form.Kind);
        }
        foreach ((string word, (string zh, string en)) in PageForms.Words)
            document.ShouldContain($"\n| {word} | {zh} | {en} |\n");
    }
}
