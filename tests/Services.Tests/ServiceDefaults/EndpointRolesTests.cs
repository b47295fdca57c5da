using Anchor;
using Anchor.Groups;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Prepaid;
using Receivables;
using Services.Tests.Proofs;
using Shouldly;
using Traceability;
using Xunit;

namespace Services.Tests.ServiceDefaults;

/// <summary>
/// Who may call what, endpoint by endpoint, as the files in <c>tests/Vectors/roles</c> say it: a new endpoint, or another rule for an
/// old one, is a line that somebody has to write there. <c>*</c> is everybody.
/// </summary>
public sealed class EndpointRolesTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("apps-roles-").FullName;

    [Fact]
    public async Task Traceability_lets_in_whom_its_list_names()
    {
        await using WebApplication app = TraceabilityService.Build(
            "--Service:Name=trace", "--Service:Group=trace", $"--Service:Data={_data}", "--Urls=http://127.0.0.1:0",
            "--ConnectionStrings:Store=Host=127.0.0.1", "--Auth:Issuer=http://127.0.0.1:9", "--Auth:Audience=apps",
            "--Auth:Metadata=http://127.0.0.1:9/.well-known/openid-configuration", "--Services:anchor=http://127.0.0.1:9",
            "--Client:Id=trace", "--Client:Secret=x", "--Client:TokenUrl=http://127.0.0.1:9/connect/token");
        Compare(app, "trace");
    }

    [Fact]
    public async Task The_anchor_lets_in_whom_its_list_names()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton<AnchorGroups>();
        await using WebApplication app = builder.Build();
        app.MapAnchor();
        Compare(app, "anchor");
    }

    [Fact]
    public async Task Receivables_let_in_whom_their_list_names()
    {
        await using WebApplication app = ReceivablesService.Build(
            "--Service:Name=receivables", "--Service:Group=receivables", $"--Service:Data={_data}",
            "--Urls=http://127.0.0.1:0", "--ConnectionStrings:Store=Host=127.0.0.1", "--Auth:Issuer=http://127.0.0.1:9",
            "--Auth:Audience=apps", "--Auth:Metadata=http://127.0.0.1:9/.well-known/openid-configuration",
            "--Services:anchor=http://127.0.0.1:9", "--Client:Id=receivables", "--Client:Secret=x",
            "--Client:TokenUrl=http://127.0.0.1:9/connect/token", "--Pledges:Rpc:0=http://127.0.0.1:9");
        Compare(app, "receivables");
    }

    [Fact]
    public async Task Prepaid_cards_let_in_whom_their_list_names()
    {
        await using WebApplication app = PrepaidService.Build(
            "--Service:Name=prepaid", "--Service:Group=prepaid", $"--Service:Data={_data}",
            "--Urls=http://127.0.0.1:0", "--ConnectionStrings:Store=Host=127.0.0.1", "--Auth:Issuer=http://127.0.0.1:9",
            "--Auth:Audience=apps", "--Auth:Metadata=http://127.0.0.1:9/.well-known/openid-configuration",
            "--Services:anchor=http://127.0.0.1:9", "--Client:Id=prepaid", "--Client:Secret=x",
            "--Client:TokenUrl=http://127.0.0.1:9/connect/token");
        Compare(app, "prepaid");
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static void Compare(IEndpointRouteBuilder app, string name)
    {
        string[] rules = [.. app.DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Select(Rule).Distinct().Order(StringComparer.Ordinal)];
        string file = Path.Combine(VectorFiles.Folder, "roles", name + ".txt");
        if (Environment.GetEnvironmentVariable("WRITE_GOLDEN") == "1")
            File.WriteAllLines(file, rules);
        rules.ShouldBe(File.ReadAllLines(file));
    }

    private static string Rule(RouteEndpoint endpoint)
    {
        string methods = string.Join(',', endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["ANY"]);
        string roles = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
            ? "*"
            : string.Join(' ', endpoint.Metadata.OfType<IAuthorizeData>().Select(a => a.Roles));
        return $"{methods} {endpoint.RoutePattern.RawText}: {roles}".TrimEnd();
    }
}
