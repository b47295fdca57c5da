using System.Text.Json.Nodes;

namespace Cli.Demos.Trace;

/// <summary>A seller's numbered feed of sales.</summary>
public static class Sales
{
    private const int ReportMax = 1000;

    /// <summary>The producer says who sells a product, so that what they do not report is known to be unsold.</summary>
    public static Task NameAsync(Party producer, string gtin, Party seller, string? dealer, CancellationToken cancel)
    {
        var named = new JsonObject { ["gtin"] = gtin, ["sellers"] = new JsonArray(new JsonObject { ["tenant"] = seller.Tenant }) };
        if (dealer is not null) named["dealer"] = dealer;
        return producer.SendAsync(HttpMethod.Put, "sales/sellers", named, $"sellers-{gtin}-{dealer}", cancel);
    }

    /// <summary>Reports items as sold one after the other, a minute apart, complete until a time.</summary>
    public static async Task ReportAsync(
        Party seller, string feed, IEnumerable<Code> sold, DateTimeOffset from, DateTimeOffset through, CancellationToken cancel)
    {
        var first = 1;
        foreach (var part in sold.Chunk(ReportMax))
        {
            var items = part.Select((code, i) => (JsonNode)new JsonObject
            {
                ["link"] = new Uri(code.Link).AbsolutePath,
                ["at"] = Happening.Time(from.AddMinutes(first + i)),
            });
            var answer = await seller.PostAsync("sales", new JsonObject
            {
                ["feed"] = feed,
                ["first"] = first,
                ["through"] = Happening.Time(through),
                ["sales"] = new JsonArray([.. items]),
            }, cancel, $"sales-{feed}-{first}");
            Narration.Expect(answer["complete"]!.GetValue<bool>(), "a feed without a gap", answer.ToJsonString());
            first += part.Length;
        }
    }
}
