using System.Text.Json;
using System.Text.Json.Serialization;
using Receivables.Maturity;
using Receivables.Parties;
using Receivables.Vouchers;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Receivables.Signatures;

/// <summary>A command that was read, with what signing needs of it.</summary>
/// <param name="Json">As its pages show it and as it is stored.</param>
/// <param name="Facts">What the rules of approval need.</param>
/// <param name="Party">The acting party.</param>
/// <param name="Voucher">The command for the ledger, or null.</param>
/// <param name="Keys">The command about keys, or null.</param>
/// <param name="Consent">A consent to a longer term, or null.</param>
internal sealed record SignedCommand(
    JsonElement Json, CommandFacts Facts, string Party, VoucherCommand? Voucher, KeyCommand? Keys,
    ConsentCommand? Consent = null)
{
    private const int TextLengthMax = 500;
    private const int ListLengthMax = 1_000;
    private const long IntegerMax = 9_007_199_254_740_991;

    public string Id => Facts.CommandId;

    /// <summary>The command about the account that the party is paid to, or null.</summary>
    public AccountCommand.SetAccount? Account { get; init; }

    /// <summary>Whether what it shows was filled in here and not sent.</summary>
    public bool Filled { get; private init; }

    /// <summary>The same with what its pages show of what it answers.</summary>
    public SignedCommand With(Shown shown) => Of(Voucher! with { Shown = shown }) with { Filled = true };

    /// <summary>Whether a stored command is this one; what was filled in may have changed since.</summary>
    public bool IsStoredAs(JsonElement stored) => JsonElement.DeepEquals(stored, Json)
        || Voucher is { } voucher && (Filled || voucher.Shown is null) && Read(stored).Voucher is { } known
        && JsonElement.DeepEquals(Of(known with { Shown = null }).Json, Of(voucher with { Shown = null }).Json);

    /// <summary>Reads a command.</summary>
    /// <exception cref="ProblemException">It is none.</exception>
    public static SignedCommand Read(JsonElement sent)
    {
        try
        {
            string kind = sent.ValueKind == JsonValueKind.Object && sent.TryGetProperty("kind", out JsonElement k)
                && k.ValueKind == JsonValueKind.String ? k.GetString()! : throw new JsonException();
            return kind is "bind-key" or "revoke-key" or "set-policy" ? OfKeys(sent)
                : kind == AccountCommand.Kind ? OfAccounts(sent)
                : kind == ConsentCommand.KindName ? OfConsent(sent) : OfVouchers(sent);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            throw new ProblemException(Problem.Of("command-malformed"));
        }
    }

    private static SignedCommand OfVouchers(JsonElement sent)
    {
        VoucherCommand command = sent.Deserialize(CommandJson.Default.VoucherCommand)!;
        if (command.Shown is not null && !Shown.IsNeeded(command))
            throw new JsonException();
        return Of(command);
    }

    /// <summary>A command of vouchers, with what signing needs of it.</summary>
    private static SignedCommand Of(VoucherCommand command)
    {
        JsonElement json = JsonSerializer.SerializeToElement(command, CommandJson.Default.VoucherCommand);
        RequireShape(json);
        return new SignedCommand(
            json, new CommandFacts(command.CommandId, Amount(command)), command.Party, command, null);
    }

    private static SignedCommand OfKeys(JsonElement sent)
    {
        KeyCommand command = sent.Deserialize(CommandJson.Default.KeyCommand)!;
        JsonElement json = JsonSerializer.SerializeToElement(command, CommandJson.Default.KeyCommand);
        RequireShape(json);
        BoundKey? key = (command as KeyCommand.BindKey)?.Key;
        if (key is not null)
            RequireKey(key);
        return new SignedCommand(
            json, new CommandFacts(command.CommandId, 0, ManagesKeys: true, key), command.Party, null, command);
    }

    private static SignedCommand OfAccounts(JsonElement sent)
    {
        AccountCommand.SetAccount command = sent.Deserialize(CommandJson.Default.AccountCommand)!.Checked();
        JsonElement json = JsonSerializer.SerializeToElement(command, CommandJson.Default.AccountCommand);
        RequireShape(json);
        return new SignedCommand(json, new CommandFacts(command.CommandId, 0), command.Party, null, null)
        {
            Account = command,
        };
    }

    private static SignedCommand OfConsent(JsonElement sent)
    {
        ConsentCommand command = sent.Deserialize(CommandJson.Default.ConsentCommand)!;
        JsonElement json = JsonSerializer.SerializeToElement(command, CommandJson.Default.ConsentCommand);
        RequireShape(json);
        return new SignedCommand(
            json, new CommandFacts(command.CommandId, command.FaceFen), command.Party, null, null, command);
    }

    private static void RequireKey(BoundKey key)
    {
        using P256Key? point = P256Key.Read(key.X, key.Y);
        if (point is null || point.KeyId != key.KeyId)
            throw new ProblemException(Problem.Of("signer-key-form"));
        if (key.Roles.Count == 0 || key.Roles.Contains(SignerRole.Holder) || key.Roles.Distinct().Count() != key.Roles.Count
            || key.LimitFen < 0 || key.ValidUntil < key.ValidFrom)
            throw new ProblemException(Problem.Of("signer-key-terms"));
    }

    /// <summary>What a command moves by its own words; see <see cref="Shown"/> for the others.</summary>
    private static long Amount(VoucherCommand command) => command switch
    {
        VoucherCommand.Issue c => c.FaceFen,
        VoucherCommand.TakeOver c => c.FaceFen,
        VoucherCommand.HandOver c => c.FaceFen,
        VoucherCommand.Transfer c => Sum(c.Parts.Select(p => p.Fen)),
        VoucherCommand.PayFromMany c => c.Fen,
        VoucherCommand.OfferPledge c => Sum(c.From.Select(s => s.Fen)),
        VoucherCommand.Sell c => Sum(c.From.Select(s => s.Fen)),
        VoucherCommand.Freeze c => c.Fen,
        _ => command.Shown?.Fen ?? 0,
    };

    private static long Sum(IEnumerable<long> parts)
    {
        UInt128 sum = 0;
        foreach (long part in parts)
            sum += part > 0 ? (UInt128)part : 0;
        return sum > IntegerMax ? IntegerMax : (long)sum;
    }

    /// <summary>Texts that pages and PostgreSQL carry unchanged, numbers that every JSON reader reads alike.</summary>
    private static void RequireShape(JsonElement value)
    {
        bool right = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString() is { Length: > 0 and <= TextLengthMax } text
                && text.IsWellFormed() && !text.Contains('\0'),
            JsonValueKind.Number => value.TryGetInt64(out long number) && number is >= 0 and <= IntegerMax,
            JsonValueKind.Array => value.GetArrayLength() is > 0 and <= ListLengthMax,
            _ => true,
        };
        if (!right)
            throw new ProblemException(Problem.Of(value.ValueKind == JsonValueKind.Number ? "amount-form" : "command-malformed"));
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in value.EnumerateArray())
                RequireShape(item);
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in value.EnumerateObject())
                RequireShape(member.Value);
        }
    }
}

/// <summary>How commands are read and stored: strict, nothing unknown, nothing missing.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(VoucherCommand))]
[JsonSerializable(typeof(KeyCommand))]
[JsonSerializable(typeof(AccountCommand))]
[JsonSerializable(typeof(ConsentCommand))]
internal sealed partial class CommandJson : JsonSerializerContext;
