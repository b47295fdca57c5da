using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.Traceability;

/// <content>Labels that name another lot than the one that their code is bound to.</content>
public sealed partial class ItemPageTests
{
    [Fact]
    public async Task Another_lot_on_the_label_is_kept_of_reports_and_once_of_a_device()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        string[] links = await BatchAsync(farm, gtin, 10, activated: 10);
        string Labelled(int number, string lot) =>
            new Uri(links[number]).AbsolutePath.Replace("/21/", $"/10/{lot}/21/", StringComparison.Ordinal);
        string SerialOf(int number) => links[number][(links[number].LastIndexOf('/') + 1)..];
        Task<object?> KeptAsync(int number) => Running.ScalarAsync(
            $"select string_agg(other_lot, ' ' order by id) from scans where serial = '{SerialOf(number)}'");
        Task ChecksAsync(int number, long checks) => Eventually.TrueAsync(async () => (long)(await Running.ScalarAsync(
            $"select count(*) from scans where serial = '{SerialOf(number)}'"))! == checks, $"{checks} checks are recorded");

        await JsonAsync(farm.PostAsync("scans/reports", RunningServices.Json(new JsonObject
        {
            ["checks"] = new JsonArray(new JsonObject
            {
                ["link"] = Labelled(0, "L-7"),
                ["at"] = "2026-11-02T08:00:00Z",
                ["region"] = "330100",
            }),
        }.ToJsonString())));
        (await KeptAsync(0)).ShouldBe("L-7");

        await LookAsync(Labelled(1, "L-7"));
        await ChecksAsync(1, 1);
        await LookAsync(Labelled(1, "L-8"));
        await LookAsync(Labelled(1, "L-9"));
        await LookAsync(links[1]);
        await ChecksAsync(1, 2);
        (await KeptAsync(1)).ShouldBe("L-7", "one device that names other lots is one check");
    }
}
