using System.Net;
using System.Text.Json.Nodes;
using Chain.Client;
using Chain.JsonRpc;
using Chain.Tests.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Chain.Tests.JsonRpc;

/// <summary>
/// A one-validator chain behind HTTP that seals a block whenever a transaction is added: enough of a node for any
/// Ethereum client.
/// </summary>
internal sealed class RpcNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _sealing = new();

    private RpcNode(WebApplication app, OneValidatorChain chain, RpcDispatcher dispatcher)
    {
        _app = app;
        Chain = chain;
        Dispatcher = dispatcher;
        chain.Ledger.Pool.Added += _ =>
        {
            if (AutoSeal)
            {
                SealAll();
            }
        };
    }

    public OneValidatorChain Chain { get; }

    public RpcDispatcher Dispatcher { get; }

    public bool AutoSeal { get; set; } = true;

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features
        .Get<IServerAddressesFeature>()!.Addresses.First() + "/evidence");

    public ChainClient NewClient() => new(new RpcClient(new HttpClient(), [Url]));

    public static async Task<RpcNode> StartAsync(RpcLimits? limits = null, Action<JsonObject>? genesis = null)
    {
        OneValidatorChain chain = new(change: genesis);
        RpcDispatcher dispatcher = GroupMethods.Of(
            chain.Ledger, new NodeView { ClientVersion = "Chain/test" }, limits);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        WebApplication app = builder.Build();
        app.UseRouting();
        app.MapJsonRpc(group => group == "evidence" ? dispatcher : null);
        await app.StartAsync();
        return new RpcNode(app, chain, dispatcher);
    }

    public void SealAll()
    {
        lock (_sealing)
        {
            while (Chain.Ledger.Pool.HasExecutable)
            {
                Chain.Now++;
                Chain.SealNext(round: (int)(Chain.Ledger.Head.Header.Number % 3));
            }
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
