using System.Globalization;
using System.Security.Cryptography;
using Chain.Client;
using Chain.Core;
using Voprf;

namespace KeyHolder;

/// <summary>The key holder's HTTP service.</summary>
public static class HolderHost
{
    private const int BodyMax = 64 * 1024;

    /// <summary>Builds the service of a configuration file.</summary>
    /// <exception cref="FormatException">A file holds something else than it should.</exception>
    public static WebApplication Build(string configFile, TimeProvider? clock = null)
    {
        HolderConfig config = HolderFiles.Read<HolderConfig>(configFile);
        string home = Path.GetDirectoryName(Path.GetFullPath(configFile))!;
        string data = Path.Combine(home, config.Data);
        TimeProvider time = clock ?? TimeProvider.System;
        RequestLog log = new(data);
        Evaluator evaluator = new(
            [.. config.Keys.Select(k => HolderFiles.Read<KeyFile>(Path.Combine(home, k)))], config.Platforms, log, time);
        byte[] account = Account(data);
        DailyCounts counts = new(evaluator.Holder, log, account, time);

        // Not the folder it is started in: the host watches all files below its content root.
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(config.Url);
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.AddServerHeader = false;
            k.Limits.MaxRequestBodySize = BodyMax;
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, HolderJson.Default));
        builder.Services.AddSingleton(log);
        builder.Services.AddSingleton(counts);
        if (config.Chain is { } chain)
            AddAnchor(builder, chain, account, data, time);
        WebApplication app = builder.Build();
        app.Lifetime.ApplicationStopped.Register(log.Dispose);
        Map(app, evaluator, counts);
        return app;
    }

    private static void Map(WebApplication app, Evaluator evaluator, DailyCounts counts)
    {
        app.MapPost("/evaluate", async (HttpRequest request, CancellationToken cancellation) =>
        {
            using MemoryStream body = new();
            await request.Body.CopyToAsync(body, cancellation);
            (EvaluateAnswer? answer, int status, HolderRefusal? refusal) =
                evaluator.Evaluate(body.ToArray(), request.Headers[HolderProtocol.SignatureHeader]);
            return answer is not null
                ? Results.Json(answer, HolderJson.Default.EvaluateAnswer)
                : Results.Json(refusal, HolderJson.Default.HolderRefusal, statusCode: status);
        });
        app.MapGet("/keys", () => evaluator.PublicKeys);
        app.MapGet("/counts/{day}", (string day) =>
            DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date)
            && counts.Of(date) is { } signed
                ? Results.Json(signed)
                : Results.NotFound());
        app.MapGet("/health/live", () => Results.Text($"holder {evaluator.Holder}, account {counts.Signer}"));
    }

    private static void AddAnchor(
        WebApplicationBuilder builder, ChainEntry chain, byte[] account, string data, TimeProvider time)
    {
        ChainClient client = new(new RpcClient(
            new HttpClient { Timeout = TimeSpan.FromSeconds(20) }, chain.Rpc.Select(r => new Uri(r))));
        DurableSender sender = new(
            client, new TransactionSigner(chain.ChainId, account), new SentFile(Path.Combine(data, "open.json")), time);
        builder.Services.AddSingleton(s => new CountAnchor(
            s.GetRequiredService<DailyCounts>(), s.GetRequiredService<RequestLog>(), client, sender,
            Address.Parse(chain.Registry), data, time, s.GetRequiredService<ILogger<CountAnchor>>()));
        builder.Services.AddHostedService(s => s.GetRequiredService<CountAnchor>());
    }

    /// <summary>The account that signs counts, made at first use.</summary>
    internal static byte[] Account(string data)
    {
        Directory.CreateDirectory(data);
        string path = Path.Combine(data, "account.json");
        if (File.Exists(path))
            return Convert.FromHexString(HolderFiles.Read<string>(path));
        byte[] key;
        do
            key = RandomNumberGenerator.GetBytes(Secp256k1.PrivateKeyLength);
        while (new Hash32(key).IsZero || new Hash32(key) >= Secp256k1.Order);
        HolderFiles.Write(path, Convert.ToHexStringLower(key), secret: true);
        return key;
    }
}
