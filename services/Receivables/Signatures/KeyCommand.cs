using System.Text.Json.Serialization;
using Receivables.Parties;

namespace Receivables.Signatures;

/// <summary>What a party decides about its keys and rules, signed by its administrators.</summary>
/// <param name="CommandId">Chosen by the party and used once.</param>
/// <param name="Party">The organisation that acts.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(BindKey), "bind-key")]
[JsonDerivedType(typeof(RevokeKey), "revoke-key")]
[JsonDerivedType(typeof(SetPolicy), "set-policy")]
public abstract record KeyCommand(string CommandId, string Party)
{
    /// <summary>A key signs for the party from now on; its holder shows by a signature that it has the private key.</summary>
    public sealed record BindKey(
        string CommandId, string Party, string KeyId, string X, string Y, string Person, IReadOnlyList<SignerRole> Roles,
        long LimitFen, DateOnly ValidFrom, DateOnly ValidUntil) : KeyCommand(CommandId, Party)
    {
        /// <summary>The key.</summary>
        [JsonIgnore]
        public BoundKey Key => new(KeyId, X, Y, Person, Roles, LimitFen, ValidFrom, ValidUntil);
    }

    /// <summary>A key no longer signs.</summary>
    public sealed record RevokeKey(string CommandId, string Party, string KeyId, string Reason)
        : KeyCommand(CommandId, Party);

    /// <summary>How many people commands need.</summary>
    public sealed record SetPolicy(string CommandId, string Party, long SecondCheckerAboveFen)
        : KeyCommand(CommandId, Party);
}
