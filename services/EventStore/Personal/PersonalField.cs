using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace EventStore.Personal;

/// <summary>
/// Personal data as it stands in an event: a commitment that stays valid after the person's key, and with it the
/// readable value, is erased.
/// </summary>
/// <param name="Commit">SHA-256 of (16 random bytes ‖ value), 64 lower-case hexadecimal characters.</param>
/// <param name="Box">Base64 of nonce (12) ‖ AES-256-GCM ciphertext of the same plaintext ‖ tag (16).</param>
public sealed record PersonalField(
    [property: JsonPropertyName("commit")] string Commit,
    [property: JsonPropertyName("box")] string Box)
{
    /// <summary>Whether <paramref name="opened"/> is what the commitment was made of: what a third party checks.</summary>
    public bool Matches(PersonalValue opened) =>
        CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Commit), Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(opened.Plaintext()))));
}

/// <summary>An opened personal field. Handing these two to a third party opens this one field and reveals no key.</summary>
/// <param name="Random">16 random bytes.</param>
/// <param name="Value">The clear text.</param>
public sealed record PersonalValue(ReadOnlyMemory<byte> Random, string Value)
{
    internal byte[] Plaintext() => [.. Random.Span, .. Encoding.UTF8.GetBytes(Value)];
}

/// <summary>The key of one person; dispose it after use.</summary>
public sealed class PersonKey : IDisposable
{
    private const int RandomBytes = 16;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private readonly AesGcm _aes;

    internal PersonKey(string person, byte[] key)
    {
        Person = person;
        _aes = new AesGcm(key, TagBytes);
    }

    /// <summary>Pseudonymous id of the person.</summary>
    public string Person { get; }

    /// <summary>Seals <paramref name="value"/> for one field of one event.</summary>
    /// <param name="eventId">Id of the event that will carry the field.</param>
    /// <param name="field">Path of the field in the event's data, for example <c>holder.name</c>.</param>
    /// <param name="value">The clear text.</param>
    public PersonalField Seal(Guid eventId, string field, string value)
    {
        var plaintext = new PersonalValue(RandomNumberGenerator.GetBytes(RandomBytes), value).Plaintext();
        var box = new byte[NonceBytes + plaintext.Length + TagBytes];
        var nonce = box.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        _aes.Encrypt(
            nonce, plaintext, box.AsSpan(NonceBytes, plaintext.Length), box.AsSpan(box.Length - TagBytes),
            AssociatedData(eventId, field));
        return new PersonalField(
            Convert.ToHexStringLower(SHA256.HashData(plaintext)), Convert.ToBase64String(box));
    }

    /// <summary>Opens a field that was sealed for this event and path.</summary>
    /// <exception cref="CryptographicException">The box is of another person, event or field, or was changed.</exception>
    public PersonalValue Open(Guid eventId, string field, PersonalField sealedField)
    {
        ArgumentNullException.ThrowIfNull(sealedField);
        var box = Convert.FromBase64String(sealedField.Box);
        if (box.Length < NonceBytes + RandomBytes + TagBytes) throw new CryptographicException("The box is too short.");
        var plaintext = new byte[box.Length - NonceBytes - TagBytes];
        _aes.Decrypt(
            box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes, plaintext.Length), box.AsSpan(box.Length - TagBytes),
            plaintext, AssociatedData(eventId, field));
        return new PersonalValue(plaintext.AsMemory(0, RandomBytes), Encoding.UTF8.GetString(plaintext.AsSpan(RandomBytes)));
    }

    /// <inheritdoc/>
    public void Dispose() => _aes.Dispose();

    private static byte[] AssociatedData(Guid eventId, string field) =>
        Encoding.UTF8.GetBytes($"{eventId:D}\n{field}");
}
