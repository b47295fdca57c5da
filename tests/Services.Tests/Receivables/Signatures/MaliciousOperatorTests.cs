using System.Text.Json;
using System.Text.Json.Nodes;
using Receivables.Parties;
using Receivables.Signatures;
using Shouldly;
using Xunit;

namespace Services.Tests.Receivables.Signatures;

/// <summary>
/// The operator has the whole database and every program, but no private key of a party. Whatever it alters in the record
/// is found by a program that shares no code with the service and knows each party's first key from the party itself.
/// </summary>
public class MaliciousOperatorTests
{
    private readonly RecordBuilder _record = RecordBuilder.Honest();

    [Fact]
    public void An_honest_record_is_verified()
    {
        (string verdict, _, string text) = _record.Check(
            [.. _record.Keys.Select(k => $"head:{k.Value.Bound.KeyId}={_record.Head(k.Key)}")]);
        verdict.ShouldBe("verified", text);
        text.ShouldContain("\"approvals\":15");
    }

    [Fact]
    public void It_can_not_approve_without_a_key()
    {
        JsonObject command = _record.Command("void", ("root", "V-1"), ("reason", "x"));
        TestKey own = new("mei", SignerRole.Maker);
        foreach ((string name, SignerRole role) in new[] { ("maker", SignerRole.Maker), ("checker", SignerRole.Checker) })
        {
            SigningEvent.PageApproved forged = _record.Approve(command, _record.Keys[name], role, "zh");
            _record.Lines[^1]["data"]!["signature"] = own.Sign([.. Convert.FromHexString(forged.PageSha256)]);
        }
        _record.Submit(command);
        Refused("signature-invalid", "approvals-missing");
    }

    [Fact]
    public void It_can_not_bind_a_key_of_its_own()
    {
        _record.Keys["own"] = new TestKey("mei", SignerRole.Maker);
        _record.Keys["mine"] = new TestKey("an", SignerRole.Admin);
        _record.Bind("own", "mine");
        Refused("key-unknown", "key-bound-unsigned");
    }

    [Fact]
    public void It_can_not_put_another_first_key_in_place()
    {
        RecordBuilder invented = RecordBuilder.Honest();
        string file = Path.GetTempFileName();
        File.WriteAllLines(file, invented.Lines.Select(l => l.ToJsonString()));
        (string verdict, string[] codes, _) = RecordChecker.Run(file, $"jia={_record.Keys["admin"].Bound.KeyId}");
        File.Delete(file);
        verdict.ShouldBe("refused");
        codes.ShouldBe(["first-key-untrusted"]);
    }

    [Theory]
    [InlineData("faceFen", "200000000")]
    [InlineData("holder", "\"jia\"")]
    [InlineData("dueDate", "\"2027-05-21\"")]
    public void It_can_not_alter_amount_payee_or_day_of_a_command(string member, string value)
    {
        JsonObject command = (JsonObject)_record.Of("command-submitted")[^1]["data"]!["command"]!;
        command[member] = JsonNode.Parse(value);
        Refused("page-differs", "fact-differs");
    }

    [Theory]
    [InlineData("faceFen", "200000000")]
    [InlineData("holder", "\"jia\"")]
    public void It_can_not_record_another_fact_than_was_approved(string member, string value)
    {
        _record.Of("voucher-issued")[0]["data"]![member] = JsonNode.Parse(value);
        Refused("fact-differs");
    }

    [Fact]
    public void It_can_not_record_a_fact_that_nobody_approved()
    {
        JsonObject fact = (JsonObject)_record.Of("voucher-issued")[0].DeepClone();
        fact["data"]!["command"] = "C-999";
        _record.Lines.Add(fact);
        Refused("fact-without-command");
    }

    [Fact]
    public void It_can_not_show_another_name_for_a_payee()
    {
        _record.Of("command-submitted")[^1]["data"]!["names"]!["yi"] = "丙有限公司";
        Refused("page-differs", "name-differs");
    }

