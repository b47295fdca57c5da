using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Security.Cryptography;
using EventStore;
using FluentValidation;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using Traceability.Codes.Batches;
using Traceability.Codes.Exports;
using Traceability.Codes.Keys;
using Traceability.Codes.Serials;
using Traceability.Codes.Validation;

namespace Traceability.Codes.Covered;

/// <summary>A code with what stands under its coating.</summary>
/// <param name="Code">The open code.</param>
/// <param name="Cover">The covered code as uncovered and typed.</param>
public sealed record CoverRequest(string? Code = null, string? Cover = null);

/// <summary>Whether a covered code belongs to the open one.</summary>
public sealed record CoverAnswer(bool Matches);

/// <summary>Shape of the request.</summary>
internal sealed class CoverShape : AbstractValidator<CoverRequest>
{
    public CoverShape()
    {
        RuleFor(r => r.Code).Required();
        RuleFor(r => r.Code).Text(1, ItemCode.LengthMax);
        RuleFor(r => r.Cover).Required();
        RuleFor(r => r.Cover).Text(1, 40);
    }
}

/// <summary>
/// Covered codes: 60 random bits in 12 characters of Crockford's base 32, which follow from nothing and are stored as
/// digests only. So a file of them can't be made again: a repeated request is refused, and only one that asks for it
/// replaces them by new codes, until the range is printed.
/// </summary>
internal static class CoveredCodes
{
    public const string Schema =
        """
        create table code_covers (
            batch   uuid  not null,
            chunk   int   not null,
            digests bytea not null,
            primary key (batch, chunk)
        );
        """;

    private const int ChunkCodes = 1_000;
    private const int CoverLength = 12;
    private const int DigestLength = 16;

    public static void Map(IEndpointRouteBuilder codes)
    {
        codes.MapPost("/batches/{id:guid}/covered.csv", MakeAsync).RequireRoles(Role.Member, Role.Admin)
            .WithName("MakeCoveredCodes").WithSummary("Makes covered codes for labels not printed yet.");
        codes.MapPost("/covered", CheckAsync).OpenToAll().Validate(new CoverShape())
            .WithName("CheckCoveredCode").WithSummary("Whether a covered code belongs to a code.");
    }

    private static async Task<IResult> MakeAsync(
        Guid id, HttpContext http, Caller caller, Store store, CodeValidator validator, CodeKeys keys, int? from = null,
        int? count = null, bool anew = false)
    {
        KnownBatch batch = BatchAccess.Known(validator, caller.Tenant, id);
        CodeRange range = ExportCodes.RangeOf(batch, from, count);
        // Chunks are written whole, so that no digest of a half-made chunk is left.
        if (range.From % ChunkCodes != 0 || (range.To % ChunkCodes != 0 && range.To != batch.Opened.Count))
            return Problem.Of("covered-range", ("size", ChunkCodes));
        if (batch.Printed.Overlaps(range))
            return Problem.Of(CodeBatch.PrintedBefore, BatchAccess.Numbers(range.From, range.Count));
        if (!anew && await AnyAsync(store, id, range, http.RequestAborted))
            return Problem.Of("covered-made", BatchAccess.Numbers(range.From, range.Count));
        http.Response.ContentType = "text/csv; charset=us-ascii";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentDisposition =
            $"attachment; filename=\"covered-{batch.Gtin}-{batch.Opened.Number}-{range.From + 1}.csv\"";
        CodeLines lines = new(batch, keys[batch.Opened.KeyVersion]);
        for (int at = range.From; at < range.To; at += ChunkCodes)
        {
            CodeRange chunk = new(at, Math.Min(range.To, at + ChunkCodes));
            byte[] covers = new byte[chunk.Count * CoverLength];
            // Digests are stored before the codes leave.
            byte[] digests = Random(batch.Id, chunk, covers);
            if (!await StoreAsync(store, batch.Id, at / ChunkCodes, digests, anew, http.RequestAborted))
            {
                // Another request made these meanwhile: half a file must not look like a whole one.
                http.Abort();
                return Results.Empty;
            }
            Write(http.Response.BodyWriter, lines, chunk, covers);
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
        }
        return Results.Empty;
    }

