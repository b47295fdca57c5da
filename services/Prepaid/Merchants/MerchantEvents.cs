using EventStore;

namespace Prepaid.Merchants;

/// <summary>The stable names of merchants' events.</summary>
internal static class MerchantEvents
{
    private const string Filed = "prepaid.merchant-filed.v1";
    private const string SaleStopped = "prepaid.sale-stopped.v1";
    private const string SaleResumed = "prepaid.sale-resumed.v1";

    public static string Stream(string tenant) => $"merchant-{tenant}";

    public static string NameOf(MerchantEvent e) => e switch
    {
        MerchantEvent.Filed => Filed,
        MerchantEvent.SaleStopped => SaleStopped,
        MerchantEvent.SaleResumed => SaleResumed,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddMerchantEvents(this EventModel model) => model
        .Event(Filed, PrepaidJson.Default.Filed)
        .Event(SaleStopped, PrepaidJson.Default.SaleStopped)
        .Event(SaleResumed, PrepaidJson.Default.SaleResumed)
        .Aggregate(Merchant.Initial, (merchant, e) => Merchant.Evolve(merchant, (MerchantEvent)e));
}
