using Shouldly;
using Traceability.Gs1;
using Xunit;

namespace Services.Tests.Traceability.Gs1;

/// <summary>EPC URNs and Digital Links name the same things.</summary>
public sealed class EpcTests
{
    // TDS 2.1 section 6.3 and the examples of CBV 2.0 section 8, with their company prefix.
    public static TheoryData<string, string, int> Instances => new()
    {
        { "urn:epc:id:sgtin:4012345.011111.9876", "https://id.gs1.org/01/04012345111118/21/9876", 7 },
        { "urn:epc:id:sgtin:0614141.112345.400", "https://id.gs1.org/01/10614141123459/21/400", 7 },
        { "urn:epc:id:sgtin:415056789012.0.987654", "https://id.gs1.org/01/04150567890128/21/987654", 12 },
        {
            "urn:epc:id:sgtin:0614141.812345.6789%2F%26%25%22!%3F()",
            "https://id.gs1.org/01/80614141123458/21/6789%2F%26%25%22%21%3F%28%29", 7
        },
        { "urn:epc:id:sscc:0614141.1234567890", "https://id.gs1.org/00/106141412345678908", 7 },
        { "urn:epc:id:sgln:4012345.00005.122", "https://id.gs1.org/414/4012345000054/254/122", 7 },
        { "urn:epc:id:sgln:4012345.00005.0", "https://id.gs1.org/414/4012345000054", 7 },
        { "urn:epc:id:grai:4012345.00022.334455", "https://id.gs1.org/8003/04012345000221334455", 7 },
        { "urn:epc:id:giai:4012345.ABC345", "https://id.gs1.org/8004/4012345ABC345", 7 },
        { "urn:epc:id:gsrn:4012345.0000006765", "https://id.gs1.org/8018/401234500000067657", 7 },
        { "urn:epc:id:gsrnp:4012345.0000000007", "https://id.gs1.org/8017/401234500000000074", 7 },
        { "urn:epc:id:gdti:4012345.00009.PO-4711", "https://id.gs1.org/253/4012345000092PO-4711", 7 },
        { "urn:epc:id:gdti:987659999999..9", "https://id.gs1.org/253/98765999999929", 12 },
        { "urn:epc:id:sgcn:4012345.67890.04711", "https://id.gs1.org/255/401234567890104711", 7 },
        {
            "urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234",
            "https://id.gs1.org/8010/061414111111111111111-A%23%2F/8011/1234", 7
        },
        { "urn:epc:id:ginc:0614141.xyz47%2F11", "https://id.gs1.org/401/0614141xyz47%2F11", 7 },
        { "urn:epc:id:gsin:4012345.222333444", "https://id.gs1.org/402/40123452223334442", 7 },
        { "urn:epc:id:itip:4012345.011111.01.02.987", "https://id.gs1.org/8006/040123451111180102/21/987", 7 },
        {
            "urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7SDB",
            "https://id.gs1.org/01/01234567987651/235/51qIgY%29%3C%26Jp3%2Aj7SDB", 7
        },
        { "urn:epc:id:pgln:4000001.00000", "https://id.gs1.org/417/4000001000005", 7 },
        { "urn:epc:id:pgln:999999999999.", "https://id.gs1.org/417/9999999999994", 12 },
        { "urn:epc:class:lgtin:4012345.012345.Lot987", "https://id.gs1.org/01/04012345123456/10/Lot987", 7 },
        { "urn:epc:idpat:sgtin:4012345.012345.*", "https://id.gs1.org/01/04012345123456", 7 },
        { "urn:epc:idpat:grai:4012345.99999.*", "https://id.gs1.org/8003/04012345999990", 7 },
        { "urn:epc:idpat:gdti:4012345.11111.*", "https://id.gs1.org/253/4012345111118", 7 },
        { "urn:epc:idpat:sgcn:4012345.22222.*", "https://id.gs1.org/255/4012345222227", 7 },
        { "urn:epc:idpat:cpi:4012345.AB12.*", "https://id.gs1.org/8010/4012345AB12", 7 },
        { "urn:epc:idpat:itip:4012345.012345.01.02.*", "https://id.gs1.org/8006/040123451234560102", 7 },
    };

    [Theory]
    [MemberData(nameof(Instances))]
    public void A_URN_and_its_link_are_turned_into_each_other(string urn, string link, int companyPrefix)
    {
        Epc.ToCanonicalUri(urn).ShouldBe(link);
        Epc.ToCanonicalUri(link).ShouldBe(link);
        DigitalLink.TryParse(link, out DigitalLink? parsed, out Gs1Error error).ShouldBeTrue(error.ToString());
        Epc.ToUrn(parsed!, companyPrefix).ShouldBe(urn);
    }

