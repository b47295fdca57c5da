namespace Portal.Components.Pages.Site;

/// <summary>The verifier as one file to keep.</summary>
public static class OfflineVerifier
{
    /// <summary>Maps its download.</summary>
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/verify/offline", (IWebHostEnvironment host) =>
        host.WebRootFileProvider.GetFileInfo("verify.html") is { Exists: true } file
            ? Results.Stream(file.CreateReadStream(), "text/html; charset=utf-8", "verify.html")
            : Results.NotFound()).AllowAnonymous();
}
