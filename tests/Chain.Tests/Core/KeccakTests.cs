using System.Text;
using Chain.Core;
using Shouldly;
using Xunit;

namespace Chain.Tests.Core;

public sealed class KeccakTests
{
    [Theory]
    [InlineData("", "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("abc", "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    public void Known_digests_are_computed(string text, string digest) =>
        Keccak256.Hash(Encoding.ASCII.GetBytes(text)).ToString().ShouldBe(digest);

    [Fact]
    public void The_hash_of_the_empty_list_is_the_ommers_hash() =>
        Keccak256.Hash([0xc0]).ToString()
            .ShouldBe("0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347");
}
