using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Cli.Vouchers;

/// <summary>A key and the capacity in which it signs: <c>maker</c>, <c>checker</c>, <c>second-checker</c>, <c>admin</c> or <c>holder</c>.</summary>
public readonly record struct Hand(SigningKey Key, string Role);

/// <summary>
/// One organisation's side of the public API of receivable vouchers: fetches the page of a command, signs exactly its
/// bytes and sends the command with the approvals.
/// </summary>
/// <param name="api">Signs in as the organisation's client.</param>
/// <param name="party">The organisation.</param>
public sealed class VoucherClient(Api api, string party) : IDisposable
{
    private const string Root = "/api/receivables/";

    public Api Api { get; } = api;

    /// <summary>The organisation's id.</summary>
    public string Party { get; } = party;

    public void Dispose() => Api.Dispose();

    public Task<JsonObject> GetAsync(string path, CancellationToken cancel) => Api.GetAsync(Root + path, cancel);

    public Task<JsonObject> PostAsync(string path, JsonNode body, CancellationToken cancel, string? key = null) =>
        Api.PostAsync(Root + path, body, cancel, key);

    public Task<HttpResponseMessage> TryAsync(string path, JsonNode body, CancellationToken cancel, string? key = null) =>
        Api.SendAsync(HttpMethod.Post, Root + path, Api.Json(body), cancel, key);

    /// <summary>A command of this organisation.</summary>
    public JsonObject Command(string kind, string id, params ReadOnlySpan<(string Name, JsonNode? Value)> members)
    {
        var command = new JsonObject { ["kind"] = kind, ["commandId"] = id, ["party"] = Party };
        foreach (var (name, value) in members) command[name] = value;
        return command;
    }

    /// <summary>Signs a command and has it carried out.</summary>
    /// <exception cref="UserException">The service refused it, in its own words.</exception>
    public async Task<JsonObject> SendAsync(JsonObject command, CancellationToken cancel, params IReadOnlyList<Hand> hands) =>
        await Api.ReadAsync(await TryAsync(command, cancel, hands), cancel);

    /// <summary>The same, whatever the answer.</summary>
    public async Task<HttpResponseMessage> TryAsync(JsonObject command, CancellationToken cancel, params IReadOnlyList<Hand> hands)
    {
        var approvals = new List<JsonObject>();
        foreach (var hand in hands) approvals.Add(await ApproveAsync(command, hand, cancel));
        return await TryAsync("commands", Request(command, approvals), cancel);
    }

    /// <summary>A command with approvals, as it is sent.</summary>
    public static JsonObject Request(JsonObject command, params IEnumerable<JsonObject> approvals) => new()
    {
        ["command"] = command.DeepClone(),
        ["approvals"] = new JsonArray([.. approvals.Select(a => a.DeepClone())]),
    };

    /// <summary>Fetches the page of a command and signs it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="hand">Who signs.</param>
    /// <param name="cancel">Stops it.</param>
    /// <param name="at">The time that the signer states; the service's present where it is null.</param>
    public Task<JsonObject> ApproveAsync(JsonObject command, Hand hand, CancellationToken cancel, string? at = null)
    {
        var wanted = new JsonObject
        {
            ["command"] = command.DeepClone(),
            ["role"] = hand.Role,
            ["keyId"] = hand.Key.Id,
            ["language"] = "zh",
        };
        if (at is not null) wanted["at"] = at;
        return SignAsync(hand, HttpMethod.Post, "pages", Api.Json(wanted), cancel);
    }

    /// <summary>Lays a command on the desk for others of the organisation.</summary>
    public Task<JsonObject> DraftAsync(JsonObject command, CancellationToken cancel) =>
        PostAsync("drafts", new JsonObject { ["command"] = command.DeepClone() }, cancel);

    /// <summary>Signs a draft; the last signature carries it out.</summary>
    public async Task<JsonObject> ApproveDraftAsync(string draft, Hand hand, CancellationToken cancel) =>
        await PostAsync($"drafts/{draft}/approvals", await SignAsync(
            hand, HttpMethod.Get, $"drafts/{draft}/page?role={hand.Role}&key={hand.Key.Id}&lang=zh", null, cancel), cancel);

    /// <summary>
    /// Binds a key, in the session of the person that holds it; what is bound already stays. Its administrator signs in a
    /// session of its own.
    /// </summary>
    /// <param name="id">The command's id.</param>
    /// <param name="key">The key.</param>
    /// <param name="person">Pseudonymous id of the person that holds it.</param>
    /// <param name="limitFen">Highest amount of one command, in fen.</param>
    /// <param name="roles">In what capacities it may sign.</param>
    /// <param name="admin">An administrator's key and session; null for the organisation's first.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task BindAsync(
        string id, SigningKey key, string person, long limitFen, IReadOnlyList<string> roles,
        (SigningKey Key, VoucherClient Session)? admin, CancellationToken cancel)
    {
        var command = Command(
            "bind-key", id, ("keyId", key.Id), ("x", key.X), ("y", key.Y), ("person", person),
            ("roles", new JsonArray([.. roles.Select(r => (JsonNode)r)])), ("limitFen", limitFen),
            ("validFrom", "2026-01-01"), ("validUntil", "2036-12-31"));
        if (admin is not { } by)
        {
            await SendAsync(command, cancel, new Hand(key, "holder"));
            return;
        }

        var draft = await PostAsync("drafts", new JsonObject { ["command"] = command.DeepClone() }, cancel);
        var given = draft["approvals"]!.AsArray().Select(a => a!["role"]!.GetValue<string>()).ToList();
        if (draft["status"]!.GetValue<string>() != "open") return;
        if (!given.Contains("holder")) await ApproveDraftAsync(id, new Hand(key, "holder"), cancel);
        await by.Session.ApproveDraftAsync(id, new Hand(by.Key, "admin"), cancel);
    }

    /// <summary>Whether a key is bound to this organisation.</summary>
    public async Task<bool> IsBoundAsync(SigningKey key, CancellationToken cancel)
    {
        using var answer = await Api.SendAsync(HttpMethod.Get, $"{Root}signers/{key.Id}", null, cancel);
        return answer.IsSuccessStatusCode;
    }

    private async Task<JsonObject> SignAsync(Hand hand, HttpMethod method, string path, HttpContent? content, CancellationToken cancel)
    {
        using var response = await Api.SendAsync(method, Root + path, content, cancel);
        if (response.StatusCode != HttpStatusCode.OK) throw await Api.ProblemAsync(response, cancel);
        var page = await response.Content.ReadAsByteArrayAsync(cancel);
        return new JsonObject
        {
            ["role"] = hand.Role,
            ["keyId"] = hand.Key.Id,
            ["language"] = "zh",
            ["at"] = response.Headers.GetValues("Page-Time").Single(),
            ["previous"] = response.Headers.TryGetValues("Page-Previous", out var head) ? head.Single() : null,
            ["pageSha256"] = Convert.ToHexStringLower(SHA256.HashData(page)),
            ["signature"] = hand.Key.Sign(page),
        };
    }
}
