namespace Chain.Evm.Precompiles.Pairings;

/// <summary>One pair of the Miller loop: an affine point of G1, an affine point of G2 and the running multiple of the
/// latter in homogeneous coordinates (Costello, Lange, Naehrig 2010).</summary>
internal sealed class MillerPair<TField, TCurve>
    where TField : struct, IField<TField>
    where TCurve : IPairingCurve<TField>
{
    private readonly TField _px;
    private readonly TField _py;
    private readonly Quadratic<TField> _qx;
    private readonly Quadratic<TField> _qy;
    private Quadratic<TField> _x;
    private Quadratic<TField> _y;
    private Quadratic<TField> _z;

    public MillerPair((TField X, TField Y) p, (Quadratic<TField> X, Quadratic<TField> Y) q)
    {
        (_px, _py) = p;
        (_qx, _qy) = q;
        (_x, _y, _z) = (q.X, q.Y, Quadratic<TField>.One);
    }

    public (Quadratic<TField> X, Quadratic<TField> Y) Q => (_qx, _qy);

    /// <summary>Doubles the running point and returns the tangent there, evaluated at the point of G1.</summary>
    public Dodecic<TField, TCurve> Double()
    {
        var a = (_x * _y).Scale(TCurve.Half);
        var b = _y.Square();
        var c = _z.Square();
        var e = (c + c + c) * TCurve.TwistB;
        var f = e + e + e;
        var g = (b + f).Scale(TCurve.Half);
        var h = (_y + _z).Square() - b - c;
        var j = _x.Square();
        var ee = e.Square();
        _x = (b - f) * a;
        _y = g.Square() - ee - ee - ee;
        _z = b * h;
        return Line(-h, j + j + j, e - b);
    }

    /// <summary>Adds Q or −Q to the running point and returns the line through both.</summary>
    public Dodecic<TField, TCurve> Add(bool negated) => Add(_qx, negated ? -_qy : _qy);

    public Dodecic<TField, TCurve> Add(in Quadratic<TField> qx, in Quadratic<TField> qy)
    {
        var o = _y - (qy * _z);
        var l = _x - (qx * _z);
        var d = l.Square();
        var e = l * d;
        var g = _x * d;
        var h = e + (_z * o.Square()) - g - g;
        var t = _y * e;
        _x = l * h;
        _y = ((g - h) * o) - t;
        _z = e * _z;
        return Line(l, -o, (qx * o) - (l * qy));
    }

    private Dodecic<TField, TCurve> Line(
        in Quadratic<TField> ofY, in Quadratic<TField> ofX, in Quadratic<TField> constant) => TCurve.IsDTwist
        ? new(new(ofY.Scale(_py), default, default), new(ofX.Scale(_px), constant, default))
        : new(new(constant, ofX.Scale(_px), default), new(default, ofY.Scale(_py), default));
}

internal static class MillerLoop
{
    /// <summary>The product of the Miller functions of all pairs.</summary>
    public static Dodecic<TField, TCurve> Run<TField, TCurve>(IReadOnlyList<MillerPair<TField, TCurve>> pairs)
        where TField : struct, IField<TField>
        where TCurve : IPairingCurve<TField>
    {
        var f = Dodecic<TField, TCurve>.One;
        foreach (var digit in TCurve.Loop[1..])
        {
            f = f.Square();
            foreach (var pair in pairs)
            {
                f *= pair.Double();
                if (digit != 0)
                    f *= pair.Add(negated: digit < 0);
            }
        }

        return f;
    }
}
