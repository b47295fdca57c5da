using System.Text.Json.Nodes;
using EventStore;
using Microsoft.Extensions.DependencyInjection;
using Receivables.Credit;
using Receivables.Signatures;
using ServiceDefaults.Problems;
using Shouldly;
using Xunit;

namespace Services.Integration.Receivables.Credit;

public sealed class CreditTests
{
    private const int Clients = 64;

    [Fact]
    public async Task Sixty_four_reservations_at_once_never_take_more_than_the_limit()
    {
        await using RunningReceivables running = await RunningReceivables.StartAsync();
        HttpClient bank = await running.AsAsync("bank", "admin");
        JsonObject granted = await RunningReceivables.PostAsync(
            bank, "credit/lines", new JsonObject { ["group"] = "carmaker", ["limitFen"] = 1_000 }, 201);
        Guid line = (Guid)granted["line"]!;
        HttpClient group = await running.AsAsync("carmaker", "admin");
        await RunningReceivables.PostAsync(group, $"credit/lines/{line}/changes",
            new JsonObject { ["kind"] = "member", ["member"] = "carmaker", ["limitFen"] = 1_000 });
        await RunningReceivables.PostAsync(group, $"credit/lines/{line}/changes",
            new JsonObject { ["kind"] = "limit", ["limitFen"] = 9_000 }, 404);

        bool[] taken = await Task.WhenAll(Enumerable.Range(0, Clients).Select(i =>
            Task.Run(() => TakesAsync(running, line, $"V{i}"))));

        taken.Count(t => t).ShouldBe(10);
        JsonObject meter = await RunningReceivables.GetAsync(group, $"credit/lines/{line}");
        ((long)meter["reservedFen"]!).ShouldBe(1_000);
        ((long)meter["members"]![0]!["freeFen"]!).ShouldBe(0);
        await RunningReceivables.GetAsync(await running.AsAsync("stranger"), $"credit/lines/{line}", 404);
    }

    /// <summary>Reserves 100 fen, trying again after each lost race.</summary>
    private static async Task<bool> TakesAsync(RunningReceivables running, Guid line, string voucher)
    {
        Store store = running.App.Services.GetRequiredService<Store>();
        CreditLines credit = running.App.Services.GetRequiredService<CreditLines>();
        for (; ; )
        {
            EventContext context = new(TimeProvider.System, "test", "carmaker");
            await using Session session = store.OpenSession(context);
            try
            {
                foreach (AppendedWith e in await credit.ReserveAsync(line, "carmaker", "carmaker", voucher, 100, context))
                    session.Append(e.Stream, e.ExpectedVersion, e.Event);
                await session.SaveChangesAsync();
                return true;
            }
            catch (ConcurrencyException)
            {
                continue;
            }
            catch (ProblemException e) when (e.Problem.Code == CreditDecider.NotFree)
            {
                return false;
            }
        }
    }
}