    [Fact]
    public void It_can_not_use_an_approval_for_another_command()
    {
        JsonObject command = (JsonObject)_record.Of("command-submitted")[^1]["data"]!["command"]!.DeepClone();
        command["commandId"] = "C-again";
        foreach (string key in new[] { "maker", "checker" })
        {
            JsonObject replayed = (JsonObject)_record.Chain(key)[^1]["data"]!.DeepClone();
            replayed["command"] = "C-again";
            _record.Add($"signer/{_record.Keys[key].Bound.KeyId}", "receivables.page-approved.v1", replayed);
        }
        _record.Submit(command);
        Refused("chain-broken", "page-differs", "approvals-missing");
    }

    [Fact]
    public void It_can_not_reorder_two_approvals()
    {
        JsonObject[] chain = _record.Chain("maker");
        (JsonNode first, JsonNode second) = (chain[1]["data"]!.DeepClone(), chain[2]["data"]!.DeepClone());
        (chain[1]["data"], chain[2]["data"]) = (second, first);
        Refused("chain-broken", "time-backwards");
    }

    [Fact]
    public void It_can_not_date_an_approval_back()
    {
        JsonObject approval = _record.Chain("maker")[2];
        approval["occurredAt"] = "2026-11-22T10:00:06.000Z";
        approval["data"]!["at"] = "2026-11-22T10:00:06.000Z";
        Refused("page-differs");
    }

    [Fact]
    public void It_can_not_drop_an_approval_from_the_middle()
    {
        JsonObject[] chain = _record.Chain("maker");
        _record.Lines.Remove(chain[2]);
        chain[3]["version"] = 3;
        Refused("chain-broken", "approvals-missing");
    }

    [Fact]
    public void It_can_not_drop_the_last_approval_with_all_that_followed_from_it()
    {
        JsonObject last = _record.Of("voucher-issued")[^1];
        string command = (string)last["data"]!["command"]!;
        _record.Lines.Remove(last);
        _record.Lines.RemoveAll(l => ((string)l["stream"]!).EndsWith($"/{command}", StringComparison.Ordinal)
            || (string?)l["data"]!["command"]?.ToJsonString() == $"\"{command}\"");
        _record.Check().Verdict.ShouldBe("verified");
        (string verdict, string[] codes, _) =
            _record.Check($"head:{_record.Keys["maker"].Bound.KeyId}={_record.Head("maker")}");
        verdict.ShouldBe("refused");
        codes.ShouldBe(["chain-cut"]);
    }

    [Fact]
    public void It_can_not_pass_one_language_off_for_the_other()
    {
        _record.Chain("checker")[1]["data"]!["language"] = "zh";
        Refused("page-differs");
    }

    [Fact]
    public void It_can_not_spare_the_second_checker()
    {
        _record.Add("party/jia", "receivables.policy-set.v1", JsonSerializer.SerializeToNode(
            new PartyEvent.PolicySet(new ApprovalPolicy(9_000_000_000), "C-none"), PartyJson.Default.PolicySet)!);
        Refused("policy-unsigned");
    }

    [Theory]
    [InlineData("person", "\"mei\"")]
    [InlineData("limitFen", "9000000000")]
    [InlineData("roles", """["maker","checker"]""")]
    public void It_can_not_change_what_a_key_may_do(string member, string value)
    {
        _record.Of("key-bound")[2]["data"]!["key"]![member] = JsonNode.Parse(value);
        _record.Check().Codes.ShouldContain("key-bound-unsigned");
    }

    [Fact]
    public void It_can_not_use_a_key_that_was_stopped()
    {
        int place = _record.Lines.IndexOf(_record.Of("voucher-issued")[0]) + 1;
        _record.Add("party/jia", "receivables.key-revoked.v1", JsonSerializer.SerializeToNode(
            new PartyEvent.KeyRevoked(_record.Keys["maker"].Bound.KeyId, "lost", null), PartyJson.Default.KeyRevoked)!);
        JsonObject revoked = _record.Lines[^1];
        _record.Lines.RemoveAt(_record.Lines.Count - 1);
        _record.Lines.Insert(place, revoked);
        Refused("approvals-missing");
    }

    private void Refused(params string[] codes)
    {
        (string verdict, string[] found, string text) = _record.Check();
        verdict.ShouldBe("refused");
        foreach (string code in codes)
            found.ShouldContain(code, text);
    }
}
