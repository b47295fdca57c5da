using Receivables.Rules;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Receivables.Trade;

/// <summary>Tells what the rules would say of an issue, so that nobody signs what will be refused.</summary>
internal static class JudgeIssue
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/rules/issue", HandleAsync)
        .RequireRoles(Role.Member, Role.Admin)
        .WithName("JudgeIssue").WithSummary("What the rules say of an issue today; nothing is recorded.");

    private static async Task<IResult> HandleAsync(
        Caller caller, DraftRequest request, IssueRules rules, TimeProvider time, CancellationToken cancellation)
    {
        SignedCommand command = SignedCommand.Read(request.Command);
        CommandDesk.RequireParty(caller, command, caller.Tenant);
        return command.Voucher is VoucherCommand.Issue issue
            ? TypedResults.Json(
                JudgementAnswer.Of(await rules.JudgeAsync(issue, time.GetUtcNow(), cancellation)),
                ReferenceJson.Default.JudgementAnswer)
            : Problem.Of("command-malformed");
    }
}
