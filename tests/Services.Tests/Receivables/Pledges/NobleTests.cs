using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Services.Tests.Proofs;
using Shouldly;
using Voprf;
using Xunit;

namespace Services.Tests.Receivables.Pledges;

public sealed class NobleTests
{
    private sealed record Case(
        string Input, string Blind, string Key, string PublicKey, string Blinded, string Evaluated, string Proof);

    private sealed record Answer(string Sum, string Product, string PublicKey, string Output);

    [Fact]
    public async Task OpenSSL_and_noble_curves_agree_on_random_cases()
    {
        List<Case> cases = [.. Enumerable.Range(0, 40).Select(i => Make(RandomNumberGenerator.GetBytes(i)))];

        Answer[] answers = await RunAsync(cases);

        answers.Length.ShouldBe(cases.Count);
        foreach ((Case c, Answer answer) in cases.Zip(answers))
        {
            Point.TryRead(c.Blinded, out Point? blinded).ShouldBeTrue();
            Point.TryRead(c.Evaluated, out Point? evaluated).ShouldBeTrue();
            answer.Sum.ShouldBe((blinded! + evaluated!).ToString());
            answer.Product.ShouldBe(c.Evaluated);
            answer.PublicKey.ShouldBe(c.PublicKey);
            Scalar.TryRead(Convert.FromHexString(c.Blind), out Scalar? blind).ShouldBeTrue();
            answer.Output.ShouldBe(
                Convert.ToHexStringLower(Oprf.Finalize(Convert.FromHexString(c.Input), blind!, evaluated!)));
        }
    }

    private static Case Make(byte[] input)
    {
        (Scalar blind, Scalar key) = (Scalar.NewRandom(), Scalar.NewRandom());
        Point publicKey = Point.MultiplyGenerator(key);
        Point blinded = Oprf.Blind(input, blind);
        Point evaluated = Oprf.Evaluate(key, blinded);
        EqualityProof proof = Oprf.Prove(key, publicKey, [(blinded, evaluated)], Scalar.NewRandom());
        return new Case(Convert.ToHexStringLower(input), Convert.ToHexStringLower(blind.Bytes),
            Convert.ToHexStringLower(key.Bytes), publicKey.ToString(), blinded.ToString(), evaluated.ToString(),
            Convert.ToHexStringLower(proof.ToBytes()));
    }

    private static async Task<Answer[]> RunAsync(List<Case> cases)
    {
        string script = Path.GetFullPath(
            Path.Combine(VectorFiles.Folder, "../Services.Tests/Receivables/Pledges/voprf.mjs"));
        using Process process = Process.Start(new ProcessStartInfo("node", [script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await process.StandardInput.WriteAsync(JsonSerializer.Serialize(cases, JsonSerializerOptions.Web));
        process.StandardInput.Close();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, "packages: npm ci in services/Verifier.Js");
        return JsonSerializer.Deserialize<Answer[]>(output, JsonSerializerOptions.Web)!;
    }
}
