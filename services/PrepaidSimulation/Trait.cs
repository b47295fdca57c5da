namespace PrepaidSimulation;

/// <summary>How custody is asked for where the merchant trades.</summary>
internal enum CustodyRule
{
    /// <summary>A share of today's balance.</summary>
    OfBalance,

    /// <summary>A share of the balance at the end of the last quarter.</summary>
    OfLastQuarter,

    /// <summary>No rule is known.</summary>
    None,
}

/// <summary>What a merchant is like all its life, whatever its fate: good ones have faults too.</summary>
internal sealed record Trait
{
    public required int Opened { get; init; }

    /// <summary>Sales of an ordinary day, fen.</summary>
    public required double Sales { get; init; }

    /// <summary>Mean price of a card or top-up, fen.</summary>
    public required double Ticket { get; init; }

    /// <summary>Share of what is owed that is redeemed on an ordinary day.</summary>
    public required double Use { get; init; }

    /// <summary>Swing of the year in sales, 0 to 1, and its peak.</summary>
    public required double Swing { get; init; }

    public required int Peak { get; init; }

    /// <summary>Gift as a share of cash on an ordinary day.</summary>
    public required double Gift { get; init; }

    public required CustodyRule Rule { get; init; }

    public required double Share { get; init; }

    /// <summary>What it keeps in custody above the rule.</summary>
    public required double Buffer { get; init; }

    /// <summary>Days until a shortfall is topped up; some good merchants are slow.</summary>
    public required int TopUpDays { get; init; }

    /// <summary>Complaints a day and 10,000 cards.</summary>
    public required double Complaints { get; init; }

    /// <summary>Refunds asked a day and 10,000 cards.</summary>
    public required double Refunds { get; init; }

    /// <summary>Days until a refund is paid.</summary>
    public required int RefundDays { get; init; }

    /// <summary>Chance a day that the feed fails for one to three days.</summary>
    public required double Silence { get; init; }

    /// <summary>Chance a day that the reconciliation is late.</summary>
    public required double Late { get; init; }

    public static Trait Of(Dice dice)
    {
        bool sloppy = dice.Happens(0.12);
        return new Trait
        {
            Opened = dice.Happens(0.25) ? dice.Whole(30, 330) : 0,
            Sales = 300_000 * dice.Factor(0.9),
            Ticket = 50_000 * dice.Factor(0.6),
            Use = 1 / dice.Between(60, 300),
            Swing = dice.Between(0, 0.5),
            Peak = dice.Whole(0, 364),
            Gift = dice.Between(0.02, 0.2),
            Rule = (CustodyRule)dice.Whole(0, 2),
            Share = dice.Happens(0.5) ? 0.4 : 0.2,
            Buffer = dice.Between(0, 0.15),
            TopUpDays = sloppy ? dice.Whole(4, 14) : dice.Whole(1, 3),
            Complaints = 0.6 * dice.Factor(0.6),
            Refunds = 1.5 * dice.Factor(0.5),
            RefundDays = sloppy ? dice.Whole(8, 22) : dice.Whole(2, 12),
            Silence = sloppy ? 0.01 : 0.003,
            Late = sloppy ? 0.08 : 0.015,
        };
    }
}
