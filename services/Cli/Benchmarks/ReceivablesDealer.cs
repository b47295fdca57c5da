using System.Text;
using Cli.Vouchers;

namespace Cli.Benchmarks;

/// <summary>
/// One client of the load: holds a maker's and a checker's key of each of three organisations and sends one command
/// after the other, each signed twice over pages that it writes itself.
/// </summary>
/// <param name="market">The organisations.</param>
/// <param name="number">Which client.</param>
/// <param name="time">The clock.</param>
internal sealed class ReceivablesDealer(ReceivablesMarket market, int number, TimeProvider time)
{
    private const int SlicePasses = 95;

    private readonly List<Slice> _slices = [];
    private int _commands;
    private int _next;

    /// <summary>Keys by organisation, maker first.</summary>
    public Dictionary<string, (OwnPage Maker, OwnPage Checker)> Keys { get; } = [];

    /// <summary>Digest of the invoice that it issues on.</summary>
    public string Invoice { get; set; } = "";

    /// <summary>Commands accepted so far.</summary>
    public int Accepted { get; private set; }

    /// <summary>Adds fen of a voucher that this client alone passes to and fro.</summary>
    public void Take(string root, long start, long fen) => _slices.Add(new Slice(root, start, fen));

    /// <summary>Gives up what it passed to and fro.</summary>
    public void Drop() => _slices.Clear();

    /// <summary>Issues a voucher that the left organisation accepts.</summary>
    public async Task<string> IssueAsync(
        string root, long faceFen, int maxFragments, CancellationToken cancel, string? dueDate = null)
    {
        var due = dueDate ?? market.DueDate;
        var (issuer, holder, id) = (market.Issuer, market.Left, NextId());
        string[] members =
        [
            $"Voucher: {root}", $"Debtor: {issuer.Shown}", $"First holder: {holder.Shown}", $"Amount: {OwnPage.Amount(faceFen)}",
            $"Issue date: {market.IssueDate}", $"Due date: {due}", $"Credit line: {market.Line}", "Trade document 1: invoice",
            $"Its SHA-256 1: {Invoice}", "Least part: CNY 0.01", "Passes at most: 100", $"Parts at most: {maxFragments}",
        ];
        await SendAsync(issuer, id, "Issue a receivable voucher", members,
            "The debtor promises to pay whoever holds it on the due date; once accepted it can't be revoked, and all parts fall due on that day.",
            $$"""
            "kind":"issue","commandId":"{{id}}","party":"{{issuer.Id}}","root":"{{root}}","debtor":"{{issuer.Id}}","holder":"{{holder.Id}}","faceFen":{{faceFen}},"issueDate":"{{market.IssueDate}}","dueDate":"{{due}}","line":"{{market.Line}}","trade":[{"kind":"invoice","sha256":"{{Invoice}}"}],"terms":{"minPartFen":1,"maxDepth":100,"maxFragments":{{maxFragments}}}
            """, cancel);
        await AcceptAsync(issuer, holder, (id, Keys[issuer.Id].Maker.Head!), (root, faceFen, due), cancel);
        return root;
    }

    /// <summary>Passes on, or accepts, the next of its slices.</summary>
    public async Task StepAsync(CancellationToken cancel)
    {
        for (var tried = 0; tried <= _slices.Count; tried++)
        {
            var slice = _slices[_next = (_next + 1) % _slices.Count];
            if (slice.Passes >= SlicePasses) continue;
            var (from, to) = slice.Passes % 2 == 0 ? (market.Left, market.Right) : (market.Right, market.Left);
            if (slice.Offer is { } offer)
            {
                await AcceptAsync(from, to, offer, (slice.Root, slice.Fen, market.DueDate), cancel);
                (slice.Offer, slice.Passes) = (null, slice.Passes + 1);
            }
            else
                slice.Offer = await TransferAsync(from, to, slice.Root, [(slice.Start, slice.Fen)], cancel);
            Accepted++;
            return;
        }

        throw new UserException("The load passed every fen on as often as a voucher allows: ask for more families or fewer seconds.", 1);
    }

