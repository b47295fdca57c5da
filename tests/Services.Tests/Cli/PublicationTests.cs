using System.Runtime.Versioning;
using Cli.Auditing;
using Proofs.Notes;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Tests.Cli;

[SupportedOSPlatform("linux")]
public sealed class PublicationTests
{
    private readonly ManualTimeProvider _time = new();
    private int _reads;

    [Fact]
    public async Task A_checkpoint_that_the_contract_has_already_is_waited_for()
    {
        var published = Publication.AwaitAsync(() => Task.FromResult(Of(++_reads < 3 ? 5 : 7)), 7, _time, default);
        while (!published.IsCompleted)
            _time.Advance(TimeSpan.FromSeconds(1));
        (await published).Size.ShouldBe(7);
        _reads.ShouldBe(3);
    }

    [Fact]
    public async Task A_log_that_stays_behind_its_contract_is_told_as_it_is()
    {
        var published = Publication.AwaitAsync(() => Task.FromResult(Of(5)), 7, _time, default);
        var begun = _time.GetUtcNow();
        while (!published.IsCompleted)
            _time.Advance(TimeSpan.FromSeconds(1));
        (await published).Size.ShouldBe(5);
        (_time.GetUtcNow() - begun).ShouldBeInRange(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(31));
    }

    [Fact]
    public async Task A_log_that_is_where_its_contract_is_is_read_once()
    {
        (await Publication.AwaitAsync(() => Task.FromResult(Of(++_reads)), 1, _time, default)).Size.ShouldBe(1);
        _reads.ShouldBe(1);
    }

    private static Checkpoint Of(long size) =>
        Checkpoint.Parse($"log.example\n{size}\n{Convert.ToBase64String(new byte[32])}\n")!;
}
