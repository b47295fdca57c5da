using Chain.Core;
using Proofs.Json;

namespace Proofs;

/// <summary>
/// What a contract's storage holds at a block, with all that proves it offline: the sealed header, and proofs of the
/// account and of each slot under its state root (EIP-1186).
/// </summary>
/// <param name="Header">RLP of the sealed header.</param>
/// <param name="AccountProof">Trie nodes of the contract's account, root first.</param>
/// <param name="StorageProofs">Trie nodes of each slot, root first.</param>
public sealed record StateProof(
    byte[] Header, IReadOnlyList<byte[]> AccountProof, IReadOnlyList<IReadOnlyList<byte[]>> StorageProofs)
{
    /// <summary>The reason where the nodes don't lead to the words, or the contract's code is another.</summary>
    public const string BadNodes = "state-proof";

    /// <summary>The reason where the trust file doesn't name the contract.</summary>
    public const string NotTrusted = "contract-not-trusted";

    /// <summary>Checks the proof against a trust file and reads the words.</summary>
    /// <param name="trust">The group's trust file.</param>
    /// <param name="contract">The contract's name there.</param>
    /// <param name="slots">The slots that are asked for, in order.</param>
    /// <returns>The answer; block and words are known only where it is proven.</returns>
    public (Answer Answer, ProvingBlock? Block, IReadOnlyList<Hash32> Words) Read(
        TrustFile trust, string contract, IReadOnlyList<Hash32> slots)
    {
        if (ChainCheck.ReadHeader(Header) is not { } header)
            return No(Reason.HeaderForm);
        if (trust.Pin is { } pin && (ulong)pin.Number == header.Number && pin.Hash != header.Hash)
            return No(Reason.PinMismatch);
        if (trust.Contracts.FirstOrDefault(c => c.Name == contract) is not { } trusted)
            return No(NotTrusted);
        if (Words(header.StateRoot, trusted, slots) is not { } words)
            return No(BadNodes);
        ValidatorSet validators = ValidatorHistory.InForce(trust, (long)header.Number);
        Answer answer = ChainCheck.SealAnswer(header, validators, trust);
        if (answer.State != AnswerState.Proven)
            return (answer, null, []);
        header.TryGetExtraData(out var extraData);
        return (answer, new ProvingBlock((long)header.Number, header.Hash, extraData.Seals.Count,
            Quorum.Size(validators.Addresses.Count), 0, (long)header.Timestamp), words);
    }

    internal JsonObject ToJson() => JsonObject.Of(
        ("accountProof", ChainPart.Nodes(AccountProof)),
        ("header", new JsonString(Convert.ToBase64String(Header))),
        ("storageProofs", new JsonArray([.. StorageProofs.Select(ChainPart.Nodes)])));

    internal static StateProof Read(Members members)
    {
        StateProof proof = new(members.Base64("header"), members.List("accountProof", Members.Base64),
            members.List("storageProofs", nodes => nodes is JsonArray array
                ? (IReadOnlyList<byte[]>)[.. array.Items.Select(Members.Base64)] : throw new MisshapenException()));
        members.End();
        return proof;
    }

    private static (Answer, ProvingBlock?, IReadOnlyList<Hash32>) No(string reason) => (Answer.Refuted(reason), null, []);

    private List<Hash32>? Words(Hash32 stateRoot, TrustedContract contract, IReadOnlyList<Hash32> slots)
    {
        if (!TrieProof.TryVerifyAccount(stateRoot, contract.Address, AccountProof, out var account)
            || account is not { } found || found.CodeHash != contract.CodeHash || StorageProofs.Count != slots.Count)
            return null;
        List<Hash32> words = [];
        for (int i = 0; i < slots.Count; i++)
        {
            if (!TrieProof.TryVerifyStorage(found.StorageRoot, slots[i], StorageProofs[i], out Hash32 word))
                return null;
            words.Add(word);
        }
        return words;
    }
}
