namespace Portal.Components.Pages.Goods;

/// <summary>What the goods' pages load besides themselves, with the session's token.</summary>
public static class GoodsEndpoints
{
    /// <summary>Maps downloads of codes and proofs.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
    }
}
