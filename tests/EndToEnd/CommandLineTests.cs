using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using RabbitMQ.Client;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>What the README promises to a newcomer, through the command line.</summary>
[Collection(SuiteCollection.Name)]
public sealed class CommandLineTests(Suite suite)
{
    private string File(string name) => Path.Combine(suite.Data, name);

    private async Task<(string Id, string Bundle, string Trust)> ProveAsync(string file)
    {
        var (code, output, error) = await suite.AppsAsync("deposit", file);
        code.ShouldBe(0, error);
        var id = Encoding.UTF8.GetString(output).Trim();
        var proof = await suite.AppsAsync("proof", id, "--wait");
        proof.Code.ShouldBe(0, proof.Error);
        var trust = await suite.AppsAsync("chain", "trust", "evidence");
        trust.Code.ShouldBe(0, trust.Error);
        await System.IO.File.WriteAllBytesAsync(file + ".proof.json", proof.Out);
        await System.IO.File.WriteAllBytesAsync(File("evidence.trust.json"), trust.Out);
        return (id, file + ".proof.json", File("evidence.trust.json"));
    }

    private Task<(int Code, byte[] Out, string Error)> NodeAsync(params string[] arguments) =>
        suite.RunAsync("node", [Path.Combine(Suite.Home, "services/Verifier.Js/cli.js"), .. arguments]);

    [Fact]
    public async Task A_deposited_file_is_proven_offline_by_both_verifiers()
    {
        var file = File("contract.pdf");
        await System.IO.File.WriteAllTextAsync(file, "the contract");
        var (_, bundle, trust) = await ProveAsync(file);

        var verified = await suite.AppsAsync("verify", bundle, "--file", file, "--trust", trust, "--json");
        verified.Code.ShouldBe(0, verified.Error);
        var ours = JsonNode.Parse(verified.Out)!;
        ours["answers"]!["content"]!["state"]!.GetValue<string>().ShouldBe("proven");
        ours["block"]!["seals"]!.GetValue<int>().ShouldBeGreaterThanOrEqualTo(3);

        var independent = await NodeAsync(bundle, "--file", file, "--trust", trust);
        independent.Code.ShouldBe(0, independent.Error);
        JsonNode.DeepEquals(ours, JsonNode.Parse(independent.Out)).ShouldBeTrue("the two verifiers answer differently");
    }

    [Fact]
    public async Task A_changed_file_is_refuted_and_a_changed_bundle_is_never_proven()
    {
        var file = File("agreement.txt");
        await System.IO.File.WriteAllTextAsync(file, "one hundred");
        var (_, bundle, trust) = await ProveAsync(file);
        var changed = File("agreement-changed.txt");
        await System.IO.File.WriteAllTextAsync(changed, "one thousand");
        (await suite.AppsAsync("verify", bundle, "--file", changed, "--trust", trust)).Code.ShouldBe(1);
        (await NodeAsync(bundle, "--file", changed, "--trust", trust)).Code.ShouldBe(1);

        // A changed seal is a stranger's, who may have been adopted since the trust file was made: not checked (3).
        var bytes = await System.IO.File.ReadAllBytesAsync(bundle);
        foreach (var at in new[] { 20, bytes.Length / 3, bytes.Length / 2, bytes.Length - 20 })
        {
            var forged = (byte[])bytes.Clone();
            forged[at] ^= 1;
            var path = File("forged.proof.json");
            await System.IO.File.WriteAllBytesAsync(path, forged);
            (await suite.AppsAsync("verify", path, "--file", file, "--trust", trust)).Code.ShouldBeOneOf(1, 2, 3);
            (await NodeAsync(path, "--file", file, "--trust", trust)).Code.ShouldBeOneOf(1, 2, 3);
        }
    }

    [Fact]
    public async Task A_trust_file_of_another_group_proves_nothing()
    {
        var file = File("other.txt");
        await System.IO.File.WriteAllTextAsync(file, "other group");
        var (_, bundle, _) = await ProveAsync(file);
        var trust = File("trace.trust.json");
        await System.IO.File.WriteAllBytesAsync(trust, (await suite.AppsAsync("chain", "trust", "trace")).Out);
        (await suite.AppsAsync("verify", bundle, "--file", file, "--trust", trust)).Code.ShouldBe(1);
    }

