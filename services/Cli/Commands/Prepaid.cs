using System.CommandLine;
using System.Text.Json.Nodes;
using Proofs.Liabilities;
using Proofs.Receipts;

namespace Cli.Commands;

/// <summary>What holders of prepaid cards check on their own machine.</summary>
public static class Prepaid
{
    public static Command Command()
    {
        var command = new Command("prepaid", "Prepaid cards: check a balance offline.");
        command.Subcommands.Add(Check());
        command.Subcommands.Add(Receipts());
        return command;
    }

    private static Command Receipts()
    {
        var files = new Argument<FileInfo[]>("receipts") { Description = "Your receipts of one card.", Arity = ArgumentArity.OneOrMore };
        var keys = new Option<FileInfo>("--keys") { Description = "The merchant's keys (prepaid-keys/1): /api/prepaid/open/merchants/ID/keys.", Required = true };
        var command = new Command("receipts", """
            Check offline who signed receipts, and whether numbers are missing between them.
            Exit code: 0 all are signed by the platform and none is missing, 1 otherwise, 2 unreadable.
            """) { files, keys };
        command.SetAction(parsed =>
        {
            if (ReceiptKeys.Parse(Read(parsed.GetRequiredValue(keys))) is not { } known) return 2;
            var checks = parsed.GetRequiredValue(files)
                .Select(f => (f.Name, Check: ReceiptCheck.Of(System.Text.Encoding.UTF8.GetString(Read(f)), known))).ToList();
            if (checks.Any(c => c.Check.Claim is null) || checks.Select(c => c.Check.Claim!.Card).Distinct().Count() > 1) return 2;
            var missing = ReceiptCheck.Missing(checks.Select(c => c.Check.Claim!));
            parsed.Output().Write(new JsonObject
            {
                ["receipts"] = new JsonArray([.. checks.Select(c => (JsonNode)new JsonObject
                {
                    ["number"] = c.Check.Claim!.Number, ["service"] = c.Check.ByService, ["merchant"] = c.Check.ByMerchant,
                })]),
                ["missing"] = new JsonArray([.. missing.Select(n => (JsonNode)n)]),
            }, checks.Select(c => $"{c.Check.Claim!.Number,5} platform {Word(c.Check.ByService)} merchant {Word(c.Check.ByMerchant)}  {c.Name}")
                .Append(missing.Count == 0 ? "no number is missing" : $"missing: {string.Join(", ", missing)}"));
            return checks.All(c => c.Check.ByService) && missing.Count == 0 ? 0 : 1;
        });
        return command;
    }

    private static string Word(bool signed) => signed ? "signed" : "NOT signed";

    private static Command Check()
    {
        var receipt = new Argument<FileInfo>("receipt") { Description = "Your last receipt up to that day." };
        var proof = new Option<FileInfo>("--proof") { Description = "The proof of your card (prepaid-liability/1).", Required = true };
        var root = new Option<FileInfo>("--root") { Description = "The day's root with its proof by the chain (prepaid-root/1).", Required = true };
        var trust = new Option<FileInfo>("--trust") { Description = "The trust file of group prepaid.", Required = true };
        var command = new Command("check", """
            Check offline that the balance of your receipt is counted in what the merchant owes by the chain.
            Exit code: 0 counted, 1 refuted, 2 unreadable, 3 not fully checked, 64 wrong usage.
            """) { receipt, proof, root, trust };
        command.SetAction(parsed =>
        {
            var result = LiabilityAudit.Check(
                System.Text.Encoding.UTF8.GetString(Read(parsed.GetRequiredValue(receipt))),
                Read(parsed.GetRequiredValue(proof)), Read(parsed.GetRequiredValue(root)), Read(parsed.GetRequiredValue(trust)));
            parsed.Output().Write(JsonNode.Parse(result.ToJson())!, Lines(result));
            return (int)result.Verdict;
        });
        return command;
    }

    private static IEnumerable<string> Lines(LiabilityResult result)
    {
        yield return $"{result.Verdict.ToString().ToLowerInvariant()} ({result.Reason})";
        if (result is { Own: { } own, Day: { } day })
            yield return $"your receipt {own.Receipt}: {own.Owed.PrincipalFen} fen paid, {own.Owed.GiftFen} fen given, counted to {day:yyyy-MM-dd}";
        if (result is { Root: { } root, Block: { } block })
            yield return $"the merchant owes {root.Total.PrincipalFen} fen paid, {root.Total.GiftFen} fen given, by block {block.Number}";
    }

    private static byte[] Read(FileInfo file) =>
        file.Exists ? File.ReadAllBytes(file.FullName) : throw new UserException($"There is no file {file.FullName}.");
}
