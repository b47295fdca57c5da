using System.Security.Cryptography;
using System.Text;
using Prepaid.Custody;
using Prepaid.Draws;
using ServiceDefaults;
using Shouldly;
using Xunit;

namespace Services.Tests.Prepaid;

/// <summary>The custody bank's signed figure, and the places that a seed draws.</summary>
public sealed class SignedFigureTests : IDisposable
{
    private static readonly DateOnly Day = new(2026, 3, 2);
    private readonly ECDsa _bank = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static CustodyAccount Account => CustodyAccount.Evolve(
        CustodyAccount.Initial, new CustodyEvent.AccountOpened("622", "bank", []));

    private string Key => Convert.ToBase64String(_bank.ExportSubjectPublicKeyInfo());

    private BankKeys Registered => BankKeys.Evolve(BankKeys.Initial, new BankEvent.KeyRegistered(Key));

    public void Dispose() => _bank.Dispose();

    [Fact]
    public void A_figure_counts_only_with_the_banks_own_signature_over_merchant_account_day_and_balance()
    {
        SignFigure.Sign(Account, Registered, "gym", Signed("gym", Day, 5)).ShouldBeOfType<Decision<CustodyEvent>.Accepted>();
        SignFigure.Sign(Account, Registered, "spa", Signed("gym", Day, 5)).ShouldBeRefused("figure-signature-wrong");
        SignFigure.Sign(Account, Registered, "gym", Signed("gym", Day, 5) with { Fen = 6 })
            .ShouldBeRefused("figure-signature-wrong");
        SignFigure.Sign(Account, Registered, "gym", Signed("gym", Day, 5) with { Day = Day.AddDays(1) })
            .ShouldBeRefused("figure-signature-wrong");
        SignFigure.Sign(Account, BankKeys.Initial, "gym", Signed("gym", Day, 5)).ShouldBeRefused("bank-key-unknown");
        BankKeys ended = BankKeys.Evolve(Registered, new BankEvent.KeyRevoked(Key, "lost"));
        SignFigure.Sign(Account, ended, "gym", Signed("gym", Day, 5)).ShouldBeRefused("bank-key-unknown");
        BankKeys.Decide(ended, new BankEvent.KeyRegistered(Key)).ShouldBeRefused("bank-key-ended");
    }

    [Fact]
    public void A_day_has_one_figure_and_one_that_differs_from_the_statement_is_a_break()
    {
        CustodyAccount signed = CustodyAccount.Evolve(Account, Signed("gym", Day, 5));
        SignFigure.Sign(signed, Registered, "gym", Signed("gym", Day, 6)).ShouldBeRefused("figure-taken");
        CustodyAccount stated = CustodyAccount.Evolve(signed, new CustodyEvent.StatementImported(
            new BankStatement("s", "622", Day, 0, 4, [new BankEntry("r", 4, null)]), new string('a', 64)));
        Reconciliation.Of(Day, 0, null, stated, 0).Breaks.ShouldContain(Reconciliation.FigureDiffers);
    }

    [Fact]
    public void A_seed_draws_each_place_once_and_always_the_same()
    {
        byte[] seed = SHA256.HashData("block"u8);
        long[] places = [.. ReceiptDraw.Places(seed, 50)];
        places.Order().ShouldBe(Enumerable.Range(0, 50).Select(i => (long)i));
        ReceiptDraw.Places(seed, 50).Take(7).ShouldBe(places.Take(7));
        ReceiptDraw.Places(SHA256.HashData("other"u8), 50).Take(7).ShouldNotBe(places.Take(7));
        ReceiptDraw.Places(seed, 0).ShouldBeEmpty();
    }

    private CustodyEvent.FigureSigned Signed(string merchant, DateOnly day, long fen) => new(day, fen, Key,
        Convert.ToBase64String(_bank.SignData(
            Encoding.UTF8.GetBytes(SignedFigure.TextOf("bank", merchant, "622", day, fen)), HashAlgorithmName.SHA256)));
}
