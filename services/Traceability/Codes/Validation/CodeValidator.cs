using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Traceability.Codes.Batches;
using Traceability.Codes.Foreign;
using Traceability.Codes.Keys;
using Traceability.Codes.Serials;

namespace Traceability.Codes.Validation;

/// <summary>What can be said of a code.</summary>
public enum CodeStanding
{
    /// <summary>Nobody here issued it.</summary>
    NotOurs,

    /// <summary>It was issued and should not be on goods yet, or not any more.</summary>
    NotInUse,

    /// <summary>It is on goods.</summary>
    InUse,
}

/// <summary>An activation as it stands.</summary>
public sealed record CodeActivation(
    Guid Id, Guid EventId, CodeRange Range, string Lot, string? Line, string? Dealer, DateTimeOffset At);

/// <summary>A batch as the validator holds it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Tenant">The organisation that issued it.</param>
/// <param name="Gtin">14 digits.</param>
/// <param name="Opened">Its parameters.</param>
/// <param name="Printed">Counters printed and not destroyed.</param>
/// <param name="Destroyed">Counters destroyed.</param>
/// <param name="Activations">By their ranges, which don't overlap.</param>
public sealed record KnownBatch(
    Guid Id, string Tenant, string Gtin, CodeBatchEvent.Opened Opened, RangeSet Printed, RangeSet Destroyed,
    ImmutableArray<CodeActivation> Activations)
{
    /// <summary>When it was opened.</summary>
    public DateTimeOffset OpenedAt { get; init; }

    /// <summary>The serial of a counter.</summary>
    internal string SerialOf(SerialKey key, int counter)
    {
        long gtin = long.Parse(Gtin, CultureInfo.InvariantCulture);
        return Opened.Mode == SerialMode.Numeric
            ? NumericSerial.Of(key, gtin, Opened.First + counter).ToString(CultureInfo.InvariantCulture)
            : Serial.Of(key, gtin, Opened.Number, counter);
    }

    /// <summary>The activation of a counter.</summary>
    public CodeActivation? ActivationOf(int counter)
    {
        int after = CountFrom(counter);
        return after > 0 && Activations[after - 1].Range.Contains(counter) ? Activations[after - 1] : null;
    }

    /// <summary>The batch with an activation more, or with it as it is now.</summary>
    internal KnownBatch With(CodeActivation activation)
    {
        int after = CountFrom(activation.Range.From);
        return this with
        {
            Activations = after > 0 && Activations[after - 1].Range.From == activation.Range.From
                ? Activations.SetItem(after - 1, activation)
                : Activations.Insert(after, activation),
        };
    }

    /// <summary>How many activations begin at a counter or before it.</summary>
    private int CountFrom(int counter)
    {
        int low = 0;
        int high = Activations.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Activations[middle].Range.From > counter)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }
}

/// <summary>What the validator found.</summary>
/// <param name="Standing">One of three answers.</param>
/// <param name="Gtin">14 digits.</param>
/// <param name="Serial">Corrected.</param>
/// <param name="Reason">Why it is not in use: <c>not-printed</c>, <c>not-activated</c> or <c>destroyed</c>.</param>
/// <param name="Batch">The batch; null for imported codes.</param>
/// <param name="Counter">Position in the batch.</param>
/// <param name="Activation">The lot it is bound to.</param>
/// <param name="List">The list that an imported code stands in.</param>
public sealed record CodeFinding(
    CodeStanding Standing, string? Gtin, string Serial, string? Reason = null, KnownBatch? Batch = null,
    int Counter = -1, CodeActivation? Activation = null, KnownList? List = null)
{
    /// <summary>The organisation that issued or imported it.</summary>
    public string? Tenant => Batch?.Tenant ?? List?.Tenant;
}

/// <summary>
/// Answers whether a code is ours and in use, from memory: parameters of batches, ranges and keys. Safe for many
/// threads;
/// <see cref="CodeTables"/> keeps it up to date.
/// </summary>
public sealed class CodeValidator
{
    private readonly CodeKeys _keys;
    private readonly ConcurrentDictionary<string, GtinBatches> _byGtin = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, KnownBatch> _byId = new();
    private readonly ForeignCodes _foreign = new();

    internal CodeValidator(CodeKeys keys) => _keys = keys;

    internal ForeignCodes Foreign => _foreign;

    /// <summary>How many batches are known.</summary>
    public int BatchCount => _byId.Count;

    /// <summary>An organisation's imported lists, newest first.</summary>
    public IEnumerable<KnownList> ListsOf(string tenant) => _foreign.Of(tenant);

