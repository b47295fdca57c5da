using System.Diagnostics;
using System.Text.Json;
using Chain.Core;
using Chain.Evm;
using Xunit;

namespace Chain.Tests.Evm;

/// <summary>Opcode and precompile vectors of go-ethereum. Their licence keeps them out of the repository; they are read
/// from <c>shared/vectors</c> beside it when that is there.</summary>
public class GethVectorTests
{
    private static readonly Lazy<string?> Folder = new(Unpack);

    [Theory]
    [InlineData("add", 0x01)]
    [InlineData("mul", 0x02)]
    [InlineData("sub", 0x03)]
    [InlineData("div", 0x04)]
    [InlineData("sdiv", 0x05)]
    [InlineData("mod", 0x06)]
    [InlineData("smod", 0x07)]
    [InlineData("exp", 0x0a)]
    [InlineData("signext", 0x0b)]
    [InlineData("lt", 0x10)]
    [InlineData("gt", 0x11)]
    [InlineData("slt", 0x12)]
    [InlineData("sgt", 0x13)]
    [InlineData("eq", 0x14)]
    [InlineData("and", 0x16)]
    [InlineData("or", 0x17)]
    [InlineData("xor", 0x18)]
    [InlineData("byte", 0x1a)]
    [InlineData("shl", 0x1b)]
    [InlineData("shr", 0x1c)]
    [InlineData("sar", 0x1d)]
    public void An_instruction_gives_the_expected_word(string name, byte opcode)
    {
        RunCases($"testcases_{name}.json", test =>
        {
            // PUSH32 X, PUSH32 Y, the instruction, and its result returned.
            var evm = new EvmFixture(
                [0x7f, .. Bytes(test, "X"), 0x7f, .. Bytes(test, "Y"), opcode, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]);
            return evm.Call(EvmFixture.Contract, []).Output.Span.SequenceEqual(Bytes(test, "Expected"));
        });
    }

    [Theory]
    [InlineData("ecRecover", 1, true)]
    [InlineData("modexp", 5, false)] // priced before EIP-2565
    [InlineData("modexp_eip2565", 5, true)]
    [InlineData("bn256Add", 6, true)]
    [InlineData("bn256ScalarMul", 7, true)]
    [InlineData("bn256Pairing", 8, true)]
    [InlineData("blake2F", 9, true)]
    public void A_precompile_gives_the_expected_output(string name, byte number, bool priced)
    {
        RunCases($"precompiles/{name}.json", test =>
        {
            var result = Run(test, number, out var gas);
            return result.Status == ExecutionStatus.Succeeded
                && result.Output.Span.SequenceEqual(Bytes(test, "Expected"))
                && (!priced || gas == test.GetProperty("Gas").GetUInt64());
        });
    }

    [Theory]
    [InlineData("fail-blake2f", 9)]
    public void A_precompile_refuses_malformed_input(string name, byte number) =>
        RunCases($"precompiles/{name}.json", test => Run(test, number, out _).Halt == Halt.PrecompileFailure);

    private static ExecutionResult Run(JsonElement test, byte number, out ulong gas)
    {
        var input = Bytes(test, "Input");
        var result = new EvmFixture().Call(Address.FromWord([.. new byte[31], number]), input, gas: 1ul << 40);
        gas = result.GasUsed - new Transaction { To = Address.Zero, Data = input }.IntrinsicGas;
        return result;
    }

    private static byte[] Bytes(JsonElement test, string name) => Hex.Parse(test.GetProperty(name).GetString());

    private static void RunCases(string file, Func<JsonElement, bool> passes)
    {
        if (Folder.Value is not { } folder)
        {
            Console.WriteLine($"geth {file}: not available");
            return;
        }

        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, file)));
        var cases = json.RootElement.EnumerateArray().ToArray();
        var failures = cases.Select((test, i) => passes(test) ? null : $"#{i}").OfType<string>().ToArray();
        VectorFiles.Report($"geth {file}", cases.Length, failures);
    }

    private static string? Unpack()
    {
        for (var above = new DirectoryInfo(AppContext.BaseDirectory); above is not null; above = above.Parent)
        {
            var archive = Path.Combine(above.FullName, "shared", "vectors", "evm.tar.xz");
            if (!File.Exists(archive))
                continue;
            var target = Directory.CreateTempSubdirectory("geth-vm").FullName;
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(target, recursive: true);
            using var tar = Process.Start("tar", ["-xJf", archive, "-C", target, "evm/geth-vm"]);
            tar.WaitForExit();
            return tar.ExitCode == 0 ? Path.Combine(target, "evm", "geth-vm") : null;
        }

        return null;
    }
}
