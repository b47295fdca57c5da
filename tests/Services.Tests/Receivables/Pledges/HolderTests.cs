using System.Text.Json;
using System.Text.Json.Nodes;
using Chain.Core;
using KeyHolder;
using Shouldly;
using TestKit;
using Voprf;
using Xunit;

namespace Services.Tests.Receivables.Pledges;

public sealed class HolderTests : IDisposable
{
    private const int Quota = 5;
    private const int PerDay = 8;
    private static readonly byte[] Platform = [.. Enumerable.Repeat((byte)7, 32)];
    private static readonly string Address = Secp256k1.AddressOf(Platform).ToString();
    private readonly string _folder = Directory.CreateTempSubdirectory("apps-holder-").FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly Point _blinded = Oprf.Blind("invoice"u8, Scalar.Of(5));

    public HolderTests() => Ceremony.Rehearse(1, _folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_known_platform_gets_points_with_a_proof()
    {
        using RequestLog log = new(_folder);
        Evaluator holder = Holder(log);
        (EvaluateAnswer? answer, int status, _) = Ask(holder, Request(_blinded.ToString(), Point.Generator.ToString()));
        status.ShouldBe(200);
        (answer!.Holder, answer.UsedToday, answer.PerDay).ShouldBe((2, 2, Quota));
        EqualityProof.TryRead(Convert.FromHexString(answer.Proof), out EqualityProof? proof).ShouldBeTrue();
        List<(Point, Point)> pairs = [(_blinded, Read(answer.Evaluated[0])), (Point.Generator, Read(answer.Evaluated[1]))];
        Oprf.Verify(holder.PublicKeys[0].Read().Shares[1], pairs, proof!).ShouldBeTrue();
    }

    [Theory]
    [InlineData("00")]
    [InlineData("000000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("020000000000000000000000000000000000000000000000000000000000000001")]
    [InlineData("036B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296")]
    [InlineData("24312000000123456789")]
    public void Anything_but_a_blinded_point_is_refused(string given)
    {
        using RequestLog log = new(_folder);
        Ask(Holder(log), Request(given)).Refusal!.Code.ShouldBe("blinded-point");
        log.Counts(Day).ShouldBeEmpty();
    }

    [Fact]
    public void No_points_and_too_many_are_refused()
    {
        using RequestLog log = new(_folder);
        Ask(Holder(log), Request()).Refusal!.Code.ShouldBe("blinded-point");
        Ask(Holder(log), Request([.. Enumerable.Repeat(_blinded.ToString(), 101)])).Refusal!.Code.ShouldBe("blinded-point");
    }

    [Fact]
    public void Only_a_known_platforms_own_signature_for_this_holder_counts()
    {
        using RequestLog log = new(_folder);
        Evaluator holder = Holder(log);
        byte[] body = Request(_blinded.ToString());
        byte[] stranger = [.. Enumerable.Repeat((byte)8, 32)];
        holder.Evaluate(body, null).Status.ShouldBe(401);
        holder.Evaluate(body, new string('0', 130)).Status.ShouldBe(401);
        holder.Evaluate(body, Sign(body, 2, stranger)).Status.ShouldBe(401);
        holder.Evaluate(body, Sign(body, 1, Platform)).Status.ShouldBe(401, "signed for another holder");
        byte[] other = Request(_blinded.ToString());
        holder.Evaluate(other, Sign(body, 2, Platform)).Status.ShouldBe(401, "the body was exchanged");
        holder.Evaluate([.. body, (byte)'x'], Sign(body, 2, Platform)).Status.ShouldBe(400);
        log.Counts(Day).ShouldBeEmpty();
    }

    [Fact]
    public void An_old_request_and_one_from_the_future_are_refused()
    {
        using RequestLog log = new(_folder);
        Evaluator holder = Holder(log);
        byte[] body = Request(_blinded.ToString());
        _time.Advance(TimeSpan.FromMinutes(6));
        Ask(holder, body).Refusal!.Code.ShouldBe("request-old");
        _time.Advance(-TimeSpan.FromMinutes(12));
        Ask(holder, body).Refusal!.Code.ShouldBe("request-old");
    }

    [Fact]
    public void The_quota_of_a_day_is_kept_over_a_restart_and_renewed_the_next_day()
    {
        string point = _blinded.ToString();
        using (RequestLog log = new(_folder))
            Ask(Holder(log), Request(point, point, point, point)).Status.ShouldBe(200);
        using (RequestLog log = new(_folder))
        {
            Evaluator holder = Holder(log);
            Ask(holder, Request(point, point)).Refusal!.Code.ShouldBe("quota-exceeded");
            Ask(holder, Request(point)).Answer!.UsedToday.ShouldBe(Quota);
            (_, int status, HolderRefusal? refusal) = Ask(holder, Request(point));
            (status, refusal!.Code).ShouldBe((429, "quota-exceeded"));
            _time.Advance(TimeSpan.FromDays(1));
            Ask(holder, Request(point)).Answer!.UsedToday.ShouldBe(1);
        }
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(8, 5)]
    [InlineData(1_000_000, 666_666)]
    public void Two_of_three_holders_never_grant_more_than_a_platforms_quota(int quota, int share)
    {
        Evaluator.Share(quota).ShouldBe(share);
        (3 * Evaluator.Share(quota) / 2).ShouldBeLessThanOrEqualTo(quota);
    }

    [Fact]
    public void A_request_repeated_is_answered_and_not_counted_again_and_its_id_serves_no_other()
    {
        using RequestLog log = new(_folder);
        Evaluator holder = Holder(log);
        Guid id = Guid.CreateVersion7();
        byte[] body = Request(id, _blinded.ToString());
        Ask(holder, body).Answer!.Evaluated.ShouldBe(Ask(holder, body).Answer!.Evaluated);
        Ask(holder, Request(id, Point.Generator.ToString())).Refusal!.Code.ShouldBe("request-reused");
        log.Counts(Day).ShouldBe([(Address, 1)]);
    }

    [Fact]
    public void A_line_that_a_crash_cut_short_is_dropped_and_the_log_goes_on()
    {
        using (RequestLog log = new(_folder))
            Ask(Holder(log), Request(_blinded.ToString())).Status.ShouldBe(200);
        File.AppendAllText(Path.Combine(_folder, "requests.log"), "2026-01-01 0xab");
        using (RequestLog log = new(_folder))
            Ask(Holder(log), Request(_blinded.ToString())).Answer!.UsedToday.ShouldBe(2);
        using RequestLog again = new(_folder);
        again.Counts(Day).ShouldBe([(Address, 2)]);
    }

    [Fact]
    public void A_day_that_is_over_has_one_signed_statement()
    {
        using RequestLog log = new(_folder);
        Ask(Holder(log), Request(_blinded.ToString())).Status.ShouldBe(200);
        DailyCounts counts = new(2, log, Platform, _time);
        counts.Of(Day).ShouldBeNull("the day is not over");
        DateOnly day = Day;
        _time.Advance(TimeSpan.FromDays(1));
        SignedCounts signed = counts.Of(day)!;
        JsonNode.Parse(signed.Statement)!["counts"]![0]!["evaluations"]!.GetValue<int>().ShouldBe(1);
        signed.Verify().ShouldBeTrue();
        (signed with { Statement = signed.Statement.Replace("\"evaluations\":1", "\"evaluations\":0") })
            .Verify().ShouldBeFalse();
        counts.Of(day).ShouldBe(signed);
    }

    [Fact]
    public void While_a_key_changes_both_epochs_are_evaluated_and_no_other()
    {
        Ceremony.Rehearse(2, _folder);
        using RequestLog log = new(_folder);
        Evaluator holder = new([Key(1, 2), Key(2, 2)], [new("p", Address, PerDay)], log, _time);
        holder.PublicKeys.Select(k => k.Epoch).ShouldBe([1, 2]);
        string first = Ask(holder, Request(Guid.CreateVersion7(), _blinded.ToString())).Answer!.Evaluated[0];
        string second = Ask(holder, Body(Guid.CreateVersion7(), 2, [_blinded.ToString()])).Answer!.Evaluated[0];
        second.ShouldNotBe(first);
        Ask(holder, Body(Guid.CreateVersion7(), 3, [_blinded.ToString()])).Refusal!.Code.ShouldBe("epoch-unknown");
    }

    [Fact]
    public void A_dealer_who_gives_a_wrong_share_is_named()
    {
        string work = Path.Combine(_folder, "work");
        foreach (int dealer in (int[])[1, 2, 3])
            Ceremony.Deal(9, dealer, work);
        string shares = Path.Combine(work, "epoch9-share-from3-to1.json");
        ShareFile wrong = HolderFiles.Read<ShareFile>(Path.Combine(work, "epoch9-share-from3-to2.json")) with { Holder = 1 };
        File.Delete(shares);
        HolderFiles.Write(shares, wrong, secret: true);
        Should.Throw<FormatException>(() => Ceremony.Join(1,
                [.. Enumerable.Range(1, 3).Select(d => Path.Combine(work, $"epoch9-dealing{d}.json"))],
                [.. Enumerable.Range(1, 3).Select(d => Path.Combine(work, $"epoch9-share-from{d}-to1.json"))], _folder))
            .Message.ShouldContain("Holder 3");
    }

    [Fact]
    public void Secrets_are_readable_by_their_owner_only()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Path.Combine(_folder, "epoch1-holder1.key.json"))
                .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private DateOnly Day => DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);

    private Evaluator Holder(RequestLog log) => new([Key(1, 2)], [new("p", Address, PerDay)], log, _time);

    private KeyFile Key(int epoch, int holder) =>
        HolderFiles.Read<KeyFile>(Path.Combine(_folder, $"epoch{epoch}-holder{holder}.key.json"));

    private byte[] Request(params string[] points) => Request(Guid.CreateVersion7(), points);

    private byte[] Request(Guid id, params string[] points) => Body(id, 1, points);

    private byte[] Body(Guid id, int epoch, string[] points) => JsonSerializer.SerializeToUtf8Bytes(
        new EvaluateRequest(Address, epoch, id, _time.GetUtcNow(), points), HolderJson.Default.EvaluateRequest);

    private static (EvaluateAnswer? Answer, int Status, HolderRefusal? Refusal) Ask(Evaluator holder, byte[] body) =>
        holder.Evaluate(body, Sign(body, 2, Platform));

    private static string Sign(byte[] body, int holder, byte[] key) => Convert.ToHexStringLower(
        Secp256k1.Sign(new Hash32(HolderProtocol.SigningDigest(holder, body)), key).ToArray());

    private static Point Read(string hex) => Point.TryRead(hex, out Point? point) ? point : throw new FormatException();
}
