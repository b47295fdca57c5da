using Shouldly;
using Traceability.Scanning;
using Xunit;

namespace Services.Tests.Traceability.Scanning;

/// <summary>Whoever scans is told the reason for which a link can't be read, not another one.</summary>
public sealed class LinkFaultTests
{
    [Theory]
    [InlineData("/01/06901234567893/21/A", ItemKey.Digit)]
    [InlineData("/01/06901234567892/21/<script>", ItemKey.Character)]
    [InlineData("/01/06901234567892/21/%E9%85%92", ItemKey.Character)]
    [InlineData("/01/06901234567892/21/AAAAAAAAAAAAAAAAAAAAA", ItemKey.Invalid)]
    [InlineData("/01/069012345", ItemKey.Invalid)]
    [InlineData("/00/106141412345678908", ItemKey.NotServed)]
    public void A_link_that_names_no_item_is_told_its_own_fault(string target, string fault)
    {
        ItemKey.TryParse(target, out _, out string? found).ShouldBeFalse();
        found.ShouldBe(fault);
    }
}
