using System.Diagnostics;
using Chain.Evm;
using Shouldly;
using Xunit;

namespace Chain.Tests.Evm;

/// <summary>Speed of two loops in millions of gas a second of processor time.</summary>
[Trait("Category", "Long")]
public class EvmSpeedTests
{
    /// <summary>DUP1 PUSH1 3 MUL PUSH1 7 ADD POP in a loop counted down from 2³²−1 until the gas ends.</summary>
    private static readonly byte[] Arithmetic = Convert.FromHexString("63ffffffff5b8060030260070150600190038060055700");

    /// <summary>MSTORE(0, KECCAK256(0, 32)) in the same loop.</summary>
    private static readonly byte[] Keccak = Convert.FromHexString("63ffffffff5b60205f205f52600190038060055700");

    [Fact]
    public void An_arithmetic_loop_is_measured() => Measure("arithmetic loop", Arithmetic, 300_000_000);

    [Fact]
    public void A_keccak_loop_is_measured() => Measure("keccak loop", Keccak, 60_000_000);

    private static void Measure(string name, byte[] code, ulong gas)
    {
        var evm = new EvmFixture(code);
        var best = double.MaxValue;
        for (var i = 0; i < 6; i++)
        {
            var begun = Process.GetCurrentProcess().TotalProcessorTime;
            evm.Call(EvmFixture.Contract, [], gas).Halt.ShouldBe(Halt.OutOfGas);
            best = Math.Min(best, (Process.GetCurrentProcess().TotalProcessorTime - begun).TotalSeconds);
        }

        Console.WriteLine($"{name}: {gas / best / 1e6:F0} Mgas/s measured");
        (gas / best / 1e6).ShouldBeGreaterThan(5);
    }
}
