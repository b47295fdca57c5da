namespace Portal.Components.Pages.Goods;

/// <summary>A product's move to another organisation, as an authority asks for it.</summary>
/// <param name="To">Account of the organisation that it goes to.</param>
/// <param name="Basis">Case number and reason, as the anchored event holds them; at most 500 characters.</param>
public sealed record ProductMove(string To, string Basis)
{
    /// <summary>Most characters of a case number.</summary>
    public const int CaseMax = 80;

    /// <summary>Most characters of a reason.</summary>
    public const int ReasonMax = 400;

    /// <summary>The move that was entered; null with problems at its fields where something is missing.</summary>
    /// <param name="words">The reader's language.</param>
    /// <param name="owner">Account of the organisation that has the product now.</param>
    /// <param name="organisation">Account that was entered.</param>
    /// <param name="caseNumber">Case number that was entered.</param>
    /// <param name="reason">Reason that was entered.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static ProductMove? Read(
        Language words, string? owner, string? organisation, string? caseNumber, string? reason, FormProblems problems)
    {
        var (to, number, why) = (organisation?.Trim() ?? "", caseNumber?.Trim() ?? "", reason?.Trim() ?? "");
        if (to.Length == 0)
            problems.Add("organisation", words["请填写机构账号。没有移交。", "Give the organisation's account. Nothing was moved."]);
        else if (to == owner)
            problems.Add("organisation", words[$"商品现在就归“{to}”。没有移交。", $"The product is with “{to}” already. Nothing was moved."]);
        if (number.Length is 0 or > CaseMax)
            problems.Add("caseNumber", words[$"请填写案号，最多{CaseMax}个字符。没有移交。", $"Give the case number, at most {CaseMax} characters. Nothing was moved."]);
        if (why.Length is 0 or > ReasonMax)
            problems.Add("reason", words[$"请填写理由，最多{ReasonMax}个字符。没有移交。", $"Give the reason, at most {ReasonMax} characters. Nothing was moved."]);
        return problems.All.Count == 0 ? new ProductMove(to, $"{number}：{why}") : null;
    }
}
