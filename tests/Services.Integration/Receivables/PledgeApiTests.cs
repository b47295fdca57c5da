using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Receivables.Pledges;
using ServiceDefaults;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;

namespace Services.Integration.Receivables;

/// <summary>The whole service, claiming over HTTP on our own chain.</summary>
public sealed class PledgeApiTests
{
    [Fact]
    public async Task A_claim_over_HTTP_is_given_counted_and_refused_with_the_chains_proof()
    {
        await using PledgeBench bench = await PledgeBench.StartOnOwnChainAsync();
        await using RunningReceivables service = await RunningReceivables.StartAsync();
        byte[] account = PledgeBench.NewAccount();
        string data = service.App.Services.GetRequiredService<IOptions<ServiceOptions>>().Value.Data;
        Directory.CreateDirectory(data);
        await File.WriteAllBytesAsync(Path.Combine(data, PledgeSlice.AccountFile), account);
        TestPlatform other = await bench.AddPlatformAsync();
        await bench.AdmitAsync(account);
        await other.RestartAsync();
        await service.RestartAsync([.. Settings(bench)]);
        HttpClient maker = await service.AsAsync("carmaker");
        string number = PledgeTests.Number();
        await service.RegisterAsync("carmaker", "core-enterprise");
        await service.RegisterAsync("seats", "supplier");
        Code(await RunningReceivables.PostAsync(maker, "pledges", Body(number, 60, 100), 422))
            .ShouldBe("pledge-thing-not-deposited");
        await DepositAsync(service, number, 100);
        Code(await RunningReceivables.PostAsync(await service.AsAsync("stranger"), "pledges", Body(number, 60, 100), 422))
            .ShouldBe("pledge-thing-not-deposited");
        Code(await RunningReceivables.PostAsync(maker, "pledges", Body(number, 60, 101), 409))
            .ShouldBe("pledge-gross-differs");

        JsonObject claimed = await RunningReceivables.PostAsync(maker, "pledges", Body(number, 60, 100));
        ((string)claimed["stage"]!, (long)claimed["leftFen"]!).ShouldBe(("claimed", 40));
        JsonObject read = await RunningReceivables.GetAsync(maker, $"pledges/{claimed["id"]}");
        ((string)read["vouchers"]![0]!["voucher"]!, (string)read["vouchers"]![0]!["state"]!).ShouldBe(("V-1", "bound"));
        await RunningReceivables.GetAsync(await service.AsAsync("stranger"), $"pledges/{claimed["id"]}", 404);
        Code(await RunningReceivables.PostAsync(maker, "pledges", Body(number, 41, 100, "V-2"), 422))
            .ShouldBe("pledge-amount-exceeded");
        Code(await RunningReceivables.PostAsync(await service.AsAsync("seats"), "pledges", Body(number, 1, 100, "V-2"), 409))
            .ShouldBe("pledge-other-organisation");
        Code(await RunningReceivables.PostAsync(maker, "pledges", Body("12345678", 1, 100), 400))
            .ShouldBe("pledge-invoice-number");
        Code(await RunningReceivables.PostAsync(maker, "pledges", Body(number, 0, 100, "V-3"), 400))
            .ShouldBe("pledge-amount-form");

        string taken = PledgeTests.Number(), last = PledgeTests.Number();
        await DepositAsync(service, taken, 10);
        await DepositAsync(service, last, 1);
        (await other.ClaimAsync(taken, 10, 10, "V-B")).Claimed.ShouldBeTrue();
        JsonObject refused = await RunningReceivables.PostAsync(maker, "pledges", Body(taken, 10, 10, "V-4"), 409);
        Code(refused).ShouldBe("pledge-taken");
        refused["platform"]!.GetValue<string>().ShouldBe(other.Address.ToString());
        refused["evidence"]!["accountProof"]!.AsArray().Count.ShouldBeGreaterThan(0);

        await bench.StopHolderAsync(1);
        await bench.StopHolderAsync(2);
        JsonObject away = await RunningReceivables.PostAsync(maker, "pledges", Body(last, 1, 1, "V-5"), 503);
        Code(away).ShouldBe("pledge-holders-away");
        away["holders"]!.AsArray().Count.ShouldBe(2);
    }

    private static async Task DepositAsync(RunningReceivables service, string number, long gross) =>
        await RunningReceivables.PostAsync(await service.AsAsync("seats"), "trade/documents", new JsonObject
        {
            ["kind"] = "invoice",
            ["sha256"] = RunningServices.Digest(number),
            ["number"] = number,
            ["seller"] = "seats",
            ["buyer"] = "carmaker",
            ["grossFen"] = gross,
            ["issuedOn"] = "2026-11-01",
        }, 201);

    private static IEnumerable<string> Settings(PledgeBench bench)
    {
        yield return $"--Pledges:Rpc:0={bench.Rpc}";
        yield return $"--Pledges:ChainId={PledgeBench.ChainId}";
        foreach (HolderAddress holder in bench.Holders)
        {
            yield return $"--Pledges:Holders:{holder.Index - 1}:Name={holder.Name}";
            yield return $"--Pledges:Holders:{holder.Index - 1}:Url={holder.Url}";
        }
    }

    private static JsonObject Body(string number, long fen, long gross, string voucher = "V-1") => new()
    {
        ["kind"] = "invoice",
        ["number"] = number,
        ["voucher"] = voucher,
        ["fen"] = fen,
        ["grossFen"] = gross,
    };

    private static string Code(JsonObject problem) => problem["code"]!.GetValue<string>();
}
