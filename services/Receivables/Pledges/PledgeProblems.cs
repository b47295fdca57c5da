using System.Text.Json.Nodes;
using Chain.Client;
using Chain.Core;
using ServiceDefaults.Problems;

namespace Receivables.Pledges;

/// <summary>What a claim that fails looks like to whoever asked for it.</summary>
internal static class PledgeProblems
{
    /// <summary>Runs something that needs key holders and the chain.</summary>
    /// <exception cref="ProblemException">They are away, or a rule stands against it.</exception>
    public static async Task<T> TranslateAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (HoldersAwayException e)
        {
            throw new ProblemException(Problem.Of("pledge-holders-away").With(
                "holders", new JsonArray([.. e.Faults.Select(f => (JsonNode)$"{f.Holder}: {f.Code}")])));
        }
        catch (NodesUnreachableException)
        {
            throw new ProblemException(Problem.Of("pledge-chain-away"));
        }
    }

    /// <summary>Who has it, with the chain's own proof.</summary>
    public static Problem Refused(PledgeResult result)
    {
        if (result.Evidence is not { } e || result.Refusal is not { Platform.Length: > 0 } refusal)
            return Problem.Of("pledge-chain-refused").With("transaction", result.Refusal?.Transaction);
        return Problem.Of("pledge-taken")
            .With("platform", refusal.Platform)
            .With("claimedAt", refusal.ClaimedAt)
            .With("transaction", refusal.Transaction)
            .With("evidence", Evidence(e));
    }

    private static JsonObject Evidence(ClaimEvidence e) => new()
    {
        ["registry"] = e.Registry.ToString(),
        ["key"] = e.Key.ToString(),
        ["block"] = e.Block,
        ["blockHash"] = e.BlockHash.ToString(),
        ["stateRoot"] = e.StateRoot.ToString(),
        ["accountProof"] = Nodes(e.Account),
        ["idProof"] = Nodes(e.Slots[0]),
        ["claimProof"] = Nodes(e.Slots[1]),
    };

    private static JsonArray Nodes(IReadOnlyList<byte[]> nodes) =>
        new([.. nodes.Select(n => (JsonNode)Hex.ToPrefixed(n))]);
}
