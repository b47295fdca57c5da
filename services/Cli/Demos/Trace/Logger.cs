using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Cli.Demos.Trace;

/// <summary>A temperature logger with a key of its own: its owner sends the blocks on and can't change a reading.</summary>
public sealed class Logger : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _name;
    private readonly Party _owner;

    private Logger(Party owner, string name) => (_owner, _name) = (owner, name);

    /// <summary>Registers a logger for chilled goods, whose key is kept with the set.</summary>
    public static async Task<Logger> RegisterAsync(Party owner, string name, Run run, Action<Run> keep, CancellationToken cancel)
    {
        var logger = new Logger(owner, name);
        if (run.Secrets.TryGetValue(name, out var kept))
        {
            logger._key.ImportPkcs8PrivateKey(Convert.FromBase64String(kept), out _);
        }
        else
        {
            run.Secrets[name] = Convert.ToBase64String(logger._key.ExportPkcs8PrivateKey());
            keep(run);
        }

        await owner.PutAsync($"sensors/{name}", new JsonObject
        {
            ["algorithm"] = "ecdsa-p256",
            ["key"] = Convert.ToBase64String(logger._key.ExportSubjectPublicKeyInfo()),
            ["name"] = "车载温度记录仪 / vehicle logger",
            ["measure"] = "Temperature",
            ["unit"] = "CEL",
            ["min"] = -1,
            ["max"] = 4,
            ["toleratedMinutes"] = 30,
        }, cancel);
        return logger;
    }

    /// <summary>Sends a block on; one that was sent before is left as it is.</summary>
    /// <returns>The answer, or null where the service has the block already.</returns>
    public async Task<JsonObject?> SendAsync(int sequence, string subject, byte[] csv, CancellationToken cancel, bool forged = false)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $"{_name}\n{sequence}\n{subject}\n");
        var signature = _key.SignData([.. Encoding.UTF8.GetBytes(head), .. csv], HashAlgorithmName.SHA256);
        var content = Party.Text(forged ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(csv).Replace(",9", ",3", StringComparison.Ordinal)) : csv, "text/csv");
        content.Headers.TryAddWithoutValidation("Device-Signature", Convert.ToBase64String(signature));
        var path = string.Create(CultureInfo.InvariantCulture, $"sensors/{_name}/blocks?sequence={sequence}&subject={Uri.EscapeDataString(subject)}");
        var response = await _owner.TryAsync(HttpMethod.Post, path, content, cancel);
        if (forged)
        {
            await Narration.RefusedAsync(response, response.StatusCode, "sensor-signature-wrong", cancel);
            return null;
        }

        if (response.StatusCode != HttpStatusCode.Conflict) return await Api.ReadAsync(response, cancel);
        response.Dispose();
        return null;
    }

    /// <summary>A reading every five minutes around 2 °C, and a warm hour where the doors stood open.</summary>
    public static byte[] Readings(DateTimeOffset from, int count, int warmAt = -1)
    {
        var text = new StringBuilder("time,value\n");
        for (var i = 0; i < count; i++)
        {
            var celsius = 2.1m + 0.2m * (i % 5 - 2);
            if (warmAt >= 0 && i >= warmAt && i < warmAt + 12) celsius = 9.4m - 0.6m * Math.Abs(i - warmAt - 6);
            text.Append(CultureInfo.InvariantCulture, $"{Happening.Time(from.AddMinutes(5 * i))},{celsius}\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public void Dispose() => _key.Dispose();
}