    private static async Task<IResult> CheckAsync(
        CoverRequest request, Store store, CodeValidator validator, CancellationToken cancellationToken)
    {
        CodeFinding found = validator.Find(request.Code!);
        byte[] cover = new byte[CoverLength];
        bool form = TryCorrect(request.Cover!, cover);
        if (found.Batch is not { } batch || !form)
            return TypedResults.Json(new CoverAnswer(Matches: false), CodeJson.Default.CoverAnswer);
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select substring(digests from $3 for 16) from code_covers where batch = $1 and chunk = $2");
        command.Parameters.Add(new() { Value = batch.Id });
        command.Parameters.Add(new() { Value = found.Counter / ChunkCodes });
        command.Parameters.Add(new() { Value = (found.Counter % ChunkCodes * DigestLength) + 1 });
        byte[] digest = new byte[DigestLength];
        Digest(batch.Id, found.Counter, cover, digest);
        bool matches = await command.ExecuteScalarAsync(cancellationToken) is byte[] stored
            && CryptographicOperations.FixedTimeEquals(stored, digest);
        return TypedResults.Json(new CoverAnswer(matches), CodeJson.Default.CoverAnswer);
    }

    private static byte[] Random(Guid batch, CodeRange chunk, Span<byte> covers)
    {
        byte[] random = RandomNumberGenerator.GetBytes(covers.Length);
        byte[] digests = new byte[chunk.Count * DigestLength];
        for (int i = 0; i < covers.Length; i++)
            covers[i] = Crockford.Digit(random[i] & 31);
        for (int i = 0; i < chunk.Count; i++)
        {
            Digest(batch, chunk.From + i, covers.Slice(i * CoverLength, CoverLength),
                digests.AsSpan(i * DigestLength, DigestLength));
        }
        return digests;
    }

    private static void Digest(Guid batch, int counter, ReadOnlySpan<byte> cover, Span<byte> digest)
    {
        Span<byte> text = stackalloc byte[16 + 4 + CoverLength];
        batch.TryWriteBytes(text, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(text[16..], counter);
        cover.CopyTo(text[20..]);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(text, hash);
        hash[..DigestLength].CopyTo(digest);
    }

    private static bool TryCorrect(string typed, Span<byte> cover)
    {
        int length = 0;
        foreach (char c in typed)
        {
            if (c is ' ' or '-')
                continue;
            int value = Crockford.Value(c);
            if (value < 0 || length == CoverLength)
                return false;
            cover[length++] = Crockford.Digit(value);
        }
        return length == CoverLength;
    }

    private static void Write(PipeWriter target, CodeLines lines, CodeRange chunk, ReadOnlySpan<byte> covers)
    {
        Span<byte> line = stackalloc byte[512];
        for (int i = 0; i < chunk.Count; i++)
        {
            int length = lines.Write(chunk.From + i, line);
            line[length - 1] = (byte)',';
            covers.Slice(i * CoverLength, CoverLength).CopyTo(line[length..]);
            line[length + CoverLength] = (byte)'\n';
            length += CoverLength + 1;
            line[..length].CopyTo(target.GetSpan(length));
            target.Advance(length);
        }
    }

    private static async Task<bool> AnyAsync(
        Store store, Guid batch, CodeRange range, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select exists (select from code_covers where batch = $1 and chunk >= $2 and chunk <= $3)");
        command.Parameters.Add(new() { Value = batch });
        command.Parameters.Add(new() { Value = range.From / ChunkCodes });
        command.Parameters.Add(new() { Value = (range.To - 1) / ChunkCodes });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Stores a chunk; false where it was made before and may not be replaced.</summary>
    private static async Task<bool> StoreAsync(
        Store store, Guid batch, int chunk, byte[] digests, bool anew, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            insert into code_covers values ($1, $2, $3)
            on conflict (batch, chunk) do update set digests = excluded.digests where $4
            """);
        command.Parameters.Add(new() { Value = batch });
        command.Parameters.Add(new() { Value = chunk });
        command.Parameters.Add(new() { Value = digests });
        command.Parameters.Add(new() { Value = anew });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
