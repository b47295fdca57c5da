using System.Security.Cryptography;
using System.Text;
using Chain.Core;
using Proofs.Json;
using Proofs.Notes;

namespace Proofs;

/// <summary>The third answer: the checkpoint is recorded by the registry in a block sealed by a quorum.</summary>
internal static class ChainCheck
{
    private static readonly Hash32 CheckpointRecorded =
        Keccak256.Hash("CheckpointRecorded(bytes32,uint64,bytes32,uint64)"u8);

    /// <summary>The answer, and the block where it is proven.</summary>
    public static (Answer Answer, ProvingBlock? Block) Check(ChainPart chain, Checkpoint checkpoint, TrustFile trust)
    {
        if (ReadHeader(chain.Header) is not { } header)
            return (Answer.Refuted(Reason.HeaderForm), null);
        var hash = header.Hash;
        if (trust.Pin is { } pin && (ulong)pin.Number == header.Number && pin.Hash != hash)
            return (Answer.Refuted(Reason.PinMismatch), null);
        if (Recorded(chain, header, checkpoint, trust, out var epoch) is { } broken)
            return (Answer.Refuted(broken), null);
        var validators = ValidatorHistory.InForce(trust, (long)header.Number);
        var answer = SealAnswer(header, validators, trust);
        if (answer.State != AnswerState.Proven)
            return (answer, null);
        header.TryGetExtraData(out var extraData);
        return (answer, new ProvingBlock((long)header.Number, hash, extraData.Seals.Count,
            Quorum.Size(validators.Addresses.Count), (long)epoch, (long)header.Timestamp));
    }

    /// <summary>Reads Cancun's 20 items in Besu's QBFT form, contract mode; null for every other header.</summary>
    public static BlockHeader? ReadHeader(ReadOnlySpan<byte> encoded)
    {
        if (!BlockHeader.TryDecode(encoded, out var header) || !header.TryGetExtraData(out var extraData)
            || header.ParentBeaconBlockRoot is null || header.RequestsHash is not null
            || header.Number > JsonInteger.Max || header.Timestamp > JsonInteger.Max)
        {
            return null;
        }
        return header.MixHash == BlockHeader.QbftMixHash && header.Difficulty == UInt256.One && header.Nonce == 0
            && header.OmmersHash == BlockHeader.EmptyOmmersHash
            && extraData.Validators.Count == 0 && extraData.Vote is null
            ? header
            : null;
    }

    private static string? Recorded(
        ChainPart chain, BlockHeader header, Checkpoint checkpoint, TrustFile trust, out ulong epoch)
    {
        epoch = 0;
        var key = new RlpWriter();
        key.Write((ulong)chain.TransactionIndex);
        if (TrieValue(header.TransactionsRoot, key.Written, chain.TransactionProof) is not { } encoded
            || !Transaction.TryDecode(encoded, out var transaction) || transaction.Type > TransactionType.DynamicFee)
        {
            return Reason.TransactionProof;
        }
        if (transaction.To != trust.Registry.Address || transaction.ChainId != (ulong)trust.ChainId)
            return Reason.TransactionTarget;
        if (TrieValue(header.ReceiptsRoot, key.Written, chain.ReceiptProof) is not { } bytes
            || !Receipt.TryDecode(bytes, out var receipt) || receipt.Type != transaction.Type)
        {
            return Reason.ReceiptProof;
        }
        if (!receipt.Succeeded)
            return Reason.ReceiptFailed;
        var logs = receipt.Logs.Where(l => l.Address == trust.Registry.Address
            && l.Topics.Count > 0 && l.Topics[0] == CheckpointRecorded).ToList();
        if (logs is not [{ Topics.Count: 3, Data.Length: 64 } log])
            return Reason.ReceiptLog;
        return IsCheckpoint(log, checkpoint, trust, out epoch) ? null : Reason.CheckpointNotOnChain;
    }

    private static bool IsCheckpoint(Log log, Checkpoint checkpoint, TrustFile trust, out ulong epoch)
    {
        var number = UInt256.FromBigEndian(log.Data.Span[32..]);
        epoch = number.Limb0;
        return number < (UInt256)(ulong)trust.Logs.Count
            && trust.Logs[(int)epoch].Origin == checkpoint.Origin
            && log.Topics[1] == new Hash32(SHA256.HashData(Encoding.UTF8.GetBytes(checkpoint.Origin)))
            && UInt256.FromBigEndian(log.Topics[2].Bytes) == (UInt256)(ulong)checkpoint.Size
            && log.Data.Span[..32].SequenceEqual(checkpoint.Root);
    }

    internal static Answer SealAnswer(BlockHeader header, ValidatorSet validators, TrustFile trust)
    {
        var number = (long)header.Number;
        var verdict = SealCheck.Verify(header, new SealExpectation(header.Number, validators.Addresses));
        if (verdict == SealVerdict.Valid)
        {
            return trust.Pin is { } pin && number < pin.Number && ValidatorHistory.InForce(trust, pin.Number) != validators
                ? Answer.NotChecked(Reason.SealedByFormerValidators)
                : Answer.Ok;
        }
        if (MayBeNewerSet(header, validators, trust))
            return Answer.NotChecked(Reason.NeedsNewerTrustFile);
        return Answer.Refuted(verdict switch
        {
            SealVerdict.MalformedSeal => Reason.SealForm,
            SealVerdict.ForeignSeal or SealVerdict.WrongCoinbase => Reason.SealSigner,
            SealVerdict.DuplicateSeal => Reason.SealDuplicate,
            SealVerdict.TooFewSeals => Reason.SealQuorum,
            _ => Reason.HeaderForm,
        });
    }

    // Nothing in the file bounds its last set, unless a pinned block does: strangers who sealed a later block may be
    // validators adopted since. Then, and only if every seal is a good one by another key, it can't be said.
    private static bool MayBeNewerSet(BlockHeader header, ValidatorSet validators, TrustFile trust)
    {
        if (validators != trust.Validators[^1] || (trust.Pin is { } pin && (long)header.Number <= pin.Number))
            return false;
        header.TryGetExtraData(out var extraData);
        if (extraData.Seals.Count is 0 or > ValidatorHistory.MaxValidators)
            return false;
        var signers = new HashSet<Address>();
        foreach (var seal in extraData.Seals)
        {
            if (!seal.IsLowS || !Secp256k1.TryRecover(header.CommitHash, seal, out var signer) || !signers.Add(signer))
                return false;
        }
        return !validators.Addresses.Contains(header.Coinbase) || !signers.IsSubsetOf(validators.Addresses);
    }

    private static byte[]? TrieValue(Hash32 root, ReadOnlySpan<byte> key, IReadOnlyList<byte[]> nodes) =>
        TrieProof.TryVerify(root, key, nodes, out var value) ? value : null;
}
