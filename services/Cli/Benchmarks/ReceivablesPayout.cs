using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Cli.Vouchers;

namespace Cli.Benchmarks;

/// <summary>A voucher of many fragments, paid out on its rehearsed day, and the first screen of its family tree.</summary>
internal sealed class ReceivablesPayout(Api operations, string origin, ReceivablesMarket market, TimeProvider time)
{
    private const int Fragments = 10_000;
    private const int PartsOfCommand = 500;
    private const long PartFen = 100;
    private const int Looks = 20;
    private const string Bank = "102100099996";

    public async Task<IReadOnlyList<Row>> RunAsync(CancellationToken cancel)
    {
        var due = market.Day(20);
        for (var year = 0; year < 2; year++) await StandInCalendar.EnsureAsync(operations, due.Year + year, cancel);
        var dealer = market.Dealers[0];
        var begun = time.GetTimestamp();
        var root = await dealer.IssueAsync(market.Root("P", 0), Fragments * PartFen, Fragments, cancel, ReceivablesMarket.Write(due));
        // Every other part goes to the other organisation, so that no two neighbours are one fragment.
        for (var first = 0; first < Fragments; first += 2 * PartsOfCommand)
        {
            var parts = Enumerable.Range(0, PartsOfCommand).Select(i => ((first + 2L * i) * PartFen, PartFen)).ToList();
            await dealer.AcceptAsync(
                market.Left, market.Right, await dealer.TransferAsync(market.Left, market.Right, root, parts, cancel),
                (root, parts.Sum(p => p.PartFen), ReceivablesMarket.Write(due)), cancel);
        }

        List<Row> rows = [new($"a voucher split into {Fragments:N0} fragments in", time.GetElapsedTime(begun).TotalSeconds, "s")];
        var looks = new Samples();
        for (var i = 0; i < Looks; i++)
        {
            begun = time.GetTimestamp();
            await market.Left.Api.GetBytesAsync($"{market.Address}vouchers/{root}/tree", cancel);
            looks.Add(time.GetElapsedTime(begun));
            if (i == 0) rows.Add(new("first screen of its family tree, first look", looks.Milliseconds(1), "ms", "aim", 200));
        }

        rows.Add(new("first screen of its family tree, p50", looks.Milliseconds(0.5), "ms", "aim", 200));
        rows.AddRange(await PagesAsync(root, cancel));
        rows.AddRange(await PayAsync(root, due, cancel));
        return rows;
    }

    /// <summary>The whole page in HTML, as the portal gives it to a person who holds half of the voucher.</summary>
    private async Task<IReadOnlyList<Row>> PagesAsync(string root, CancellationToken cancel)
    {
        var password = RandomNumberGenerator.GetHexString(24, lowercase: true);
        using var reader = await PageReader.SignInAsync(operations, origin, market.Left.Id, password, cancel);
        List<Row> rows = [];
        var looks = new Samples();
        for (var i = 0; i < Looks; i++)
        {
            var begun = time.GetTimestamp();
            var page = await reader.ReadAsync($"/vouchers/{root}/tree", cancel);
            looks.Add(time.GetElapsedTime(begun));
            if (i > 0) continue;
            if (!page.Contains("class=\"now\"", StringComparison.Ordinal)) throw new UserException("The page of the family tree has no picture.");
            rows.Add(new("the same as an HTML page of the portal, first look", looks.Milliseconds(1), "ms", "aim", 200));
            rows.Add(new("its size", page.Length / 1024.0, "KiB"));
        }

        rows.Add(new("the same as an HTML page of the portal, p50", looks.Milliseconds(0.5), "ms", "aim", 200));
        return rows;
    }

    private async Task<IReadOnlyList<Row>> PayAsync(string root, DateOnly due, CancellationToken cancel)
    {
        foreach (var member in new[] { market.Issuer, market.Left, market.Right })
        {
            var number = $"{RandomNumberGenerator.GetInt32(1_000_000_000):D10}{RandomNumberGenerator.GetInt32(1_000_000_000):D9}";
            await market.Dealers[0].SetAccountAsync(member, Bank, number, cancel);
            await operations.PostAsync("/api/receivables/accounts/confirmations", new JsonObject
            {
                ["party"] = member.Id,
                ["bank"] = Bank,
                ["number"] = number,
                ["sha256"] = new string('a', 64),
            }, cancel);
        }

        var begun = time.GetTimestamp();
        await operations.PostAsync($"/api/receivables/rehearsals/{root}", new JsonObject { ["day"] = ReceivablesMarket.Write(due) }, cancel);
        var presented = time.GetElapsedTime(begun).TotalSeconds;
        begun = time.GetTimestamp();
        await operations.PostAsync($"/api/receivables/clearings/{root}/instructions", new JsonObject(), cancel);
        var instructed = time.GetElapsedTime(begun).TotalSeconds;
        begun = time.GetTimestamp();
        await operations.PostAsync($"/api/receivables/clearings/{root}/receipts", new JsonObject
        {
            ["bank"] = Bank,
            ["receipt"] = $"{market.Run}-1",
            ["fen"] = Fragments * PartFen,
            ["valueDate"] = ReceivablesMarket.Write(due),
            ["sha256"] = new string('b', 64),
        }, cancel);
        var paid = time.GetElapsedTime(begun).TotalSeconds;
        return
        [
            new($"payees of {Fragments:N0} fragments fixed at the cut-off in", presented, "s"),
            new("instructions to the bank made in", instructed, "s"),
            new("the receipt allocated and paid out in", paid, "s", "aim", 2),
        ];
    }
}
