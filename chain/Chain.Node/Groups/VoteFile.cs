using System.Buffers.Binary;
using System.Security.Cryptography;
using Chain.State;

namespace Chain.Node.Groups;

/// <summary>
/// The last consensus record of a group, durable before a vote is sent. Two files are written in turn, so that a write
/// torn by a crash leaves the record before it, and what was not written completely was never sent.
/// </summary>
sealed class VoteFile : IDisposable
{
    // Sequence number (8), length (4), SHA-256 of sequence number and record (32).
    const int HeaderBytes = 44;
    const int RecordMaxBytes = 64 * 1024 * 1024;

    readonly FileStream[] _slots;
    ulong _sequence;

    VoteFile(FileStream[] slots) => _slots = slots;

    /// <summary>The newest complete record when the file was opened; empty if there is none.</summary>
    public ReadOnlyMemory<byte> Recovered { get; private set; }

    public static VoteFile Open(string folder)
    {
        var isNew = !File.Exists(SlotPath(folder, 0)) || !File.Exists(SlotPath(folder, 1));
        var votes = new VoteFile([OpenSlot(folder, 0), OpenSlot(folder, 1)]);
        if (isNew)
            DurableFolder.Sync(folder);
        foreach (var slot in votes._slots)
        {
            if (TryRead(slot, out var sequence, out var record) && sequence > votes._sequence)
                (votes._sequence, votes.Recovered) = (sequence, record);
        }
        return votes;
    }

    /// <summary>Replaces the record; on disk on return.</summary>
    public void Write(ReadOnlySpan<byte> record)
    {
        _sequence++;
        var slot = _slots[_sequence % 2];
        var bytes = new byte[HeaderBytes + record.Length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _sequence);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), record.Length);
        record.CopyTo(bytes.AsSpan(HeaderBytes));
        Digest(bytes.AsSpan(0, 8), record, bytes.AsSpan(12, 32));
        RandomAccess.Write(slot.SafeFileHandle, bytes, 0);
        RandomAccess.FlushToDisk(slot.SafeFileHandle);
    }

    public void Dispose()
    {
        foreach (var slot in _slots)
            slot.Dispose();
    }

    static string SlotPath(string folder, int number) => Path.Combine(folder, $"votes.{number}");

    static FileStream OpenSlot(string folder, int number) => new(
        SlotPath(folder, number),
        new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
        });

    static bool TryRead(FileStream slot, out ulong sequence, out byte[] record)
    {
        (sequence, record) = (0, []);
        var header = new byte[HeaderBytes];
        if (slot.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes)
            return false;
        sequence = BinaryPrimitives.ReadUInt64BigEndian(header);
        var length = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(8));
        if (length is < 0 or > RecordMaxBytes || length > slot.Length - HeaderBytes)
            return false;
        record = new byte[length];
        slot.ReadExactly(record);
        Span<byte> digest = stackalloc byte[32];
        Digest(header.AsSpan(0, 8), record, digest);
        return digest.SequenceEqual(header.AsSpan(12, 32));
    }

    static void Digest(ReadOnlySpan<byte> sequence, ReadOnlySpan<byte> record, Span<byte> digest)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(sequence);
        hash.AppendData(record);
        hash.GetHashAndReset(digest);
    }
}
