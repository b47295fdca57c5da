using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Portal.Components;
using Portal.Components.Pages.Goods;
using ServiceDefaults.Auth;
using Shouldly;
using Xunit;

namespace Services.Tests.Portal.Goods;

public sealed class ProductMoveTests
{
    [Fact]
    public void Only_an_authority_opens_the_form() =>
        typeof(MoveProduct).GetCustomAttributes<AuthorizeAttribute>().Single().Roles.ShouldBe(Role.Regulator);

    [Fact]
    public void Case_number_and_reason_are_the_basis_that_is_anchored()
    {
        FormProblems problems = new(Words);
        ProductMove.Read(Words, "first", " second ", "2026-118", "Registered by a stranger\n", problems)
            .ShouldBe(new ProductMove("second", "2026-118：Registered by a stranger"));
        problems.All.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", "2026-118", "why", "organisation")]
    [InlineData("first", "2026-118", "why", "organisation")]
    [InlineData("second", " ", "why", "caseNumber")]
    [InlineData("second", "2026-118", "", "reason")]
    public void Nothing_is_moved_without_organisation_case_and_reason(string to, string number, string why, string field)
    {
        FormProblems problems = new(Words);
        ProductMove.Read(Words, "first", to, number, why, problems).ShouldBeNull();
        problems[field].ShouldNotBeNull().ShouldContain("Nothing was moved");
    }

    [Fact]
    public void The_longest_basis_is_one_that_the_service_takes()
    {
        FormProblems problems = new(Words);
        ProductMove move = ProductMove.Read(
            Words, "first", "second", new string('1', ProductMove.CaseMax), new string('x', ProductMove.ReasonMax), problems)!;
        move.Basis.Length.ShouldBeLessThanOrEqualTo(500);
    }

    private static Language Words
    {
        get
        {
            DefaultHttpContext context = new();
            context.Request.QueryString = new QueryString("?lang=en");
            return new Language(new HttpContextAccessor { HttpContext = context });
        }
    }
}
