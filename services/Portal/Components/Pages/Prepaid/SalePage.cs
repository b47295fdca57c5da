using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;

namespace Portal.Components.Pages.Prepaid;

/// <summary>Pages that sell: a new card, or another lot on one.</summary>
public abstract class SalePage : PrepaidPage
{
    /// <summary>Fields that a problem can lead to.</summary>
    protected static readonly string[] SaleFieldNames = ["branch", "paidFen", "giftFen", "units", "item", "starts", "ends", "contract"];

    [SupplyParameterFromForm(FormName = "sale")] public SaleInput? Form { get; set; }

    /// <summary>Sentences of the contract that read like void clauses, when a person has not decided yet.</summary>
    protected IReadOnlyList<JsonNode> Clauses { get; private set; } = [];

    /// <summary>The lot of the form; null where something of it is wrong, which is then said.</summary>
    protected async Task<JsonObject?> LotAsync(string id)
    {
        var form = Form!;
        form.Branch = Text(form.Branch, "branch", Reader["请填写门店。", "Name the shop."]);
        var paid = Fen(form.Paid, "paidFen");
        var gift = Fen(form.Gift, "giftFen", needed: false);
        var units = form.Kind == "counted" ? Count(form.Units, "units", needed: true) : null;
        var starts = form.Kind == "timed" ? Day(form.Starts, "starts", needed: true) : null;
        var ends = Day(form.Ends, "ends", needed: form.Kind == "timed");
        Text(form.Contract, "contract", Reader["请填写合同条款：没有书面条款，出了争议说不清。", "Give the contract's terms: without them a dispute has nothing to go by."]);
        if (Problems.All.Count > 0) return Back();
        var check = await Api.PostAsync(ServiceName, "open/contracts/check", new JsonObject { ["text"] = form.Terms }, null, CancellationToken.None);
        if (!check.Ok)
        {
            Problems.Add(check);
            return Back();
        }

        var found = List(check.Document!["findings"]);
        if (found.Count > 0 && !form.Anyway)
        {
            Clauses = found;
            Problems.Add("contract", Reader["有些话可能无效，请看下面的提示，改掉或勾选后再售。没有售出。", "Some sentences may be void: see below, change them or say that you decided. Nothing was sold."]);
            return Back();
        }

        return form.Lot(id, paid, gift, units, starts, ends, check.Document["sha256"]!.ToString());
    }

    /// <summary>The form comes back with what the service says at its fields.</summary>
    protected void Refused(SuiteApi.Answer answer)
    {
        Problems.AddAs(answer, SaleInput.FieldOf);
        Refuse();
    }

    private JsonObject? Back()
    {
        Refuse();
        return null;
    }
}
