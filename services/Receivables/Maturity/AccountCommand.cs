using System.Text.Json.Serialization;
using EventStore;
using Receivables.Signatures;
using ServiceDefaults.Problems;

namespace Receivables.Maturity;

/// <summary>What a party decides about the account that it is paid to, signed by a maker and a checker.</summary>
/// <param name="CommandId">Chosen by the party and used once.</param>
/// <param name="Party">The organisation that acts.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SetAccount), Kind)]
public abstract record AccountCommand(string CommandId, string Party)
{
    /// <summary>The only kind.</summary>
    public const string Kind = "set-account";

    /// <summary>It wants to be paid to this account, once a bank has confirmed that it is its own.</summary>
    /// <param name="CommandId">Chosen by the party and used once.</param>
    /// <param name="Party">The organisation that acts.</param>
    /// <param name="Bank">The bank's number (联行号).</param>
    /// <param name="Number">Its number there.</param>
    public sealed record SetAccount(string CommandId, string Party, string Bank, string Number)
        : AccountCommand(CommandId, Party);

    /// <summary>The command, where its numbers are digits: one way of writing each account.</summary>
    /// <exception cref="ProblemException">They are not.</exception>
    internal SetAccount Checked() => this is SetAccount c && ReceiptId.IsBank(c.Bank) && ReceiptId.IsBank(c.Number)
        ? c : throw new ProblemException(Problem.Of("account-form"));

    /// <summary>Records it together with who approved it.</summary>
    internal static async Task ExecuteAsync(
        Session session, SetAccount c, IReadOnlyList<AppendedWith> record, CancellationToken cancellation)
    {
        string name = ClearingEvents.PayoutStream(c.Party);
        WritableStream<PayoutState> stream = await session.FetchForWriting<PayoutState>(name, cancellation);
        stream.AppendMany(PayoutState.Set(stream.Aggregate, new AccountSet(c.CommandId, c.Party, c.Bank, c.Number))
            .EventsOrProblem());
        foreach (AppendedWith e in record)
            session.Append(e.Stream, e.ExpectedVersion, e.Event);
        await session.SaveChangesAsync(cancellation);
    }
}
