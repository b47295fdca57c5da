namespace Chain.Evm.Precompiles.Pairings;

/// <summary>Arithmetic of a finite field.</summary>
internal interface IField<T> : IEquatable<T>
    where T : struct, IField<T>
{
    static abstract T Zero { get; }

    static abstract T One { get; }

    bool IsZero { get; }

    T Square();

    /// <summary>The inverse; zero for zero.</summary>
    T Invert();

    static abstract T operator +(in T a, in T b);

    static abstract T operator -(in T a, in T b);

    static abstract T operator *(in T a, in T b);

    static abstract T operator -(in T a);
}
