using System.Globalization;
using System.Text;
using QRCoder;

namespace ServiceDefaults.Paper;

/// <summary>A QR symbol of a link, ISO/IEC 18004 level M, with its quiet zone of four modules.</summary>
public static class QrSymbol
{
    private const int Quiet = 4;
    private const int PixelsPerModule = 8;

    /// <summary>A PNG of eight pixels a module.</summary>
    public static byte[] Png(string link)
    {
        using QRCodeData data = Data(link);
        using PngByteQRCode png = new(data);
        return png.GetGraphic(PixelsPerModule);
    }

    /// <summary>An SVG of one path, sized in modules, so that it is printed at any size.</summary>
    public static string Svg(string link)
    {
        using QRCodeData data = Data(link);
        // The library's matrix brings its own quiet zone of four modules.
        int size = data.ModuleMatrix.Count;
        StringBuilder path = new(size * size * 4);
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                if (!data.ModuleMatrix[y][x])
                    continue;
                int end = x;
                while (end < size && data.ModuleMatrix[y][end])
                    end++;
                path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h{end - x}v1h-{end - x}z");
                x = end;
            }
        }
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" shape-rendering=\"crispEdges\" "
            + $"viewBox=\"0 0 {size} {size}\">"
            + $"<path fill=\"#fff\" d=\"M0 0h{size}v{size}h-{size}z\"/><path d=\"{path}\"/></svg>";
    }

    private static QRCodeData Data(string link)
    {
        using QRCodeGenerator generator = new();
        QRCodeData data = generator.CreateQrCode(link, QRCodeGenerator.ECCLevel.M);
        return data.ModuleMatrix.Count > (2 * Quiet)
            ? data
            : throw new InvalidOperationException("The symbol has no modules.");
    }
}
