using Chain.Node.Groups;
using Shouldly;
using Xunit;

namespace Chain.Integration.Nodes;

public sealed class VoteFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("votes").FullName;

    [Fact]
    public void The_last_record_written_is_recovered()
    {
        using (var votes = VoteFile.Open(_folder))
        {
            votes.Recovered.IsEmpty.ShouldBeTrue();
            for (byte i = 1; i <= 5; i++)
                votes.Write(Enumerable.Repeat(i, 1000 * i).ToArray());
            votes.Write([42]);
        }
        using var again = VoteFile.Open(_folder);
        again.Recovered.ToArray().ShouldBe([42]);
        again.Write([43]);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(20)]
    [InlineData(44)]
    [InlineData(50)]
    public void A_write_torn_by_a_crash_leaves_the_record_before_it(int bytesThatReachedTheDisk)
    {
        using (var votes = VoteFile.Open(_folder))
        {
            votes.Write([1, 1, 1, 1, 1, 1, 1, 1]);
            votes.Write([2, 2, 2, 2, 2, 2, 2, 2]);
            votes.Write([3, 3, 3, 3, 3, 3, 3, 3]);
        }
        // The third write went over the first: its head arrived, the rest is still the old one's.
        var path = Path.Combine(_folder, "votes.1");
        var written = File.ReadAllBytes(path);
        for (var i = bytesThatReachedTheDisk; i < written.Length; i++)
            written[i] ^= 0xff;
        File.WriteAllBytes(path, written);
        using var again = VoteFile.Open(_folder);
        again.Recovered.ToArray().ShouldBe([2, 2, 2, 2, 2, 2, 2, 2]);
    }

    [Fact]
    public void A_second_process_cannot_open_the_same_group()
    {
        using var votes = VoteFile.Open(_folder);
        Should.Throw<IOException>(() => VoteFile.Open(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
