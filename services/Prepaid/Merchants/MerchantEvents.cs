using EventStore;

namespace Prepaid.Merchants;

/// <summary>The stable names of merchants' events.</summary>
internal static class MerchantEvents
{
    private const string Filed = "prepaid.merchant-filed.v1";
    private const string SaleStopped = "prepaid.sale-stopped.v1";
    private const string SaleResumed = "prepaid.sale-resumed.v1";
    private const string EntryRecorded = "prepaid.register-entry-recorded.v1";
    private const string BanListed = "prepaid.ban-listed.v1";
    private const string BanEnded = "prepaid.ban-ended.v1";
    private const string BranchChanged = "prepaid.branch-changed.v1";
    private const string ContractFiled = "prepaid.contract-filed.v1";
    private const string ContractReviewed = "prepaid.contract-reviewed.v1";
    private const string ClosingAnnounced = "prepaid.closing-announced.v1";
    private const string ClosingCancelled = "prepaid.closing-cancelled.v1";
    private const string ClosingDone = "prepaid.closing-done.v1";
    private const string KeyRegistered = "prepaid.receipt-key-registered.v1";
    private const string KeyRevoked = "prepaid.receipt-key-revoked.v1";

    private const string Prefix = "merchant-";

    public static string Stream(string tenant) => $"{Prefix}{tenant}";

    /// <summary>The merchant of a stream.</summary>
    public static string MerchantOf(string stream) => stream[Prefix.Length..];

    public static string NameOf(MerchantEvent e) => e switch
    {
        MerchantEvent.Filed => Filed,
        MerchantEvent.SaleStopped => SaleStopped,
        MerchantEvent.SaleResumed => SaleResumed,
        MerchantEvent.EntryRecorded => EntryRecorded,
        MerchantEvent.BanListed => BanListed,
        MerchantEvent.BanEnded => BanEnded,
        MerchantEvent.BranchChanged => BranchChanged,
        MerchantEvent.ContractFiled => ContractFiled,
        MerchantEvent.ContractReviewed => ContractReviewed,
        MerchantEvent.ClosingAnnounced => ClosingAnnounced,
        MerchantEvent.ClosingCancelled => ClosingCancelled,
        MerchantEvent.ClosingDone => ClosingDone,
        MerchantEvent.KeyRegistered => KeyRegistered,
        MerchantEvent.KeyRevoked => KeyRevoked,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddMerchantEvents(this EventModel model) => model
        .Event(Filed, PrepaidJson.Default.Filed)
        .Event(SaleStopped, PrepaidJson.Default.SaleStopped)
        .Event(SaleResumed, PrepaidJson.Default.SaleResumed)
        .Event(EntryRecorded, PrepaidJson.Default.EntryRecorded)
        .Event(BanListed, PrepaidJson.Default.BanListed)
        .Event(BanEnded, PrepaidJson.Default.BanEnded)
        .Event(BranchChanged, PrepaidJson.Default.BranchChanged)
        .Event(ContractFiled, PrepaidJson.Default.ContractFiled)
        .Event(ContractReviewed, PrepaidJson.Default.ContractReviewed)
        .Event(ClosingAnnounced, PrepaidJson.Default.ClosingAnnounced)
        .Event(ClosingCancelled, PrepaidJson.Default.ClosingCancelled)
        .Event(ClosingDone, PrepaidJson.Default.ClosingDone)
        .Event(KeyRegistered, PrepaidJson.Default.KeyRegistered)
        .Event(KeyRevoked, PrepaidJson.Default.KeyRevoked)
        .Aggregate(Merchant.Initial, (merchant, e) => Merchant.Evolve(merchant, (MerchantEvent)e));
}
