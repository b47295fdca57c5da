using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Prepaid;
using Services.Integration.Evidence;
using Services.Integration.Identity;
using Shouldly;
using TestKit;

namespace Services.Integration.Prepaid;

/// <summary>Identity and prepaid cards on real Kestrel over real PostgreSQL.</summary>
public sealed class RunningPrepaid : IAsyncDisposable
{
    private RunningIdentity? _identity;
    private WebApplication? _app;

    public HttpClient Open { get; private set; } = null!;

    /// <summary>The service's store, for events of days before.</summary>
    public Store Store => _app!.Services.GetRequiredService<Store>();

    /// <summary>Account that publishes roots.</summary>
    public byte[] Publisher { get; } = SHA256.HashData("publisher"u8);

    internal static async Task<RunningPrepaid> StartAsync(PrepaidChain? chain = null)
    {
        PostgresServer server = await PostgresServer.SharedAsync();
        RunningPrepaid running = new();
        running._identity = await RunningIdentity.StartAsync(server,
        [
            SeededClient.Of("gym", "member"), SeededClient.Of("gym", "admin"), SeededClient.Of("barber", "member"),
            SeededClient.Of("barber", "admin"), SeededClient.Of("authority", "regulator"),
            SeededClient.Of("house", "operator"), new SeededClient("prepaid", null, "service"),
        ]);
        string data = running._identity.Data("prepaid");
        Directory.CreateDirectory(data);
        File.WriteAllBytes($"{data}/liability.key", running.Publisher);
        string[] liabilities = chain is null ? []
            : [$"--Liabilities:Rpc:0={chain.Rpc}", $"--Liabilities:ChainId={PrepaidChain.ChainId}"];
        Uri anchor = chain?.Anchor ?? new Uri("http://127.0.0.1:9");
        running._app = PrepaidService.Build(
            [.. running._identity.Settings("prepaid", await server.CreateDatabaseAsync(), anchor), .. liabilities]);
        await running._app.StartAsync();
        running.Open = RunningIdentity.Client(new Uri(RunningServices.Address(running._app)));
        await RunningIdentity.ReadyAsync(running.Open);
        return running;
    }

    /// <summary>A client signed in with one role in one organisation.</summary>
    public Task<HttpClient> AsAsync(string tenant, string role = "member") =>
        _identity!.AsAsync(Open.BaseAddress!, $"{tenant}-{role}");

    /// <summary>Sends JSON and expects a status.</summary>
    public static async Task<JsonObject> SendAsync(
        HttpClient client, HttpMethod method, string path, string? json, int status = 200, string? secret = null)
    {
        using HttpRequestMessage request = new(method, path)
        {
            Content = json is null ? null : RunningServices.Json(json),
        };
        if (secret is not null)
            request.Headers.Add("Card-Secret", secret);
        using HttpResponseMessage response = await client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        return text.StartsWith('{') ? (JsonObject)JsonNode.Parse(text)! : new JsonObject { ["text"] = text };
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        if (_identity is not null)
            await _identity.DisposeAsync();
    }
}
