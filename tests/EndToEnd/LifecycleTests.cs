using System.Text;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>Starting, stopping and starting again over the same data.</summary>
public sealed class LifecycleTests
{
    [Fact]
    public async Task A_stopped_instance_leaves_no_process_and_loses_nothing()
    {
        var suite = new Suite();
        try
        {
            await suite.StartAsync();
            var file = Path.Combine(suite.Data, "kept.txt");
            await File.WriteAllTextAsync(file, "kept");
            var (code, output, error) = await suite.AppsAsync("deposit", file);
            code.ShouldBe(0, error);
            var id = Encoding.UTF8.GetString(output).Trim();
            var before = await suite.AppsAsync("proof", id, "--wait");
            before.Code.ShouldBe(0, before.Error);
            await suite.StopAsync();
            suite.ProcessesLeft().ShouldBe(0);

            await suite.StartAsync();
            var after = await suite.AppsAsync("proof", id);
            after.Code.ShouldBe(0, after.Error);
            after.Out.ShouldBe(before.Out, "a bundle is the same bytes ever after");
        }
        finally
        {
            await suite.DisposeAsync();
        }
    }
}
