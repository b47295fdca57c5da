using System.Security.Cryptography;
using EventStore.Personal;
using Shouldly;
using Xunit;

namespace Services.Tests.EventStore;

public sealed class PersonalFieldTests
{
    private static readonly Guid Event = Guid.Parse("0198c0de-0000-7000-8000-000000000001");

    [Fact]
    public void A_field_opens_under_its_own_key_event_and_path_only()
    {
        using var key = new PersonKey("p-1", RandomNumberGenerator.GetBytes(32));
        using var other = new PersonKey("p-2", RandomNumberGenerator.GetBytes(32));
        var field = key.Seal(Event, "holder.name", "王小明");

        key.Open(Event, "holder.name", field).Value.ShouldBe("王小明");
        Should.Throw<CryptographicException>(() => other.Open(Event, "holder.name", field));
        Should.Throw<CryptographicException>(() => key.Open(Guid.Empty, "holder.name", field));
        Should.Throw<CryptographicException>(() => key.Open(Event, "holder.phone", field));
        Should.Throw<CryptographicException>(() => key.Open(Event, "holder.name", field with { Box = "AAAA" }));
    }

    [Fact]
    public void One_opened_value_is_checked_against_its_commitment_without_a_key()
    {
        using var key = new PersonKey("p-1", RandomNumberGenerator.GetBytes(32));
        var field = key.Seal(Event, "holder.name", "Ada");
        var opened = key.Open(Event, "holder.name", field);

        field.Matches(opened).ShouldBeTrue();
        field.Matches(opened with { Value = "Eve" }).ShouldBeFalse();
        field.Matches(opened with { Random = new byte[16] }).ShouldBeFalse();
    }

    [Fact]
    public void Equal_values_have_different_commitments()
    {
        using var key = new PersonKey("p-1", RandomNumberGenerator.GetBytes(32));
        key.Seal(Event, "name", "Ada").Commit.ShouldNotBe(key.Seal(Event, "name", "Ada").Commit);
    }
}
