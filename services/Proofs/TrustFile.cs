using System.Security.Cryptography;
using Chain.Core;
using Proofs.Json;
using Proofs.Notes;

namespace Proofs;

/// <summary>A contract of a chain group.</summary>
/// <param name="Name">Its name, for example <c>AnchorRegistry</c>.</param>
/// <param name="Address">Where it is.</param>
/// <param name="CodeHash">Keccak-256 of its code.</param>
public sealed record TrustedContract(string Name, Address Address, Hash32 CodeHash);

/// <summary>A log of a chain group: one for each epoch.</summary>
/// <param name="Origin">Origin line of its checkpoints, also the name of its key.</param>
/// <param name="PublicKey">Ed25519 public key, 32 bytes.</param>
public sealed record TrustedLog(string Origin, byte[] PublicKey);

/// <summary>A witness whose cosignatures are accepted.</summary>
/// <param name="Name">Name of its key.</param>
/// <param name="PublicKey">Ed25519 public key, 32 bytes.</param>
public sealed record TrustedWitness(string Name, byte[] PublicKey);

/// <summary>A validator set in force from a block on, with the proof that the set before it adopted it.</summary>
/// <param name="From">First block that the set seals; 0 for the set of genesis.</param>
/// <param name="Addresses">Its members, ascending.</param>
/// <param name="Proof">Null for the set of genesis.</param>
public sealed record ValidatorSet(long From, IReadOnlyList<Address> Addresses, ValidatorSetProof? Proof);

/// <summary>Proof of a validator set by the state of the block before its first.</summary>
/// <param name="Header">RLP of the header of block From − 1, sealed by the set before.</param>
/// <param name="AccountProof">Trie nodes of the Governance account under the header's state root.</param>
/// <param name="StorageProofs">Trie nodes for the length of the list of validators, then for each element.</param>
public sealed record ValidatorSetProof(
    byte[] Header, IReadOnlyList<byte[]> AccountProof, IReadOnlyList<IReadOnlyList<byte[]>> StorageProofs);

/// <summary>A recent block that is known to be of the right history.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Hash">Its hash.</param>
public sealed record PinnedBlock(long Number, Hash32 Hash);

/// <summary>
/// What a verifier has to be told about a chain group, format <c>anchor-trust/1</c> (services/docs/proof-format.md).
/// </summary>
public sealed record TrustFile
{
    /// <summary>The name of the format.</summary>
    public const string Format = "anchor-trust/1";

    /// <summary>Name of the chain group.</summary>
    public required string Group { get; init; }

    /// <summary>Chain id of the group.</summary>
    public required long ChainId { get; init; }

    /// <summary>Hash of the group's genesis block.</summary>
    public required Hash32 GenesisHash { get; init; }

    /// <summary>AnchorRegistry first, then Governance, then others.</summary>
    public required IReadOnlyList<TrustedContract> Contracts { get; init; }

    /// <summary>Log of each epoch, epoch 0 first.</summary>
    public required IReadOnlyList<TrustedLog> Logs { get; init; }

    /// <summary>Witnesses, perhaps none.</summary>
    public required IReadOnlyList<TrustedWitness> Witnesses { get; init; }

    /// <summary>Validator sets, ascending by first block.</summary>
    public required IReadOnlyList<ValidatorSet> Validators { get; init; }

    /// <summary>A recent block, or null.</summary>
    public PinnedBlock? Pin { get; init; }

    /// <summary>The registry of checkpoints.</summary>
    public TrustedContract Registry => Contracts[0];

    /// <summary>The contract that holds the validators.</summary>
    public TrustedContract Governance => Contracts[1];

