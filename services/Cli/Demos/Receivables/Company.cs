using System.Text.Json.Nodes;
using Cli.Vouchers;

namespace Cli.Demos.Receivables;

/// <summary>An organisation of the story with the keys of its people.</summary>
/// <param name="Id">Its id, which is also its client's.</param>
/// <param name="Chinese">Registered name.</param>
/// <param name="English">The same for readers of English.</param>
/// <param name="Client">Acts for it.</param>
/// <param name="Administrator">The session of its administrator.</param>
/// <param name="Keys">By capacity.</param>
public sealed record Company(
    string Id, string Chinese, string English, VoucherClient Client, VoucherClient Administrator,
    IReadOnlyDictionary<string, SigningKey> Keys) : IDisposable
{
    // A key's pages follow each other: two commands of one maker can't be signed at once.
    private readonly SemaphoreSlim _desk = new(1, 1);

    public Hand Maker => new(Keys["maker"], "maker");

    public Hand Checker => new(Keys["checker"], "checker");

    public Hand Second => new(Keys["second-checker"], "second-checker");

    /// <summary>A command of this organisation.</summary>
    public JsonObject Command(string kind, string id, params ReadOnlySpan<(string Name, JsonNode? Value)> members) =>
        Client.Command(kind, id, members);

    /// <summary>Maker and checker sign a command, which is carried out; one that was is answered again.</summary>
    public Task<JsonObject> DoAsync(JsonObject command, CancellationToken cancel) => DoAsync(command, cancel, Maker, Checker);

    /// <summary>The same with these signatures.</summary>
    public async Task<JsonObject> DoAsync(JsonObject command, CancellationToken cancel, params IReadOnlyList<Hand> hands)
    {
        using var answer = await TryAsync(command, cancel, hands);
        if (!answer.IsSuccessStatusCode) throw await Api.ProblemAsync(answer, cancel);
        return await Api.ReadAsync(answer, cancel);
    }

    /// <summary>Sends a command whatever the answer.</summary>
    public async Task<HttpResponseMessage> TryAsync(JsonObject command, CancellationToken cancel, params IReadOnlyList<Hand> hands)
    {
        await _desk.WaitAsync(cancel);
        try
        {
            return await Client.TryAsync(command, cancel, hands);
        }
        finally
        {
            _desk.Release();
        }
    }

    /// <summary>Accepts what a command offered it.</summary>
    public Task<JsonObject> AcceptAsync(string offer, CancellationToken cancel, params IReadOnlyList<string> roots) => DoAsync(
        Command("accept", $"A{offer}-{Id}", ("offer", offer), ("in", new JsonArray([.. roots.Select(r => (JsonNode)r)]))), cancel);

    public void Dispose()
    {
        Client.Dispose();
        Administrator.Dispose();
        _desk.Dispose();
        foreach (var key in Keys.Values) key.Dispose();
    }
}
