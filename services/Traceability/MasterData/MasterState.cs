using ServiceDefaults;

namespace Traceability.MasterData;

/// <summary>What decisions about one thing of the master data need: whose it is, and what was said last.</summary>
/// <param name="Tenant">The organisation that described it first; it alone may describe it again.</param>
/// <param name="Described">The last description.</param>
/// <param name="Picture">Digest of the picture.</param>
/// <param name="Label">The last label.</param>
/// <param name="Links">The last links.</param>
/// <param name="Withdrawn">Whether a certificate was withdrawn.</param>
public sealed record MasterState(
    string? Tenant = null, MasterEvent? Described = null, string? Picture = null, MasterEvent.LabelPublished? Label = null,
    MasterEvent.ProductLinked? Links = null, bool Withdrawn = false)
{
    /// <summary>Before the first event.</summary>
    public static readonly MasterState Initial = new();

    /// <summary>Folds one event.</summary>
    public static MasterState Evolve(MasterState state, string tenant, MasterEvent e) => e switch
    {
        MasterEvent.ProductPictured pictured => state with { Picture = pictured.Picture.Sha256 },
        MasterEvent.LabelPublished label => state with { Label = label },
        MasterEvent.ProductLinked links => state with { Links = links },
        MasterEvent.CertificateWithdrawn => state with { Withdrawn = true },
        MasterEvent.ProductReassigned moved => state with { Tenant = moved.To },
        // The last that was accepted: a place passes to whose GLN it turns out to be.
        _ => state with { Tenant = tenant, Described = e },
    };
}

/// <summary>What is asked for.</summary>
public abstract record MasterCommand
{
    private MasterCommand()
    {
    }

    /// <summary>Describe it, for the first time or anew.</summary>
    /// <param name="As">What it is.</param>
    /// <param name="Confirmed">Whether an authority confirmed that the key is the caller's, whoever described it.</param>
    public sealed record Describe(MasterEvent As, bool Confirmed = false) : MasterCommand;

    /// <summary>Choose a product's picture.</summary>
    public sealed record ChoosePicture(string Gtin, FileContent Picture) : MasterCommand;

    /// <summary>Publish the next version of a label.</summary>
    public sealed record PublishLabel(
        string Gtin, DateTimeOffset Now, DateTimeOffset? ShownFrom, IReadOnlyList<LabelField> Fields) : MasterCommand;

    /// <summary>Set a product's links.</summary>
    public sealed record SetLinks(string Gtin, IReadOnlyList<ProductLink> Links) : MasterCommand;

    /// <summary>Move a product to another organisation; an authority's to decide.</summary>
    public sealed record Reassign(string Gtin, string To, string Basis) : MasterCommand;

    /// <summary>Withdraw a certificate.</summary>
    public sealed record Withdraw(string Number, DateOnly On, string Reason) : MasterCommand;
}

/// <summary>Decides; pure.</summary>
public static class MasterRules
{
    /// <summary>Another organisation has described this key.</summary>
    public const string Taken = "key-taken";

    /// <summary>It was never described.</summary>
    public const string Unknown = "not-described";

    /// <summary>A label can't be shown from a time that is past.</summary>
    public const string Backdated = "label-backdated";

    /// <summary>A later label is already due.</summary>
    public const string OutOfOrder = "label-out-of-order";

    /// <summary>The certificate was withdrawn.</summary>
    public const string Withdrawn = "certificate-withdrawn";

    /// <summary>What a command of a tenant comes to. Saying again what was said last changes nothing.</summary>
    public static Decision<MasterEvent> Decide(MasterState state, string tenant, MasterCommand command)
    {
        if (command is MasterCommand.Reassign r)
        {
            return state.Tenant is not { } from ? Refuse(Unknown)
                : from == r.To ? Nothing
                : Accept(new MasterEvent.ProductReassigned(r.Gtin, from, r.To, r.Basis));
        }
        if (state.Tenant is { } owner && owner != tenant && command is not MasterCommand.Describe { Confirmed: true })
            return Refuse(command is MasterCommand.Describe ? Taken : Unknown);
        return (state.Tenant, command) switch
        {
            (_, MasterCommand.Describe) when state.Withdrawn => Refuse(Withdrawn),
            (_, MasterCommand.Describe c) => state.Tenant == tenant && Same(state.Described, c.As) ? Nothing : Accept(c.As),
            (null, _) => Refuse(Unknown),
            (_, MasterCommand.ChoosePicture c) => state.Picture == c.Picture.Sha256
                ? Nothing
                : Accept(new MasterEvent.ProductPictured(c.Gtin, c.Picture)),
            (_, MasterCommand.PublishLabel c) => Publish(state.Label, c),
            (_, MasterCommand.SetLinks c) => Accept(new MasterEvent.ProductLinked(c.Gtin, c.Links)),
            (_, MasterCommand.Withdraw) when state.Withdrawn => Nothing,
            (_, MasterCommand.Withdraw c) => Accept(new MasterEvent.CertificateWithdrawn(c.Number, c.On, c.Reason)),
            _ => throw new InvalidOperationException($"{command.GetType().Name} is not a command of master data."),
        };
    }

    private static Decision<MasterEvent> Publish(MasterEvent.LabelPublished? last, MasterCommand.PublishLabel c)
    {
        DateTimeOffset from = c.ShownFrom ?? c.Now;
        if (from < c.Now)
            return Refuse(Backdated);
        if (last is not null && from <= last.ShownFrom)
            return Refuse(OutOfOrder);
        return Accept(new MasterEvent.LabelPublished(c.Gtin, (last?.Version ?? 0) + 1, from, c.Fields));
    }

    // Records compare lists by reference, so what would be stored is compared instead.
    private static bool Same(MasterEvent? before, MasterEvent now) =>
        before is not null && before.GetType() == now.GetType() && Text(before) == Text(now);

    private static string Text(MasterEvent e) =>
        System.Text.Json.JsonSerializer.Serialize(e, MasterJson.Default.GetTypeInfo(e.GetType())!);

    private static readonly Decision<MasterEvent> Nothing = new Decision<MasterEvent>.Accepted([]);

    private static Decision<MasterEvent> Accept(MasterEvent e) => new Decision<MasterEvent>.Accepted([e]);

    private static Decision<MasterEvent> Refuse(string rule) => new Decision<MasterEvent>.Refused(rule);
}
