using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace ServiceDefaults.Paper;

/// <summary>Prints HTML with CSS for print to PDF, by WeasyPrint.</summary>
public static class PdfPrinter
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    // Each job is a process of its own that takes a core.
    private static readonly SemaphoreSlim Printers = new(2, 2);

    /// <summary>Prints a document; null where there is no printer, or it fails.</summary>
    /// <param name="html">A whole page.</param>
    /// <param name="archive">
    /// Identifier for a PDF/A-3b file (ISO 19005-3); null for plain PDF. Visible ASCII without brackets.
    /// </param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<byte[]?> PrintAsync(string html, string? archive, CancellationToken cancellation)
    {
        await Printers.WaitAsync(cancellation);
        try
        {
            return await RunAsync(html, archive, cancellation);
        }
        finally
        {
            Printers.Release();
        }
    }

    private static async Task<byte[]?> RunAsync(string html, string? archive, CancellationToken cancellation)
    {
        string[] options = archive is null ? [] : ["--pdf-variant", "pdf/a-3b", "--pdf-identifier", archive];
        using Process process = new()
        {
            StartInfo = new ProcessStartInfo("weasyprint", ["--quiet", .. options, "-", "-"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return null;
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            MemoryStream pdf = new();
            Task read = process.StandardOutput.BaseStream.CopyToAsync(pdf, limit.Token);
            await process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(html), limit.Token);
            process.StandardInput.Close();
            await read;
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0 ? pdf.ToArray() : null;
        }
        catch (Exception e) when (
            e is IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
