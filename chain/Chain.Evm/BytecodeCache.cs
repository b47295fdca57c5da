using Chain.Core;

namespace Chain.Evm;

/// <summary>Prepared code by its hash, so that a contract is analysed once and not at every call.</summary>
internal sealed class BytecodeCache
{
    private const int MaxEntries = 2048;

    private readonly Dictionary<Hash32, Bytecode> _entries = [];

    public Bytecode Get(in Hash32 hash, byte[] code)
    {
        if (code.Length == 0)
            return Bytecode.Empty;
        if (_entries.TryGetValue(hash, out var prepared))
            return prepared;
        if (_entries.Count == MaxEntries)
            _entries.Clear();
        prepared = new Bytecode(code);
        _entries.Add(hash, prepared);
        return prepared;
    }
}
