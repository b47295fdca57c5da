using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Cli.Commands;

/// <summary>Deposits a file's digest, or with <c>--upload</c> the file too.</summary>
public static class Deposit
{
    public static Command Command()
    {
        var file = new Argument<FileInfo>("file") { Description = "The file. It stays here; only its SHA-256 is sent." };
        var name = new Option<string?>("--name") { Description = "Name shown for the deposit; the file's own name if left out." };
        var businessId = new Option<string?>("--business-id") { Description = "Your own number for it, up to 64 characters." };
        var upload = new Option<bool>("--upload") { Description = "Store the file too, encrypted, up to 2 GiB." };
        var key = new Option<string?>("--idempotency-key") { Description = "A repeated request with the same key deposits once." };
        var command = new Command("deposit", "Deposit a file as evidence and print the deposit's id.") { file, name, businessId, upload, key };
        command.SetAction(async (parsed, cancel) =>
        {
            var source = parsed.GetRequiredValue(file);
            if (!source.Exists) throw new UserException($"There is no file {source.FullName}.");
            using var api = Api.Connect(TimeProvider.System);
            var answer = parsed.GetValue(upload)
                ? await UploadAsync(api, source, parsed.GetValue(name), parsed.GetValue(businessId), parsed.GetValue(key), cancel)
                : await DigestAsync(api, source, parsed.GetValue(name), parsed.GetValue(businessId), parsed.GetValue(key), cancel);
            // The id alone goes to standard output, so that a script can take it.
            parsed.Output().Write(answer, answer["id"]!.GetValue<string>());
            if (!parsed.Output().Json)
            {
                var earlier = answer["earlier"]?.AsArray().Count ?? 0;
                if (earlier > 0) Output.Note($"The same digest was deposited {earlier} time(s) before.");
                Output.Note($"Proof: ./apps proof {answer["id"]} --wait > {source.Name}.proof.json");
            }

            return 0;
        });
        return command;
    }

    public static async Task<string> Sha256Async(FileInfo file, CancellationToken cancel)
    {
        await using var stream = file.OpenRead();
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancel));
    }

    private static async Task<JsonObject> DigestAsync(
        Api api, FileInfo file, string? name, string? businessId, string? key, CancellationToken cancel)
    {
        var body = new JsonObject
        {
            ["sha256"] = await Sha256Async(file, cancel),
            ["size"] = file.Length,
            ["name"] = name ?? file.Name,
        };
        if (businessId is not null) body["businessId"] = businessId;
        return await api.PostAsync("/api/evidence/deposits", body, cancel, key);
    }

    private static async Task<JsonObject> UploadAsync(
        Api api, FileInfo file, string? name, string? businessId, string? key, CancellationToken cancel)
    {
        await using var stream = file.OpenRead();
        var query = $"?name={Uri.EscapeDataString(name ?? file.Name)}" + (businessId is null ? "" : $"&businessId={Uri.EscapeDataString(businessId)}");
        using var content = new StreamContent(stream, 1 << 17);
        content.Headers.ContentType = new("application/octet-stream");
        var response = await api.SendAsync(HttpMethod.Post, "/api/evidence/deposits/files" + query, content, cancel, key);
        return await Api.ReadAsync(response, cancel);
    }
}
