using System.Diagnostics;
using Shouldly;

namespace Services.Integration.Receivables.Documents;

/// <summary>Reads PDF files with poppler, which shares no code with what made them.</summary>
internal static class PdfTools
{
    /// <summary>The text as laid out.</summary>
    public static async Task<string> TextAsync(string file) => await RunAsync("pdftotext", "-layout", file, "-");

    /// <summary>What poppler says of the signatures.</summary>
    public static async Task<string> SignaturesAsync(string file) => await RunAsync("pdfsig", "-nocert", file);

    /// <summary>Attached files by name.</summary>
    public static async Task<IReadOnlyDictionary<string, byte[]>> AttachmentsAsync(string file)
    {
        string folder = Directory.CreateTempSubdirectory("apps-pdf-").FullName;
        try
        {
            await RunAsync("pdfdetach", "-saveall", "-o", folder, file);
            return Directory.EnumerateFiles(folder).ToDictionary(f => Path.GetFileName(f)!, File.ReadAllBytes);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{program}: {await error}");
        return output;
    }
}
