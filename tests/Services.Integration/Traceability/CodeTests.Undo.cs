using System.Net;
using System.Text.Json.Nodes;
using Shouldly;
using TestKit;
using Xunit;
using static Services.Integration.Evidence.RunningServices;

namespace Services.Integration.Traceability;

/// <content>Activations that are taken back.</content>
public sealed partial class CodeTests
{
    [Fact]
    public async Task An_activation_of_a_mistyped_lot_is_undone_on_record_and_bound_anew()
    {
        HttpClient farm = await Running.AsAsync("farm");
        string gtin = NewGtin();
        string id = (string)(await CreatedAsync(farm, "codes/batches", $$"""{"gtin":"{{gtin}}","count":20}"""))["id"]!;
        string[] links = await LinksAsync(farm, id);
        await CreatedAsync(farm, $"codes/batches/{id}/printed", """{"from":0,"count":20}""");
        string bind(string lot) => $$"""{"first":"{{links[0]}}","last":"{{links[9]}}","lot":"{{lot}}"}""";
        string wrong = (string)(await CreatedAsync(farm, "codes/activations", bind("TYPO")))["id"]!;
        string item = Uri.EscapeDataString($"https://id.gs1.org/01/{gtin}/21/{links[0].Split('/')[^1]}");
        await Eventually.TrueAsync(async () => (await farm.GetStringAsync($"epcis/v2/events?MATCH_anyEPC={item}"))
            .Contains("TYPO", StringComparison.Ordinal), "the activation is captured");

        await RefusedAsync(await Running.AsAsync("stranger"), $"codes/batches/{id}/activations/{wrong}/unbind",
            """{"reason":"x"}""", "code-batch-not-found");
        string undone = await UndoAsync("undo-1");
        (await UndoAsync("undo-1")).ShouldBe(undone, "the answer is given again");
        (await AnswerAsync(farm, links[3])).ShouldBe("not-in-use not-activated");
        await RefusedAsync(farm, $"codes/batches/{id}/activations/{wrong}/unbind", """{"reason":"again"}""", "activation-not-found");
        JsonObject list = await JsonAsync(await farm.GetAsync($"codes/batches/{id}/activations"));
        list["items"]!.AsArray().ShouldBeEmpty();
        ((string)list["undone"]![0]!["reason"]!).ShouldBe("mistyped");
        await Eventually.TrueAsync(async () => (await farm.GetStringAsync($"epcis/v2/events?MATCH_anyEPC={item}&EXISTS_errorDeclaration="))
            .Contains("did_not_occur", StringComparison.Ordinal), "what was captured is declared an error");

        await CreatedAsync(farm, "codes/activations", bind("RIGHT"));
        (await UndoAsync("undo-1")).ShouldBe(undone, "and undoes nothing that was bound since");
        (await AnswerAsync(farm, links[3])).ShouldBe("in-use ");
        string lot(string number) => $"trace/{Uri.EscapeDataString($"https://id.gs1.org/01/{gtin}/10/{number}")}";
        await Eventually.TrueAsync(async () => (await farm.GetAsync(lot("RIGHT"))) is { IsSuccessStatusCode: true } right
            && (int)(await JsonAsync(right))["count"]! == 11, "the new lot has its pieces");
        await Eventually.TrueAsync(async () => (await farm.GetAsync(lot("TYPO"))) is not { IsSuccessStatusCode: true } typo
            || (int)(await JsonAsync(typo))["count"]! == 1, "the mistyped lot has none");

        async Task<string> UndoAsync(string key)
        {
            using HttpResponseMessage answer = await farm.SendAsync(
                Post($"codes/batches/{id}/activations/{wrong}/unbind", """{"reason":"mistyped"}""", key));
            answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
            return await answer.Content.ReadAsStringAsync();
        }
    }
}
