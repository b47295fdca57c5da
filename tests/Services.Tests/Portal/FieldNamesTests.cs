using Microsoft.AspNetCore.Http;
using Portal.Components;
using Shouldly;
using Xunit;

namespace Services.Tests.Portal;

public sealed class FieldNamesTests
{
    [Theory]
    [InlineData("zh", "items", "请填写items。", "请填写货物的码。")]
    [InlineData("zh", "items[0]", "items[0]的格式不符合要求。", "货物的码的格式不符合要求。")]
    [InlineData("en", "items[0]", "items[0] is not in the form required.", "The code of the goods is not in the form required.")]
    [InlineData("en", "stem", "stem is needed.", "The beginning of the printed link is needed.")]
    [InlineData("zh", "name.zh", "name.zh须为1～80个字符，您填了0个。", "名称须为1～80个字符，您填了0个。")]
    [InlineData("en", "quantities[2].amount", "quantities[2].amount is needed.", "The amount is needed.")]
    [InlineData("en", "count", "The account is closed; count must be more.", "The account is closed; the number of codes must be more.")]
    [InlineData("en", "unheard", "unheard is needed.", "unheard is needed.")]
    public void A_problem_names_its_field_as_people_call_it(string language, string path, string detail, string said)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString($"?lang={language}");
        FieldNames.In(new Language(new HttpContextAccessor { HttpContext = context }), path, detail).ShouldBe(said);
    }
}
