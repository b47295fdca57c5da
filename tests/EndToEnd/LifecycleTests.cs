using System.Diagnostics;
using System.Text;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>Starting, stopping in every way, and starting again over the same data.</summary>
public sealed class LifecycleTests
{
    [Fact]
    public async Task A_stopped_instance_leaves_no_process_and_loses_nothing()
    {
        await using var instance = await Deposited.StartAsync();
        await instance.Suite.StopAsync();
        instance.Suite.ProcessesLeft().ShouldBe(0);
        await instance.StillProvesAsync();
    }

    [Fact]
    public async Task What_a_killed_supervisor_left_is_cleared_by_the_next_start_and_nothing_else()
    {
        await using var instance = await Deposited.StartAsync();
        await using var stranger = Stranger.Start(Path.Combine(Path.GetTempPath(), "of-another-instance"));
        await instance.Suite.KillSupervisorAsync();
        instance.Suite.ProcessesLeft().ShouldBeGreaterThan(5, "the parts live on without their supervisor");
        await instance.StillProvesAsync();
        stranger.IsAlive.ShouldBeTrue();
        await instance.Suite.StopAsync();
        instance.Suite.ProcessesLeft().ShouldBe(0);
    }

    [Fact]
    public async Task An_instance_whose_power_failed_starts_again_with_all_that_was_acknowledged()
    {
        await using var instance = await Deposited.StartAsync();
        var last = await instance.DepositAsync("acknowledged just before");
        await instance.Suite.CutPowerAsync();
        instance.Suite.ProcessesLeft().ShouldBe(0);
        await instance.StillProvesAsync();
        var proof = await instance.Suite.AppsAsync("proof", last, "--wait");
        proof.Code.ShouldBe(0, proof.Error);
    }

    /// <summary>An instance with one deposit and its proof.</summary>
    private sealed class Deposited : IAsyncDisposable
    {
        private string _id = "";
        private byte[] _proof = [];

        public Suite Suite { get; } = new();

        public static async Task<Deposited> StartAsync()
        {
            var instance = new Deposited();
            try
            {
                await instance.Suite.StartAsync();
                instance._id = await instance.DepositAsync("kept");
                var proof = await instance.Suite.AppsAsync("proof", instance._id, "--wait");
                proof.Code.ShouldBe(0, proof.Error);
                instance._proof = proof.Out;
                return instance;
            }
            catch
            {
                await instance.DisposeAsync();
                throw;
            }
        }

        public async Task<string> DepositAsync(string content)
        {
            var file = Path.Combine(Suite.Data, "deposited.txt");
            await File.WriteAllTextAsync(file, content);
            var (code, output, error) = await Suite.AppsAsync("deposit", file);
            code.ShouldBe(0, error);
            return Encoding.UTF8.GetString(output).Trim();
        }

        /// <summary>Starts again over the same data and asks for the same proof.</summary>
        public async Task StillProvesAsync()
        {
            await Suite.StartAsync();
            var (code, output, error) = await Suite.AppsAsync("proof", _id);
            code.ShouldBe(0, error);
            output.ShouldBe(_proof, "a bundle is the same bytes ever after");
        }

        public async ValueTask DisposeAsync() => await Suite.DisposeAsync();
    }

    /// <summary>A process that carries the mark of another data folder.</summary>
    private sealed class Stranger(Process process) : IAsyncDisposable
    {
        public bool IsAlive => !process.HasExited;

        public static Stranger Start(string data) =>
            new(Process.Start(new ProcessStartInfo("sleep", ["600"]) { Environment = { ["APPS_INSTANCE"] = data } })!);

        public async ValueTask DisposeAsync()
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
