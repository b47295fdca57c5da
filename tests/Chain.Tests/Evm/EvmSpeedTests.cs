using System.Diagnostics;
using Chain.Evm;
using Shouldly;
using Xunit;

namespace Chain.Tests.Evm;

/// <summary>Speed of three loops in millions of gas a second of processor time.</summary>
[Trait("Category", "Long")]
[Collection(nameof(EvmSpeedTests))]
[CollectionDefinition(nameof(EvmSpeedTests), DisableParallelization = true)]
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

    /// <summary>Pairing checks of two pairs, e(P, Q) · e(−P, Q) = 1, at 113,000 gas each.</summary>
    [Fact]
    public void A_pairing_loop_is_measured() => Measure("pairing loop", PairingLoop(), 10_000_000);

    /// <summary>Copies the input from behind the loop into memory, then STATICCALLs 0x08 over and over.</summary>
    private static byte[] PairingLoop()
    {
        const string P = "0000000000000000000000000000000000000000000000000000000000000001";
        const string Y = "0000000000000000000000000000000000000000000000000000000000000002";
        const string MinusY = "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd45";
        const string Q = "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
            + "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
            + "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
            + "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa";
        // CODECOPY(0, 0x19, 384); loop: POP(STATICCALL(GAS, 8, 0, 384, 384, 32)); JUMP(loop)
        return Convert.FromHexString("61018060195f395b60206101806101805f60085afa50600756" + P + Y + Q + P + MinusY + Q);
    }

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