    /// <summary>A batch by its id.</summary>
    public KnownBatch? Batch(Guid id) => _byId.GetValueOrDefault(id);

    /// <summary>Whether anybody has codes of a GTIN issued here, whosever it is.</summary>
    public bool IsIssued(string gtin) => _byGtin.ContainsKey(gtin);

    /// <summary>
    /// Who has codes of a GTIN issued here, and since when. Before a product is described anybody can have some issued.
    /// </summary>
    public IReadOnlyDictionary<string, DateTimeOffset> IssuersOf(string gtin) =>
        _byGtin.TryGetValue(gtin, out GtinBatches? batches)
            ? batches.ByNumber.Values.GroupBy(b => b.Tenant, StringComparer.Ordinal)
                .ToDictionary(b => b.Key, b => b.Min(x => x.OpenedAt), StringComparer.Ordinal)
            : new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);

    /// <summary>Looks a text up that a scanner or a person gave.</summary>
    public CodeFinding Find(string text) => ItemCode.TryParse(text, out ItemCode code)
        ? Find(code)
        : new CodeFinding(CodeStanding.NotOurs, null, text);

    /// <summary>Looks a code up.</summary>
    public CodeFinding Find(ItemCode code)
    {
        if (code.Gtin is { } gtin && _byGtin.TryGetValue(gtin, out GtinBatches? batches))
        {
            if (Serial.Correct(code.Serial) is { } corrected && FindText(gtin, corrected, batches) is { } text)
                return text;
            if (FindNumeric(gtin, code.Serial, batches) is { } numeric)
                return numeric;
        }
        return _foreign.Find(code) is { } list
            ? new CodeFinding(CodeStanding.InUse, code.Gtin, code.Serial, List: list)
            : new CodeFinding(CodeStanding.NotOurs, code.Gtin, code.Serial);
    }

    /// <summary>Takes a batch in, or what became of it.</summary>
    internal void Learn(KnownBatch batch)
    {
        _keys.Expect(batch.Opened.KeyVersion);
        _byId[batch.Id] = batch;
        _byGtin.AddOrUpdate(
            batch.Gtin, static (_, b) => GtinBatches.Empty.With(b), static (_, known, b) => known.With(b), batch);
    }

    private CodeFinding? FindText(string gtin, string serial, GtinBatches batches)
    {
        if (_keys.Find(Serial.VersionOf(serial)) is not { } key
            || !Serial.TryRead(
                key, long.Parse(gtin, CultureInfo.InvariantCulture), serial, out int number, out int counter)
            || !batches.ByNumber.TryGetValue(number, out KnownBatch? batch)
            || batch.Opened.Mode != SerialMode.Text || batch.Opened.KeyVersion != key.Version
            || counter >= batch.Opened.Count)
            return null;
        return Standing(batch, counter, serial);
    }

    private CodeFinding? FindNumeric(string gtin, string serial, GtinBatches batches)
    {
        if (!NumericSerial.TryParse(serial, out long number)
            || _keys.Find(NumericSerial.VersionOf(number)) is not { } key
            || !NumericSerial.TryRead(key, long.Parse(gtin, CultureInfo.InvariantCulture), number, out long position))
            return null;
        foreach (KnownBatch batch in batches.Numeric)
        {
            if (batch.Opened.KeyVersion == key.Version && position >= batch.Opened.First
                && position < batch.Opened.First + batch.Opened.Count)
                return Standing(batch, (int)(position - batch.Opened.First), serial);
        }
        return null;
    }

    private static CodeFinding Standing(KnownBatch batch, int counter, string serial)
    {
        CodeActivation? activation = batch.ActivationOf(counter);
        string? reason = batch.Destroyed.Contains(counter) ? "destroyed"
            : !batch.Printed.Contains(counter) ? "not-printed"
            : batch.Opened.Activation == Activation.Required && activation is null ? "not-activated"
            : null;
        return new CodeFinding(
            reason is null ? CodeStanding.InUse : CodeStanding.NotInUse, batch.Gtin, serial, reason, batch, counter,
            activation);
    }

    private sealed record GtinBatches(ImmutableDictionary<int, KnownBatch> ByNumber, ImmutableArray<KnownBatch> Numeric)
    {
        public static readonly GtinBatches Empty = new(ImmutableDictionary<int, KnownBatch>.Empty, []);

        public GtinBatches With(KnownBatch batch) => new(
            ByNumber.SetItem(batch.Opened.Number, batch),
            batch.Opened.Mode == SerialMode.Numeric
                ? [.. Numeric.Where(b => b.Id != batch.Id), batch]
                : Numeric);
    }
}
