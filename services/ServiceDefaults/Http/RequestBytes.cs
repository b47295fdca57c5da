using System.Buffers;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Http;

/// <summary>Reads a request's body whole, under the endpoint's size limit.</summary>
public static class RequestBytes
{
    private const int Least = 256;
    private const int Most = 16 << 20;

    /// <summary>The body as it came.</summary>
    /// <param name="request">The request; its stated length is only a hint of how much to reserve.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BadHttpRequestException">It is larger than the endpoint takes.</exception>
    /// <exception cref="ProblemException">It is compressed: a small body could become a huge one.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(
        this HttpRequest request, CancellationToken cancellationToken)
    {
        string encoding = request.Headers.ContentEncoding.ToString();
        if (encoding is not "" && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw new ProblemException(Problem.Of("body-encoding", ("encoding", encoding)));
        ArrayBufferWriter<byte> body = new((int)Math.Clamp(request.ContentLength ?? 4096, Least, Most));
        int read;
        do
        {
            read = await request.Body.ReadAsync(body.GetMemory(4096), cancellationToken);
            body.Advance(read);
        }
        while (read > 0);
        return body.WrittenMemory;
    }
}
