using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Voprf;

/// <summary>
/// Arithmetic of NIST P-256 and of integers modulo its order by OpenSSL 3, which the runtime loads already on Linux.
/// Everything native lives for one call and is freed at its end, scalars after being overwritten.
/// </summary>
internal static partial class OpenSslCurve
{
    private const string Library = "libcrypto.so.3";
    private const int Prime256v1 = 415; // NID_X9_62_prime256v1
    private const int Compressed = 2; // POINT_CONVERSION_COMPRESSED
    private const int ConstantTime = 4; // BN_FLG_CONSTTIME

    // Read only after they are made, so all threads share them; they live as long as the process.
    private static readonly Lazy<(GroupHandle Group, NumberHandle Order)> Curve = new(LoadCurve);

    /// <summary>Length of a compressed point (SEC 1 §2.3.3).</summary>
    public const int PointBytes = 33;

    /// <summary>Reads and checks a compressed point; null unless it is on the curve, canonical and not the identity.</summary>
    public static byte[]? Normalise(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length != PointBytes || encoded[0] is not (2 or 3))
            return null;
        using PointHandle point = NewPoint();
        using ContextHandle context = NewContext();
        if (EC_POINT_oct2point(Group, point, encoded, (nuint)encoded.Length, context) != 1)
        {
            ERR_clear_error();
            return null;
        }
        return Encode(point, context);
    }

    /// <summary>A point from its affine coordinates, each 32 bytes big-endian.</summary>
    public static byte[] FromAffine(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        using PointHandle point = NewPoint();
        using ContextHandle context = NewContext();
        using NumberHandle nx = Number(x);
        using NumberHandle ny = Number(y);
        Check(EC_POINT_set_affine_coordinates(Group, point, nx, ny, context));
        return Encode(point, context) ?? throw Failed();
    }

    /// <summary>scalar·point, or scalar·G where no point is given; null for the identity.</summary>
    public static byte[]? Multiply(byte[]? point, ReadOnlySpan<byte> scalar)
    {
        using PointHandle result = NewPoint();
        using ContextHandle context = NewContext();
        using NumberHandle factor = Number(scalar);
        if (point is null)
        {
            Check(EC_POINT_mul_base(Group, result, factor, 0, 0, context));
        }
        else
        {
            using PointHandle from = Decode(point, context);
            Check(EC_POINT_mul(Group, result, 0, from, factor, context));
        }
        return Encode(result, context);
    }

    /// <summary>The sum of two points; null for the identity.</summary>
    public static byte[]? Add(byte[] left, byte[] right)
    {
        using ContextHandle context = NewContext();
        using PointHandle a = Decode(left, context);
        using PointHandle b = Decode(right, context);
        using PointHandle sum = NewPoint();
        Check(EC_POINT_add(Group, sum, a, b, context));
        return Encode(sum, context);
    }

    /// <summary>left·right modulo the order.</summary>
    public static byte[] MultiplyScalars(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        Modular(left, right, BN_mod_mul);

    /// <summary>left+right modulo the order.</summary>
    public static byte[] AddScalars(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => Modular(left, right, BN_mod_add);

    /// <summary>left−right modulo the order.</summary>
    public static byte[] SubtractScalars(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        Modular(left, right, BN_mod_sub);

    /// <summary>The inverse modulo the order of a scalar that is not zero.</summary>
    public static byte[] InvertScalar(ReadOnlySpan<byte> scalar)
    {
        using ContextHandle context = NewContext();
        using NumberHandle value = Number(scalar);
        using NumberHandle result = Number([]);
        BN_set_flags(value, ConstantTime);
        if (BN_mod_inverse(result, value, Order, context) == 0)
            throw Failed();
        return Bytes(result);
    }

    private static GroupHandle Group => Curve.Value.Group;

    private static NumberHandle Order => Curve.Value.Order;

    private delegate int Operation(
        NumberHandle result, NumberHandle left, NumberHandle right, NumberHandle modulus, ContextHandle context);

    private static byte[] Modular(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Operation operation)
    {
        using ContextHandle context = NewContext();
        using NumberHandle a = Number(left);
        using NumberHandle b = Number(right);
        using NumberHandle result = Number([]);
        BN_set_flags(a, ConstantTime);
        BN_set_flags(b, ConstantTime);
        Check(operation(result, a, b, Order, context));
        return Bytes(result);
    }

    private static (GroupHandle, NumberHandle) LoadCurve()
    {
        try
        {
            GroupHandle group = EC_GROUP_new_by_curve_name(Prime256v1);
            return group.IsInvalid ? throw Failed() : (group, Number(Scalar.OrderBytes));
        }
        catch (DllNotFoundException e)
        {
            throw new PlatformNotSupportedException(
                $"Pledges need OpenSSL 3 ({Library}), which this machine lacks: install the package libssl3.", e);
        }
    }

    private static PointHandle NewPoint()
    {
        PointHandle point = EC_POINT_new(Group);
        return point.IsInvalid ? throw Failed() : point;
    }

    private static ContextHandle NewContext()
    {
        ContextHandle context = BN_CTX_secure_new();
        return context.IsInvalid ? throw Failed() : context;
    }

    private static NumberHandle Number(ReadOnlySpan<byte> bigEndian)
    {
        NumberHandle number = BN_bin2bn(bigEndian, bigEndian.Length, 0);
        return number.IsInvalid ? throw Failed() : number;
    }

    private static byte[] Bytes(NumberHandle number)
    {
        byte[] bytes = new byte[Scalar.Length];
        return BN_bn2binpad(number, bytes, bytes.Length) == bytes.Length ? bytes : throw Failed();
    }

    private static PointHandle Decode(byte[] encoded, ContextHandle context)
    {
        PointHandle point = NewPoint();
        Check(EC_POINT_oct2point(Group, point, encoded, (nuint)encoded.Length, context));
        return point;
    }

    private static byte[]? Encode(PointHandle point, ContextHandle context)
    {
        if (EC_POINT_is_at_infinity(Group, point) == 1)
            return null;
        byte[] encoded = new byte[PointBytes];
        nuint length = EC_POINT_point2oct(Group, point, Compressed, encoded, (nuint)encoded.Length, context);
        return length == PointBytes ? encoded : throw Failed();
    }

    private static void Check(int result)
    {
        if (result != 1)
            throw Failed();
    }

    private static CryptographicException Failed()
    {
        ERR_clear_error();
        return new CryptographicException("OpenSSL refused an operation on P-256.");
    }

    internal sealed class GroupHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            EC_GROUP_free(handle);
            return true;
        }
    }

    internal sealed class PointHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            EC_POINT_clear_free(handle);
            return true;
        }
    }

    internal sealed class NumberHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            BN_clear_free(handle);
            return true;
        }
    }

    internal sealed class ContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            BN_CTX_free(handle);
            return true;
        }
    }

    [LibraryImport(Library)]
    private static partial GroupHandle EC_GROUP_new_by_curve_name(int nid);

    [LibraryImport(Library)]
    private static partial void EC_GROUP_free(nint group);

    [LibraryImport(Library)]
    private static partial PointHandle EC_POINT_new(GroupHandle group);

    [LibraryImport(Library)]
    private static partial void EC_POINT_clear_free(nint point);

    [LibraryImport(Library)]
    private static partial int EC_POINT_oct2point(
        GroupHandle group, PointHandle point, ReadOnlySpan<byte> encoded, nuint length, ContextHandle context);

    [LibraryImport(Library)]
    private static partial nuint EC_POINT_point2oct(
        GroupHandle group, PointHandle point, int form, Span<byte> encoded, nuint length, ContextHandle context);

    [LibraryImport(Library)]
    private static partial int EC_POINT_set_affine_coordinates(
        GroupHandle group, PointHandle point, NumberHandle x, NumberHandle y, ContextHandle context);

    [LibraryImport(Library)]
    private static partial int EC_POINT_is_at_infinity(GroupHandle group, PointHandle point);

    [LibraryImport(Library)]
    private static partial int EC_POINT_add(
        GroupHandle group, PointHandle result, PointHandle left, PointHandle right, ContextHandle context);

    [LibraryImport(Library)]
    private static partial int EC_POINT_mul(
        GroupHandle group, PointHandle result, nint ofBase, PointHandle point, NumberHandle scalar, ContextHandle context);

    [LibraryImport(Library, EntryPoint = "EC_POINT_mul")]
    private static partial int EC_POINT_mul_base(
        GroupHandle group, PointHandle result, NumberHandle ofBase, nint point, nint scalar, ContextHandle context);

    [LibraryImport(Library)]
    private static partial NumberHandle BN_bin2bn(ReadOnlySpan<byte> bytes, int length, nint into);

    [LibraryImport(Library)]
    private static partial int BN_bn2binpad(NumberHandle number, Span<byte> bytes, int length);

    [LibraryImport(Library)]
    private static partial void BN_clear_free(nint number);

    [LibraryImport(Library)]
    private static partial void BN_set_flags(NumberHandle number, int flags);

    [LibraryImport(Library)]
    private static partial int BN_mod_mul(
        NumberHandle result, NumberHandle left, NumberHandle right, NumberHandle modulus, ContextHandle context);

    [LibraryImport(Library)]
    private static partial int BN_mod_add(
        NumberHandle result, NumberHandle left, NumberHandle right, NumberHandle modulus, ContextHandle context);

    [LibraryImport(Library)]
    private static partial int BN_mod_sub(
        NumberHandle result, NumberHandle left, NumberHandle right, NumberHandle modulus, ContextHandle context);

    [LibraryImport(Library)]
    private static partial nint BN_mod_inverse(
        NumberHandle result, NumberHandle value, NumberHandle modulus, ContextHandle context);

    [LibraryImport(Library)]
    private static partial ContextHandle BN_CTX_secure_new();

    [LibraryImport(Library)]
    private static partial void BN_CTX_free(nint context);

    [LibraryImport(Library)]
    private static partial void ERR_clear_error();
}
