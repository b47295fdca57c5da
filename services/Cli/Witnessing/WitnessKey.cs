using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chain.Core;
using Proofs.Notes;

namespace Cli.Witnessing;

/// <summary>The key file of a witness: its name and its Ed25519 seed, readable by its owner only.</summary>
public static class WitnessKey
{
    /// <summary>Makes a key; a file that is there is never replaced.</summary>
    public static NoteSigner Create(string file, string? name)
    {
        if (File.Exists(file)) throw new UserException($"{file} exists; a witness keeps its key.");
        var seed = RandomNumberGenerator.GetBytes(32);
        name ??= $"witness-{Convert.ToHexStringLower(SHA256.HashData(Signer("-", seed).Public.PublicKey).AsSpan(0, 4))}";
        if (!SignedNote.IsKeyName(name)) throw new UserException($"'{name}' is no key name: visible ASCII without spaces and plus signs.");
        var content = new JsonObject { ["name"] = name, ["seed"] = Hex.ToString(seed) };
        PrivateFile.Write(Path.GetFullPath(file), JsonSerializer.SerializeToUtf8Bytes(content, CliJson.Default.JsonObject));
        return Signer(name, seed);
    }

    /// <summary>Reads a key.</summary>
    public static NoteSigner Read(FileInfo file)
    {
        if (!file.Exists) throw new UserException($"There is no file {file.FullName}. Make a key with ./apps witness key.");
        try
        {
            var content = JsonNode.Parse(File.ReadAllBytes(file.FullName))!;
            return Signer(content["name"]!.GetValue<string>(), Convert.FromHexString(content["seed"]!.GetValue<string>()));
        }
        catch (Exception e) when (e is JsonException or FormatException or NullReferenceException or InvalidOperationException or ArgumentException)
        {
            throw new UserException($"{file.FullName} is no key of a witness.");
        }
    }

    /// <summary>What the anchor's operator enters, without the address.</summary>
    public static JsonObject Public(NoteSigner signer) => new()
    {
        ["name"] = signer.Public.Name,
        ["key"] = Convert.ToBase64String(signer.Public.PublicKey),
    };

    /// <summary>The key as other software for transparency logs takes it (C2SP signed-note, verifier keys).</summary>
    public static string VerifierKey(NoteKey key) =>
        $"{key.Name}+{key.Id:x8}+{Convert.ToBase64String([(byte)key.Algorithm, .. key.PublicKey])}";

    private static NoteSigner Signer(string name, byte[] seed) => new(name, NoteAlgorithm.Cosignature, seed);
}