    [Theory]
    [InlineData("https://example.com/gtin/09780345418913/21/765tz?abc=211121", "01/09780345418913/21/765tz")]
    [InlineData("http://example.org/01/97803111", "01/00000097803111")]
    [InlineData("http://id.gs1.org/01/001122334455/ser/GHB", "01/00001122334455/21/GHB")]
    [InlineData("https://id.gs1.org/gtin/9780345418913/cpv/344/lot/1223/ser/765tz", "01/09780345418913/21/765tz")]
    [InlineData("https://id.gs1.org/gtin/9780345418913/cpv/344", "01/09780345418913")]
    [InlineData("http://example.de/01/040123451234/cpv/344/lot/ABD", "01/00040123451234/10/ABD")]
    [InlineData("https://id.gs1.org/8006/040123451234560102/22/AB/21/443322", "8006/040123451234560102/21/443322")]
    [InlineData("https://example.org/8006/040123451234560102/10/Lot-1/21/ser987", "8006/040123451234560102/21/ser987")]
    [InlineData("https://gs1.test.example.org/01/9780345418913/10/1223", "01/09780345418913/10/1223")]
    [InlineData("https://example.org/01/9780345418913/21/765tz?11=221109", "01/09780345418913/21/765tz")]
    [InlineData("https://example.co.uk/party/4226350800008", "417/4226350800008")]
    [InlineData("https://example.co.uk/some/stem/00/340123453111111115", "00/340123453111111115")]
    public void A_link_on_any_host_has_one_canonical_form(string uri, string canonical) =>
        Epc.ToCanonicalUri(uri).ShouldBe("https://id.gs1.org/" + canonical);

    [Theory]
    [InlineData("urn:epc:id:gid:1.2.3")]
    [InlineData("urn:epc:idpat:sgtin:4012345.*.*")]
    [InlineData("urn:epc:id:sgtin:4012345.0111112.98")]
    [InlineData("urn:epcglobal:cbv:bt:0614141073467:1152")]
    [InlineData("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6")]
    [InlineData("https://example.org/blog/401/some-words")]
    [InlineData("https://ref.gs1.org/cbv/BizStep-shipping")]
    [InlineData("http://example.org/01/9780345418913/99/utfgf")]
    [InlineData("geo:50.94,6.92")]
    [InlineData("")]
    public void What_is_no_GS1_identifier_stays_as_it_is(string uri) => Epc.ToCanonicalUri(uri).ShouldBe(uri);

    [Theory]
    [InlineData("https://id.gs1.org/01/04012345111119/21/9876", "incorrect-check-digit")]
    [InlineData("https://example.com/00/106141412345678909", "incorrect-check-digit")]
    [InlineData("https://id.gs1.org/01/0401234511112/21/9876", "incorrect-check-digit")]
    [InlineData("https://id.gs1.org/01/123/21/9876", "value-too-short")]
    [InlineData("urn:epc:id:sgtin:4012345.01111.98", "epc-reference")]
    [InlineData("urn:epc:id:sgtin:40123.0111111.98", "epc-company-prefix")]
    [InlineData("urn:epc:id:sgtin:4012345.011111.", "epc-serial")]
    [InlineData("urn:epc:id:sgtin:4012345.011111.1234567890123456789012", "epc-serial")]
    [InlineData("urn:epc:id:sgtin:4012345.011111.a b", "epc-serial")]
    [InlineData("urn:epc:id:sscc:4012345.31111111111", "epc-reference")]
    [InlineData("urn:epc:id:gsrn:4012345.0000006765.1", "epc-excess")]
    public void A_wrong_identifier_is_found(string uri, string code)
    {
        Epc.IsSound(uri, out Gs1Error error).ShouldBeFalse();
        error.Code.ShouldBe(code);
    }

    [Theory]
    [InlineData("urn:epc:id:gid:1.2.3")]
    [InlineData("urn:epc:idpat:sgtin:4012345.*.*")]
    [InlineData("https://example.org/anything")]
    [InlineData("https://example.com/01/9780345418913/21/765tz")]
    public void What_claims_nothing_or_is_right_is_sound(string uri) =>
        Epc.IsSound(uri, out Gs1Error error).ShouldBeTrue(error.ToString());
}