    /// <summary>The short form that members publish: the first 16 bytes of SHA-256, eight groups of four digits.</summary>
    public static string Fingerprint(ReadOnlySpan<byte> bytes) =>
        string.Join('-', Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16)).Chunk(4).Select(c => new string(c)));

    /// <summary>
    /// Reads a trust file and checks the proof of every validator set; null unless the bytes are the one form of a
    /// trust file and every set is proven.
    /// </summary>
    public static TrustFile? Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Bundle.MaxBytes || CanonicalJson.Parse(utf8) is not { } json)
            return null;
        try
        {
            var file = Read(new Members(json));
            return ValidatorHistory.IsProven(file) ? file : null;
        }
        catch (MisshapenException)
        {
            return null;
        }
    }

    /// <summary>The file's one form.</summary>
    public byte[] ToBytes()
    {
        var members = new List<(string, JsonValue)>
        {
            ("format", new JsonString(Format)),
            ("group", new JsonString(Group)),
            ("chainId", new JsonInteger(ChainId)),
            ("genesisHash", HexOf(GenesisHash.Bytes)),
            ("contracts", Array(Contracts, c => JsonObject.Of(("name", new JsonString(c.Name)),
                ("address", HexOf(c.Address.Bytes)), ("codeHash", HexOf(c.CodeHash.Bytes))))),
            ("logs", Array(Logs, l => JsonObject.Of(("origin", new JsonString(l.Origin)), Key(l.PublicKey)))),
            ("witnesses", Array(Witnesses, w => JsonObject.Of(("name", new JsonString(w.Name)), Key(w.PublicKey)))),
            ("validators", Array(Validators, SetToJson)),
        };
        if (Pin is { } pin)
        {
            members.Add(("pin", JsonObject.Of(("number", new JsonInteger(pin.Number)), ("hash", HexOf(pin.Hash.Bytes)))));
        }
        return CanonicalJson.Write(JsonObject.Of(members));
    }

    private static TrustFile Read(Members members)
    {
        members.Constant("format", Format);
        var file = new TrustFile
        {
            Group = members.Text("group"),
            ChainId = members.Number("chainId"),
            GenesisHash = members.Hash("genesisHash"),
            Contracts = members.List("contracts", ReadContract),
            Logs = members.List("logs", ReadLog),
            Witnesses = members.List("witnesses", ReadWitness),
            Validators = members.List("validators", ReadSet),
            Pin = members.Has("pin") ? ReadPin(members.Object("pin")) : null,
        };
        members.End();
        Members.Require(file.Contracts.Count >= 2 && file.Registry.Name == "AnchorRegistry"
            && file.Governance.Name == "Governance" && Distinct(file.Contracts.Select(c => c.Name))
            && Distinct(file.Contracts.Select(c => c.Address)));
        Members.Require(file.Logs.Count >= 1
            && Distinct(file.Logs.Select(l => l.Origin).Concat(file.Witnesses.Select(w => w.Name))));
        return file;
    }

    private static TrustedContract ReadContract(JsonValue value)
    {
        var members = new Members(value);
        var contract = new TrustedContract(members.Text("name"), members.Address("address"), members.Hash("codeHash"));
        members.End();
        return contract;
    }

    private static TrustedLog ReadLog(JsonValue value)
    {
        var (name, key) = ReadKey(value, "origin");
        return new TrustedLog(name, key);
    }

    private static TrustedWitness ReadWitness(JsonValue value)
    {
        var (name, key) = ReadKey(value, "name");
        return new TrustedWitness(name, key);
    }

    private static (string Name, byte[] Key) ReadKey(JsonValue value, string nameMember)
    {
        var members = new Members(value);
        var (name, key) = (members.Text(nameMember), members.Base64("publicKey", Ed25519.PublicKeySize));
        members.End();
        Members.Require(SignedNote.IsKeyName(name));
        return (name, key);
    }

    private static ValidatorSet ReadSet(JsonValue value)
    {
        var members = new Members(value);
        var from = members.Number("from");
        var addresses = members.List("addresses", a => new Address(Members.Hex(a, Address.Length)));
        var proof = from == 0 ? null : new ValidatorSetProof(members.Base64("header"),
            members.List("accountProof", Members.Base64), members.List("storageProofs", ReadNodes));
        members.End();
        for (var i = 1; i < addresses.Count; i++)
            Members.Require(addresses[i - 1] < addresses[i]);
        Members.Require(addresses.Count > 0);
        return new ValidatorSet(from, addresses, proof);
    }

    private static IReadOnlyList<byte[]> ReadNodes(JsonValue value) =>
        value is JsonArray array ? [.. array.Items.Select(Members.Base64)] : throw new MisshapenException();

    private static PinnedBlock ReadPin(Members members)
    {
        var pin = new PinnedBlock(members.Number("number"), members.Hash("hash"));
        members.End();
        return pin;
    }

    private static JsonObject SetToJson(ValidatorSet set)
    {
        var members = new List<(string, JsonValue)>
        {
            ("from", new JsonInteger(set.From)),
            ("addresses", Array(set.Addresses, a => HexOf(a.Bytes))),
        };
        if (set.Proof is { } proof)
        {
            members.Add(("header", new JsonString(Convert.ToBase64String(proof.Header))));
            members.Add(("accountProof", ChainPart.Nodes(proof.AccountProof)));
            members.Add(("storageProofs", Array(proof.StorageProofs, ChainPart.Nodes)));
        }
        return JsonObject.Of(members);
    }

    private static (string, JsonValue) Key(byte[] key) => ("publicKey", new JsonString(Convert.ToBase64String(key)));

    private static JsonString HexOf(ReadOnlySpan<byte> bytes) => new(Hex.ToString(bytes));

    private static JsonArray Array<T>(IReadOnlyList<T> items, Func<T, JsonValue> write) => new([.. items.Select(write)]);

    private static bool Distinct<T>(IEnumerable<T> items)
    {
        var seen = new HashSet<T>();
        return items.All(seen.Add);
    }
}
