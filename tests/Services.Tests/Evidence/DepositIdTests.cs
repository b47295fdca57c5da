using Evidence.Deposits;
using Shouldly;
using Xunit;

namespace Services.Tests.Evidence;

public class DepositIdTests
{
    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000", "D-00000000000000000000000000")]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff", "D-7ZZZZZZZZZZZZZZZZZZZZZZZZZ")]
    [InlineData("01563e3a-b5d3-d676-4c61-efb99302bd5b", "D-01ARZ3NDEKTSV4RRFFQ69G5FAV")]
    public void The_encoding_is_that_of_ULID(string guid, string text)
    {
        DepositId id = new(Guid.Parse(guid));
        id.ToString().ShouldBe(text);
        DepositId.TryParse(text, out DepositId read).ShouldBeTrue();
        read.ShouldBe(id);
    }

    [Fact]
    public void Look_alikes_and_lower_case_are_read()
    {
        DepositId.TryParse("d-olarz3ndektsv4rrffq69g5fav", out DepositId id).ShouldBeTrue();
        id.ToString().ShouldBe("D-01ARZ3NDEKTSV4RRFFQ69G5FAV");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("D-01ARZ3NDEKTSV4RRFFQ69G5FA")]
    [InlineData("D-01ARZ3NDEKTSV4RRFFQ69G5FAU")]
    [InlineData("D-8ZZZZZZZZZZZZZZZZZZZZZZZZZ")]
    [InlineData("E-01ARZ3NDEKTSV4RRFFQ69G5FAV")]
    public void Other_texts_are_no_numbers(string? text) => DepositId.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void The_natural_number_differs_by_tenant_digest_and_business_id()
    {
        DepositId first = DepositId.Natural("t1", "aa", "b");
        DepositId.Natural("t1", "aa", "b").ShouldBe(first);
        new[]
        {
            DepositId.Natural("t2", "aa", "b"), DepositId.Natural("t1", "ab", "b"), DepositId.Natural("t1", "aa", null),
        }.ShouldAllBe(id => id != first);
        first.Value.Version.ShouldBe(8);
    }
}
