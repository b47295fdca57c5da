using Chain.Core;

namespace Chain.Evm;

/// <summary>Prepared code by its hash, so that a contract is analysed once and not at every call.</summary>
internal sealed class BytecodeCache
{
    private const int MaxBytes = 8 << 20;

    private readonly Dictionary<Hash32, Bytecode> _entries = [];
    private int _bytes;

    public Bytecode Get(in Hash32 hash, byte[] code)
    {
        if (code.Length == 0)
            return Bytecode.Empty;
        if (_entries.TryGetValue(hash, out var prepared))
            return prepared;
        if (_bytes + code.Length > MaxBytes)
        {
            _entries.Clear();
            _bytes = 0;
        }

        _bytes += code.Length;
        prepared = new Bytecode(code);
        _entries.Add(hash, prepared);
        return prepared;
    }
}
