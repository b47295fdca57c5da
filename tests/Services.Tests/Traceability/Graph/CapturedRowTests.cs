using System.Text;
using Shouldly;
using Traceability.Graph;
using Xunit;

namespace Services.Tests.Traceability.Graph;

public class CapturedRowTests
{
    [Theory]
    [InlineData("""{"type":"ObjectEvent","ilmd":{"cbvmda:lotNumber":"L1"}}""", "L1")]
    [InlineData("""{"@context":[{"m":"urn:epcglobal:cbv:mda:"}],"ilmd":{"m:lotNumber":"L1"}}""", "L1")]
    [InlineData("""{"ilmd":{"x":[1],"m:lotNumber":"L1"},"@context":{"m":"urn:epcglobal:cbv:mda:"}}""", "L1")]
    [InlineData("""{"@context":[{"m":"https://m.example/"}],"ilmd":{"m:lotNumber":"L1"}}""", null)]
    [InlineData("""{"ilmd":{"m:lotNumber":"L1"}}""", null)]
    [InlineData("""{"ilmd":{"lotNumber":7}}""", null)]
    [InlineData("""{"lotNumber":"L1"}""", null)]
    public void A_lot_is_found_by_any_prefix_of_its_name_space(string body, string? lot) =>
        CapturedRow.LotNumber(Encoding.UTF8.GetBytes(body)).ShouldBe(lot);
}
