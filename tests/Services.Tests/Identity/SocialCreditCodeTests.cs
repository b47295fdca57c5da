using Identity.Organisations;
using Shouldly;
using Xunit;

namespace Services.Tests.Identity;

public class SocialCreditCodeTests
{
    [Theory]
    [InlineData("91110000802100433B")]
    [InlineData("9144030071526726XG")]
    [InlineData("91330100799655058B")]
    [InlineData("914403001922038216")]
    public void Codes_of_registered_companies_are_valid(string code) => SocialCreditCode.IsValid(code).ShouldBeTrue();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("91110000802100433")]
    [InlineData("91110000802100433B0")]
    [InlineData("91110000802100433b")]
    [InlineData("9111000080210043IB")]
    [InlineData("91110000802100433C")]
    public void Other_texts_are_not(string? code) => SocialCreditCode.IsValid(code).ShouldBeFalse();

    [Fact]
    public void One_wrong_character_or_two_exchanged_ones_are_found()
    {
        const string code = "9144030071526726XG", alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        for (int i = 0; i < code.Length; i++)
        {
            foreach (char c in alphabet.Where(c => c != code[i]))
                SocialCreditCode.IsValid(code[..i] + c + code[(i + 1)..]).ShouldBeFalse();
            if (i + 1 < code.Length && code[i] != code[i + 1])
                SocialCreditCode.IsValid(code[..i] + code[i + 1] + code[i] + code[(i + 2)..]).ShouldBeFalse();
        }
    }
}
