using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.Traceability;

/// <content>Notices to the addresses that holders named.</content>
public sealed partial class RecallApiTests
{
    [Fact]
    public async Task A_holder_is_told_by_webhook_until_it_answers()
    {
        List<(string Id, string Number, string Signature, string Body)> received = [];
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--Urls=http://127.0.0.1:0"]);
        await using WebApplication receiver = builder.Build();
        receiver.MapPost("/recalls", async (HttpContext http) =>
        {
            using StreamReader reader = new(http.Request.Body);
            received.Add((http.Request.Headers["Delivery-Id"]!, http.Request.Headers["Delivery-Number"]!,
                http.Request.Headers["GS1-Signature"]!, await reader.ReadToEndAsync()));
            // The first answer is lost: the same delivery must come again.
            return received.Count == 1 ? Results.StatusCode(500) : Results.Ok();
        });
        await receiver.StartAsync();
        (string lot, _) = await StoryAsync();
        HttpClient maker = await _services.AsAsync("maker"), dealer = await _services.AsAsync("dealer");
        string hook = $$"""{"dest":"{{RunningServices.Address(receiver)}}/recalls","signatureToken":"0123456789abcdef0123"}""";
        (await dealer.PutAsync("recalls/webhook", RunningServices.Json(hook))).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await dealer.PutAsync("recalls/webhook", RunningServices.Json("""{"dest":"http://10.0.0.1/"}""")))
            .StatusCode.ShouldNotBe(HttpStatusCode.NoContent);

        Guid id = Guid.Parse((string)(await OpenAsync(maker, lot, drill: false))["id"]!);
        await StepAsync(maker, id, """{"kind":"notice","text":"stop selling"}""");
        await Eventually.TrueAsync(() => Task.FromResult(received.Count >= 2), "the notice is sent again");
        received[0].Id.ShouldBe(received[1].Id);
        received.Select(r => r.Number).Distinct().ShouldBe(["1"]);
        received[1].Body.ShouldContain("stop selling");
        received[1].Body.ShouldContain(id.ToString());
        received[1].Signature.ShouldStartWith("t=");
    }

    [Fact]
    public async Task A_notice_waits_for_a_lost_key_and_comes_once_the_address_is_named_anew()
    {
        int received = 0;
        await using WebApplication receiver = WebApplication.CreateSlimBuilder(["--Urls=http://127.0.0.1:0"]).Build();
        receiver.MapPost("/recalls", () => Interlocked.Increment(ref received));
        await receiver.StartAsync();
        (string lot, _) = await StoryAsync();
        HttpClient maker = await _services.AsAsync("maker"), dealer = await _services.AsAsync("dealer");
        string hook = $$"""{"dest":"{{RunningServices.Address(receiver)}}/recalls","signatureToken":"0123456789abcdef0123"}""";
        await dealer.PutAsync("recalls/webhook", RunningServices.Json(hook));
        // What other tests left open would be stated first.
        await _services.ScalarAsync("delete from recall_deliveries where tenant = 'dealer' and delivered_at is null");
        await _services.ScalarAsync("update recall_webhooks set secret = sha512(secret) where tenant = 'dealer'");

        Guid id = Guid.Parse((string)(await OpenAsync(maker, lot, drill: false))["id"]!);
        await StepAsync(maker, id, """{"kind":"notice","text":"stop selling"}""");
        await Eventually.TrueAsync(async () => (long)(await _services.ScalarAsync(
            $"select count(*) from recall_deliveries where recall = '{id}' and failure = 'webhook-key-lost'"))! == 1,
            "the failure is stated");
        received.ShouldBe(0);
        await dealer.PutAsync("recalls/webhook", RunningServices.Json(hook));
        await Eventually.TrueAsync(() => Task.FromResult(received >= 1), "the notice comes");
    }
}
