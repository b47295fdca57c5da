namespace Receivables.Signatures;

/// <summary>
/// A small or medium enterprise agrees to be paid later than by law, of its own free will and before the issue (国务院令第802号
/// art. 9(2)): its own people sign it, so that no debtor can write it for it.
/// </summary>
/// <param name="CommandId">Chosen by the party and used once.</param>
/// <param name="Party">The creditor.</param>
/// <param name="Debtor">Who may pay later.</param>
/// <param name="FaceFen">Up to which amount of one voucher.</param>
/// <param name="DueDate">The latest day of payment.</param>
/// <param name="Free">Whether nothing was made to depend on it, as its signers state.</param>
public sealed record ConsentCommand(
    string CommandId, string Party, string Debtor, long FaceFen, DateOnly DueDate, bool Free)
{
    /// <summary>The command's kind.</summary>
    public const string KindName = "consent-to-term";

    /// <summary>The kind, as commands have it.</summary>
    public string Kind => KindName;
}