    /// <summary>Offers intervals of a voucher in one command and gives its id and the SHA-256 of its maker's page.</summary>
    public async Task<(string Id, string Page)> TransferAsync(
        ReceivablesMarket.Member from, ReceivablesMarket.Member to, string root, IReadOnlyList<(long Start, long Fen)> parts, CancellationToken cancel)
    {
        var id = NextId();
        var members = new string[parts.Count * 4];
        var json = new StringBuilder();
        for (var i = 0; i < parts.Count; i++)
        {
            var (start, fen) = parts[i];
            members[4 * i] = $"Voucher {i + 1}: {root}";
            members[4 * i + 1] = $"Receiver {i + 1}: {to.Shown}";
            members[4 * i + 2] = $"Amount {i + 1}: {OwnPage.Amount(fen)}";
            members[4 * i + 3] = $"First fen {i + 1}: {start}";
            json.Append(i == 0 ? "" : ",").Append($$"""{"root":"{{root}}","to":"{{to.Id}}","fen":{{fen}},"start":{{start}}}""");
        }

        await SendAsync(from, id, "Transfer", members,
            "Each receiver that accepts becomes the holder; the acting party holds that part no longer.",
            $$"""
            "kind":"transfer","commandId":"{{id}}","party":"{{from.Id}}","parts":[{{json}}]
            """, cancel);
        return (id, Keys[from.Id].Maker.Head!);
    }

    /// <summary>Accepts an offer.</summary>
    public Task AcceptAsync(
        ReceivablesMarket.Member from, ReceivablesMarket.Member holder, (string Id, string Page) offer,
        (string Root, long Fen, string Due) what, CancellationToken cancel)
    {
        var id = NextId();
        string[] members =
        [
            $"Offer: {offer.Id}", $"In voucher 1: {what.Root}", $"Amount: {OwnPage.Amount(what.Fen)}", $"Counterparty: {from.Shown}",
            $"SHA-256 of the page answered: {offer.Page}", $"Voucher 1: {what.Root}", $"Amount of it 1: {OwnPage.Amount(what.Fen)}",
            $"Due date 1: {what.Due}",
        ];
        return SendAsync(holder, id, "Accept an offer", members,
            "The acting party becomes the holder of what is offered.",
            $$"""
            "kind":"accept","commandId":"{{id}}","party":"{{holder.Id}}","offer":"{{offer.Id}}","in":["{{what.Root}}"],"shown":{"fen":{{what.Fen}},"counterparty":"{{from.Id}}","parts":[{"root":"{{what.Root}}","fen":{{what.Fen}},"dueDate":"{{what.Due}}"}],"withRecourse":null,"offerSha256":"{{offer.Page}}"}
            """, cancel);
    }

    /// <summary>Sets the account that an organisation is paid to.</summary>
    public Task SetAccountAsync(ReceivablesMarket.Member member, string bank, string number, CancellationToken cancel)
    {
        var id = NextId();
        return SendAsync(member, id, "Set the account for payments", [$"Bank's number: {bank}", $"Account number: {number}"],
            "Once its bank has confirmed it, what is due to the acting party is paid to this account alone, and what this account pays counts as paid by the acting party; before that nothing is paid there.",
            $$"""
            "kind":"set-account","commandId":"{{id}}","party":"{{member.Id}}","bank":"{{bank}}","number":"{{number}}"
            """, cancel);
    }

    private string NextId() => $"{market.Run}-{number}-{++_commands}";

    private async Task SendAsync(
        ReceivablesMarket.Member actor, string id, string title, string[] members, string consequence, string command, CancellationToken cancel)
    {
        var (maker, checker) = Keys[actor.Id];
        var now = time.GetUtcNow();
        var body =
            $$"""
            {"command":{{{command}}},"approvals":[{{maker.Approve(title, actor.Shown, id, members, consequence, now)}},{{checker.Approve(title, actor.Shown, id, members, consequence, now)}}]}
            """;
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await actor.Api.SendAsync(HttpMethod.Post, market.Address + "commands", content, cancel);
        if (!answer.IsSuccessStatusCode) throw await Api.ProblemAsync(answer, cancel);
        await answer.Content.CopyToAsync(Stream.Null, cancel);
    }

    /// <summary>Fen that go to and fro.</summary>
    private sealed class Slice(string root, long start, long fen)
    {
        public string Root => root;

        public long Start => start;

        public long Fen => fen;

        public int Passes { get; set; }

        public (string Id, string Page)? Offer { get; set; }
    }
}
