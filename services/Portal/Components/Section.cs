using Portal.Components.Pages.Evidence;
using Portal.Components.Pages.Goods;
using Portal.Components.Pages.Site;

namespace Portal.Components;

/// <summary>
/// A part of the site. Each service keeps its pages in one folder under <c>Pages</c> and is one line here.
/// </summary>
/// <param name="Path">Address of its first page, which all its others begin with.</param>
/// <param name="Chinese">Its name in the navigation.</param>
/// <param name="English">The same in English.</param>
/// <param name="Map">Maps what its pages load besides themselves: downloads, live states.</param>
/// <param name="For">Role that it is for; null for everybody.</param>
public sealed record Section(
    string Path, string Chinese, string English, Action<IEndpointRouteBuilder>? Map = null, string? For = null)
{
    /// <summary>All parts, in the order of the navigation.</summary>
    public static readonly IReadOnlyList<Section> All =
    [
        new("/verify", "核验", "Verify", OfflineVerifier.Map),
        new("/deposits", "存证", "Deposits", DepositEndpoints.Map),
        new("/goods", "溯源", "Goods", app => { GoodsEndpoints.Map(app); AlarmsEndpoints.Map(app); }),
        new("/watch/goods", "监管", "Watch", For: ServiceDefaults.Auth.Role.Regulator),
        new("/status", "运行状态", "Status", AnchorDelay.Map),
    ];

    /// <summary>Whether a page belongs to this part.</summary>
    public bool Holds(PathString page) => page.StartsWithSegments(Path);
}
