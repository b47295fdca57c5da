using System.Text.Json;
using Chain.Core;
using Proofs;
using Proofs.Merkle;
using Proofs.Notes;

namespace ReceivablesAudit;

/// <summary>
/// Every event is a leaf of the log under one checkpoint, in the order of the feed; the checkpoint is signed and stands
/// in a block sealed by a quorum of the trust file's validators (services/docs/proof-format.md).
/// </summary>
internal sealed class Anchoring(Findings findings, byte[]? trust)
{
    private Checkpoint? _checkpoint;
    private string? _note;
    private ChainPart? _chain;
    private bool _chainChecked;
    private long _lastIndex = -1;
    private string? _without;

    /// <summary>Events found in the log.</summary>
    public long Proven { get; private set; }

    /// <summary>The block that holds the newest checkpoint, or why it is not known.</summary>
    public string Block { get; private set; } = "not checked: the export has no checkpoint";

    /// <summary>Of the trust file.</summary>
    public string? Fingerprint { get; } = trust is null ? null : TrustFile.Fingerprint(trust);

    public void On(ExportLine line)
    {
        if (line.Has("format"))
            Begin(line);
        else if (line.IsEntry && line.Json.TryGetProperty("log", out JsonElement log))
            Entry(line, log);
        else if (line.IsEntry)
            _without ??= $"position {line.Json.Number("position")}";
    }

    private void Begin(ExportLine line)
    {
        (_note, _chain, _checkpoint, _chainChecked) = (line.Json.TextOr("checkpoint"), null, null, false);
        _without = null;
        if (_note is null)
            return;
        _checkpoint = SignedNote.Parse(_note) is { } note ? Checkpoint.Parse(note.Text) : null;
        if (_checkpoint is null)
            findings.Report("checkpoint-refuted", $"line {line.Number}", "a signed checkpoint", "another text");
        Block = trust is null ? "not checked: no trust file was given" : "not checked: no event is in the log";
        if (line.Json.TryGetProperty("chain", out JsonElement chain))
            _chain = Chain(chain);
    }

    private void Entry(ExportLine line, JsonElement log)
    {
        string place = $"position {line.Json.Number("position")}";
        long index = log.Number("index");
        byte[][] path = [.. log.List("path").Select(h => Convert.FromHexString(h.GetString()!))];
        bool inside = _checkpoint is { } checkpoint && MerkleTree.VerifyInclusion(
            (ulong)index, (ulong)checkpoint.Size, MerkleTree.LeafHash(line.Digest), path, checkpoint.Root);
        if (inside)
            Proven++;
        else
            findings.Report("log-inclusion", place, $"leaf {index} of the log", Convert.ToHexStringLower(line.Digest));
        // Only the newest may wait for the next checkpoint.
        if (_without is not null)
            findings.Report("log-missing", _without, "a leaf, because a later event has one", null);
        _without = null;
        if (index <= _lastIndex)
            findings.Report("log-order", place, $"an index above {_lastIndex}", index);
        _lastIndex = index;
        if (inside && !_chainChecked && trust is not null && _chain is not null)
            Verify(line, new LogPart(index, path, _note!), place);
    }

    /// <summary>The checkpoint, its signature, block and seals: once for each, with the event as its bundle.</summary>
    private void Verify(ExportLine line, LogPart log, string place)
    {
        _chainChecked = true;
        Bundle bundle = Bundle.WithDigest(new Hash32(line.Digest), log, _chain!);
        VerificationResult result = Verifier.Verify(bundle.ToBytes(), trust!);
        if (result.Answers is not { } answers)
        {
            findings.Report("checkpoint-refuted", place, "a readable bundle and trust file",
                $"{result.Unreadable} unreadable");
            return;
        }
        foreach ((string name, Answer answer) in new[] { ("log", answers.Log), ("chain", answers.Chain) })
        {
            if (answer.State != AnswerState.Proven)
                findings.Report("checkpoint-refuted", place, $"{name} proven", answer.Reason);
        }
        if (result.Block is { } block)
            Block = $"{block.Number} of {result.Group}, {block.Seals} seals of {block.Quorum} needed";
    }

    private static ChainPart Chain(JsonElement chain) => new(
        chain.GetProperty("header").GetBytesFromBase64(), chain.Number("transactionIndex"),
        [.. chain.List("transactionProof").Select(n => n.GetBytesFromBase64())],
        [.. chain.List("receiptProof").Select(n => n.GetBytesFromBase64())]);
}
