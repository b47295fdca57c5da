using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventStore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Xunit;
using static Services.Integration.Evidence.RunningServices;

namespace Services.Integration.Evidence;

[Collection(ServicesGroup.Name)]
public class FileTests(ServicesFixture fixture)
{
    private const string Erase = """{"reason":"request of the person"}""";
    private readonly RunningServices _services = fixture.Services;

    [Fact]
    public async Task A_repeated_request_does_not_bring_an_erased_file_back()
    {
        HttpClient acme = await _services.AsAsync("member"), admin = await _services.AsAsync("admin");
        byte[] file = RandomNumberGenerator.GetBytes(1_000);
        using HttpResponseMessage created = await UploadAsync(acme, file, "file-key");
        string id = (string)(await JsonAsync(created))["id"]!;
        (await KeptAsync(file)).ShouldBe(1);
        (await admin.SendAsync(Post($"deposits/{id}/file/erase", Erase))).StatusCode.ShouldBe(HttpStatusCode.OK);

        using HttpResponseMessage again = await UploadAsync(acme, file, "file-key");
        again.Headers.GetValues("Idempotency-Replayed").ShouldBe(["true"]);
        (await KeptAsync(file)).ShouldBe(0);
        using HttpResponseMessage other = await UploadAsync(acme, file, "another-key");
        other.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await KeptAsync(file)).ShouldBe(1);
    }

    [Fact]
    public async Task A_refused_deposit_keeps_no_file()
    {
        HttpClient acme = await _services.AsAsync("member"), admin = await _services.AsAsync("admin");
        const string subject = """{"name":"孙八","idType":"id-card","idHash":"h-88"}""";
        using HttpResponseMessage first = await acme.SendAsync(Post("deposits",
            $$"""{"sha256":"{{Digest("refused with a file")}}","subject":{{subject}}}"""));
        string id = (string)(await JsonAsync(first))["id"]!;
        (await admin.PostAsync($"deposits/{id}/subject/erase", null)).EnsureSuccessStatusCode();

        byte[] file = RandomNumberGenerator.GetBytes(1_000);
        using MultipartFormDataContent form = new();
        form.Add(Json($$"""{"subject":{{subject}}}"""), "deposit");
        form.Add(new ByteArrayContent(file), "file", "refused.bin");
        using HttpResponseMessage refused = await acme.PostAsync("deposits/files", form);
        await BadInputTests.ProblemAsync(refused, 422, "person-erased");
        (await KeptAsync(file)).ShouldBe(0);
    }

    [Fact]
    public async Task A_file_left_behind_is_deleted_when_its_erasure_is_asked_for_again()
    {
        HttpClient acme = await _services.AsAsync("member"), admin = await _services.AsAsync("admin");
        byte[] file = RandomNumberGenerator.GetBytes(1_000);
        using HttpResponseMessage created = await UploadAsync(acme, file);
        string id = (string)(await JsonAsync(created))["id"]!;
        Store store = _services.EvidenceApp.Services.GetRequiredService<Store>();
        // As a process leaves it that dies between the event and the deletion.
        await ExecuteAsync(store, "create table left_files as table store_keys.files");
        (await admin.SendAsync(Post($"deposits/{id}/file/erase", Erase))).EnsureSuccessStatusCode();
        await ExecuteAsync(store, "insert into store_keys.files table left_files on conflict do nothing");
        await ExecuteAsync(store, "drop table left_files");

        using HttpResponseMessage again = await admin.SendAsync(Post($"deposits/{id}/file/erase", Erase));
        await BadInputTests.ProblemAsync(again, 404, "file-not-stored");
        (await KeptAsync(file)).ShouldBe(0);
    }

    [Fact]
    public async Task Uploads_and_erasures_side_by_side_never_leave_a_deposit_without_its_file()
    {
        HttpClient acme = await _services.AsAsync("member"), admin = await _services.AsAsync("admin");
        byte[] file = RandomNumberGenerator.GetBytes(1_000);
        using HttpResponseMessage created = await UploadAsync(acme, file);
        string last = (string)(await JsonAsync(created))["id"]!;
        for (int round = 0; round < 20; round++)
        {
            Task<HttpResponseMessage> upload = UploadAsync(acme, file, $"race-{round}");
            (await admin.SendAsync(Post($"deposits/{last}/file/erase", Erase))).Dispose();
            using HttpResponseMessage uploaded = await upload;
            last = (string)(await JsonAsync(uploaded))["id"]!;
            JsonObject details = await JsonAsync(await acme.GetAsync("deposits/" + last));
            using HttpResponseMessage download = await acme.GetAsync($"deposits/{last}/file");
            (download.StatusCode == HttpStatusCode.OK).ShouldBe((bool)details["stored"]!, $"round {round}");
        }
    }

    private static async Task<HttpResponseMessage> UploadAsync(HttpClient client, byte[] file, string? key = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "deposits/files") { Content = new ByteArrayContent(file) };
        request.Content.Headers.ContentType = new("application/octet-stream");
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    private async Task<long> KeptAsync(byte[] file)
    {
        Store store = _services.EvidenceApp.Services.GetRequiredService<Store>();
        await using NpgsqlCommand command =
            store.DataSource.CreateCommand("select count(*) from store_keys.files where sha256 = $1");
        command.Parameters.Add(new() { Value = SHA256.HashData(file) });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(Store store, string sql)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
