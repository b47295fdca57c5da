using System.Text;
using EventStore;
using ServiceDefaults.Anchoring;
using Shouldly;
using Xunit;

namespace Services.Tests.ServiceDefaults;

public class ProofBundleTests
{
    private static readonly byte[] Part = CanonicalJson.Canonicalize(
        """{"log":{"path":[],"index":1,"checkpoint":"a\nb\n"},"chain":{"transactionIndex":0,"header":"AA=="}}"""u8);

    [Fact]
    public void A_bundle_is_its_own_canonical_form_with_and_without_the_event()
    {
        byte[] digest = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] whole = ProofBundles.Assemble(Part, "{\"id\":\"存证\"}"u8.ToArray(), digest);
        byte[] withheld = ProofBundles.Assemble(Part, null, digest);
        foreach (byte[] bundle in new[] { whole, withheld })
            CanonicalJson.Canonicalize(bundle).ShouldBe(bundle);
        Encoding.UTF8.GetString(whole).ShouldContain("\"event\":\"");
        Encoding.UTF8.GetString(whole).ShouldNotContain("\"digest\"");
        Encoding.UTF8.GetString(withheld).ShouldContain($"\"digest\":\"{Convert.ToHexStringLower(digest)}\"");
        Encoding.UTF8.GetString(withheld).ShouldNotContain("\"event\"");
    }
}