    [Fact]
    public async Task An_uploaded_file_is_stored_and_proven()
    {
        var file = File("upload.bin");
        await System.IO.File.WriteAllBytesAsync(file, [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 7))]);
        var (code, output, error) = await suite.AppsAsync("deposit", file, "--upload", "--json");
        code.ShouldBe(0, error);
        var id = JsonNode.Parse(output)!["id"]!.GetValue<string>();
        var proof = await suite.AppsAsync("proof", id, "--wait");
        proof.Code.ShouldBe(0, proof.Error);
        await System.IO.File.WriteAllBytesAsync(file + ".proof.json", proof.Out);
        await System.IO.File.WriteAllBytesAsync(file + ".trust.json", (await suite.AppsAsync("chain", "trust", "evidence")).Out);
        (await suite.AppsAsync("verify", file + ".proof.json", "--file", file, "--trust", file + ".trust.json")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task The_audit_finds_nothing_wrong_and_the_doctor_is_content()
    {
        var file = File("audited.txt");
        await System.IO.File.WriteAllTextAsync(file, "audited");
        await ProveAsync(file);
        var audit = await suite.AppsAsync("audit", "--json");
        audit.Code.ShouldBe(0, Encoding.UTF8.GetString(audit.Out) + audit.Error);
        JsonNode.Parse(audit.Out)!["results"]![0]!["checkpoints"]!.GetValue<long>().ShouldBeGreaterThan(0);
        var doctor = await suite.AppsAsync("doctor", "--json");
        doctor.Code.ShouldBe(0, Encoding.UTF8.GetString(doctor.Out));
        var checks = JsonNode.Parse(doctor.Out)!.AsArray().Select(f => f!["check"]!.GetValue<string>()).ToList();
        foreach (var check in (string[])[
            "disk", "clock portal", "clock node1", "clock node4", "relay evidence", "relay trace", "log evidence",
            "checkpoint evidence", "checkpoint prepaid", "dead letters", "error queue", "skipped messages"])
        {
            checks.ShouldContain(check);
        }
    }

    [Fact]
    public async Task The_audit_names_an_event_whose_row_was_changed()
    {
        var file = File("tampered.txt");
        await System.IO.File.WriteAllTextAsync(file, "before");
        await ProveAsync(file);
        await using var database = new NpgsqlConnection((await ConfigurationAsync("evidence"))["ConnectionStrings"]!["Store"]!.GetValue<string>());
        await database.OpenAsync();
        var (id, digest, body) = await LastEventAsync(database);
        var changed = (byte[])body.Clone();
        changed[^2] ^= 1;
        var actual = SHA256.HashData(changed);
        try
        {
            // Its bytes alone, which its own digest betrays; then the digest too, which the log betrays.
            foreach (var stated in new[] { digest, actual })
            {
                await SetAsync(database, id, stated, changed);
                var audit = await suite.AppsAsync("audit", "--service", "evidence", "--json");
                audit.Code.ShouldBe(1, Encoding.UTF8.GetString(audit.Out) + audit.Error);
                var difference = JsonNode.Parse(audit.Out)!["results"]![0]!["difference"]!.GetValue<string>();
                difference.ShouldContain($"{id}");
                difference.ShouldContain(Convert.ToHexStringLower(actual));
                difference.ShouldContain(Convert.ToHexStringLower(digest));
            }
        }
        finally
        {
            await SetAsync(database, id, digest, body);
        }

        var again = await suite.AppsAsync("audit", "--service", "evidence", "--json");
        again.Code.ShouldBe(0, Encoding.UTF8.GetString(again.Out) + again.Error);
    }

    [Fact]
    public async Task The_doctor_tells_of_dead_letters()
    {
        const string Queue = "anchor.events-recorded.dead";
        var broker = (await ConfigurationAsync("anchor"))["Broker"]!;
        var factory = new ConnectionFactory
        {
            Port = broker["Port"]!.GetValue<int>(),
            HostName = broker["Host"]!.GetValue<string>(),
            UserName = broker["User"]!.GetValue<string>(),
            Password = broker["Password"]!.GetValue<string>(),
        };
        await using var connection = await factory.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.BasicPublishAsync("", Queue, mandatory: true, "undeliverable"u8.ToArray());
        try
        {
            var doctor = await suite.AppsAsync("doctor", "--json");
            doctor.Code.ShouldBe(1);
            var finding = JsonNode.Parse(doctor.Out)!.AsArray().Single(f => f!["check"]!.GetValue<string>() == "dead letters")!;
            finding["ok"]!.GetValue<bool>().ShouldBeFalse();
            finding["found"]!.GetValue<string>().ShouldContain($"1 messages in {Queue}");
            finding["remedy"]!.GetValue<string>().ShouldContain("purge_queue");
        }
        finally
        {
            await channel.QueuePurgeAsync(Queue);
        }
    }

    private async Task<JsonNode> ConfigurationAsync(string service) =>
        JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File($"config/{service}.json")))!;

    private static async Task<(Guid Id, byte[] Digest, byte[] Body)> LastEventAsync(NpgsqlConnection database)
    {
        await using var command = new NpgsqlCommand("select id, digest, body from store.events order by position desc limit 1", database);
        await using var reader = await command.ExecuteReaderAsync();
        (await reader.ReadAsync()).ShouldBeTrue();
        return (reader.GetGuid(0), (byte[])reader[1], (byte[])reader[2]);
    }

    private static async Task SetAsync(NpgsqlConnection database, Guid id, byte[] digest, byte[] body)
    {
        await using var command = new NpgsqlCommand("update store.events set digest = $2, body = $3 where id = $1", database)
        {
            Parameters = { new() { Value = id }, new() { Value = digest }, new() { Value = body } },
        };
        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }
}
