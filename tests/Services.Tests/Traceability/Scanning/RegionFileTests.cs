using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using Shouldly;
using TestKit;
using Traceability.Scanning;
using Xunit;

namespace Services.Tests.Traceability.Scanning;

/// <summary>The region table follows its file.</summary>
public sealed class RegionFileTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 21, 8, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("regions-").FullName;
    private readonly ManualTimeProvider _time = new(Start);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_newer_file_is_read_and_one_that_can_not_be_read_changes_nothing()
    {
        RegionFile regions = new(
            Options.Create(new ServiceOptions { Name = "trace", Data = _folder }), _time, NullLogger<RegionFile>.Instance);
        Found(regions).ShouldBeNull("there is no file");

        Write("10.0.0.0,10.255.255.255,330100", 1);
        Found(regions).ShouldBe("330100");
        Write("10.0.0.0,10.255.255.255,510100", 2);
        Found(regions).ShouldBe("510100");
        Write("10.0.0.0,nowhere", 3);
        Found(regions).ShouldBe("510100");
        File.Delete(Path.Combine(_folder, "regions.csv"));
        Found(regions).ShouldBeNull();
    }

    private string? Found(RegionFile regions)
    {
        _time.Advance(TimeSpan.FromSeconds(3));
        return regions.Current.Find(IPAddress.Parse("10.1.2.3"))?.Code;
    }

    private void Write(string line, int version)
    {
        string file = Path.Combine(_folder, "regions.csv");
        File.WriteAllText(file, line);
        File.SetLastWriteTimeUtc(file, Start.UtcDateTime.AddMinutes(version));
    }
}
