using Portal.Components.Pages.Evidence;
using Shouldly;
using Xunit;

namespace Services.Tests.Portal;

public sealed class BatchLinesTests
{
    private static readonly string Digest = new('a', 64);

    private static BatchLine One(string text)
    {
        var (lines, faults) = BatchLines.Read(text);
        faults.ShouldBeEmpty();
        return lines.ShouldHaveSingleItem();
    }

    private static BatchFault Fault(string text)
    {
        var (_, faults) = BatchLines.Read(text);
        return faults.ShouldHaveSingleItem().Fault;
    }

    [Fact]
    public void A_line_is_a_digest_with_what_is_known_of_the_file()
    {
        One(Digest).ShouldBe(new BatchLine(1, Digest, null, null, null));
        One($"{Digest.ToUpperInvariant()},合同.pdf,HT-118,2048").ShouldBe(new BatchLine(1, Digest, "合同.pdf", "HT-118", 2048));
        One($"{Digest}, , ,").ShouldBe(new BatchLine(1, Digest, null, null, null));
        One($"{Digest},\"a, \"\"b\"\".pdf\",7").ShouldBe(new BatchLine(1, Digest, "a, \"b\".pdf", "7", null));
    }

    [Fact]
    public void What_sha256sum_prints_is_a_list()
    {
        One($"{Digest}  photo, 1.jpg").ShouldBe(new BatchLine(1, Digest, "photo, 1.jpg", null, null));
        One($"{Digest} *photo.jpg").ShouldBe(new BatchLine(1, Digest, "photo.jpg", null, null));
    }

    [Fact]
    public void Lines_keep_their_numbers_when_empty_ones_are_left_out()
    {
        var (lines, faults) = BatchLines.Read($"\uFEFF\r\n{Digest}\r\n\r\n{Digest},second\r\n");
        faults.ShouldBeEmpty();
        lines.Select(l => l.Number).ShouldBe([2, 4]);
    }

    [Fact]
    public void A_heading_names_the_order_of_the_columns()
    {
        One($"businessId,SHA256\nHT-1,{Digest}").ShouldBe(new BatchLine(2, Digest, null, "HT-1", null));
        One($"sha256,business_id\n{Digest},HT-1").BusinessId.ShouldBe("HT-1");
        Fault("name,size\n").ShouldBe(BatchFault.Header);
        Fault("sha256,colour\n").ShouldBe(BatchFault.Header);
    }

    [Fact]
    public void What_can_not_be_read_is_named_by_its_line()
    {
        var (lines, faults) = BatchLines.Read($"{Digest}\n\"{Digest}\n{Digest},a,b,1,2\n{Digest},a,b,1.5\n{Digest},\"a\"b\n");
        lines.Count.ShouldBe(1);
        faults.ShouldBe([(2, BatchFault.Quotes), (3, BatchFault.Columns), (4, BatchFault.Size), (5, BatchFault.Quotes)]);
    }

    [Fact]
    public void At_most_a_hundred_faults_are_named() =>
        BatchLines.Read(string.Concat(Enumerable.Repeat("\"\n", 1000))).Faults.Count.ShouldBe(BatchLines.FaultsMax);

    [Fact]
    public void A_digest_that_is_none_is_left_to_the_service() => One("abc,short").Sha256.ShouldBe("abc");
}
