using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Cli.Vouchers;

/// <summary>
/// A key whose holder writes its pages itself, as <c>signed-page/1</c> in English (services/docs/signed-pages.md), and
/// remembers the head of its chain: for programs that sign many commands. What it writes wrongly the service refuses.
/// Not for use by two threads at a time.
/// </summary>
/// <param name="key">The key.</param>
/// <param name="role">In what capacity it signs.</param>
public sealed class OwnPage(SigningKey key, string role)
{
    private readonly StringBuilder _text = new(1024);

    /// <summary>The key.</summary>
    public SigningKey Key { get; } = key;

    /// <summary>SHA-256 of the last page signed; null before the first.</summary>
    public string? Head { get; set; }

    /// <summary>Signs a page and moves the head; gives the approval as JSON.</summary>
    /// <param name="title">Title of the command's kind.</param>
    /// <param name="actor">The acting party as pages write it: <c>name (id)</c>.</param>
    /// <param name="command">The command's id.</param>
    /// <param name="members">The command's members, a line each.</param>
    /// <param name="consequence">Of the command's kind.</param>
    /// <param name="now">The time that the signer states.</param>
    public string Approve(
        string title, string actor, string command, ReadOnlySpan<string> members, string consequence, DateTimeOffset now)
    {
        var at = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var beijing = now.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        _text.Clear().Append("signed-page/1 en\n").Append(title).Append("\nActing party: ").Append(actor)
            .Append("\nCommand: ").Append(command).Append('\n');
        foreach (var member in members) _text.Append(member).Append('\n');
        _text.Append("Consequence: ").Append(consequence).Append("\nSigns as: ").Append(role)
            .Append("\nSigning key: ").Append(Key.Id).Append("\nPrevious signature: ").Append(Head ?? "none")
            .Append("\nTime of signing: ").Append(at).Append(" (").Append(beijing).Append(" in Beijing)\n");
        var page = Encoding.UTF8.GetBytes(_text.ToString());
        var hash = Convert.ToHexStringLower(SHA256.HashData(page));
        var previous = Head is null ? "null" : $"\"{Head}\"";
        Head = hash;
        return $$"""{"role":"{{role}}","keyId":"{{Key.Id}}","language":"en","at":"{{at}}","previous":{{previous}},"pageSha256":"{{hash}}","signature":"{{Key.Sign(page)}}"}""";
    }

    /// <summary>An amount as English pages write it.</summary>
    public static string Amount(long fen) => string.Create(CultureInfo.InvariantCulture, $"CNY {fen / 100m:N2}");
}
