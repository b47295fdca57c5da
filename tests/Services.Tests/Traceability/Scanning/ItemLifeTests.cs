using Shouldly;
using Traceability.Scanning;
using Traceability.Scanning.Page;
using Xunit;

namespace Services.Tests.Traceability.Scanning;

/// <summary>What ends an item's life, and who may say that it was sold.</summary>
public sealed class ItemLifeTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(true, CodeState.Retired)]
    [InlineData(false, CodeState.InUse)]
    public void Whoever_owned_the_product_then_takes_its_items_out_of_use_and_nobody_else(bool byOwner, object expected)
    {
        ItemLife life = new();
        life.Add(new LifeStep("former", byOwner, IsObject: true, "OBSERVE", "destroying", Noon));
        life.After(CodeState.InUse).ShouldBe((CodeState)expected);
    }

    [Fact]
    public void Sales_count_of_who_owned_the_product_then_and_of_named_sellers()
    {
        ItemLife life = new();
        life.Add(new LifeStep("outsider", ByOwner: false, IsObject: true, "OBSERVE", "retail_selling", Noon));
        life.Sales(
            [
                new ReportedSale("former", Noon.AddHours(1), ByOwner: true),
                new ReportedSale("shop", Noon.AddHours(2), ByOwner: false),
                new ReportedSale("outsider", Noon.AddHours(3), ByOwner: false),
            ], new HashSet<string> { "shop" })
            .ShouldBe([Noon.AddHours(1), Noon.AddHours(2)]);
    }
}
