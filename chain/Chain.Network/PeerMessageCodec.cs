using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Chain.Network;

/// <summary>
/// Frames on the wire: a 4-byte big-endian length, one kind byte, the fields. Integers are big-endian, names are
/// 1-byte length and ASCII, byte strings 4-byte length and bytes, lists 2-byte count and items.
/// </summary>
public static class PeerMessageCodec
{
    /// <summary>Longest name of a group or node, in bytes.</summary>
    public const int NameMaxBytes = 64;

    const int NetworkIdBytes = 32;

    enum Kind : byte
    {
        Hello = 1,
        Status = 2,
        Consensus = 3,
        Transactions = 4,
        NewBlock = 5,
        BlockRequest = 6,
        Blocks = 7,
    }

    /// <summary>Encodes a message as one frame, length included.</summary>
    public static byte[] EncodeFrame(PeerMessage message)
    {
        var writer = new Writer();
        switch (message)
        {
            case PeerMessage.Hello m:
                writer.Byte((byte)Kind.Hello);
                writer.Raw(m.NetworkId.Span);
                writer.Name(m.Node);
                writer.Heads(m.Heads);
                break;
            case PeerMessage.Status m:
                writer.Byte((byte)Kind.Status);
                writer.Heads(m.Heads);
                break;
            case PeerMessage.Consensus m:
                writer.Byte((byte)Kind.Consensus);
                writer.Name(m.Group);
                writer.Bytes(m.Message.Span);
                break;
            case PeerMessage.Transactions m:
                writer.Byte((byte)Kind.Transactions);
                writer.Name(m.Group);
                writer.List(m.Items);
                break;
            case PeerMessage.NewBlock m:
                writer.Byte((byte)Kind.NewBlock);
                writer.Name(m.Group);
                writer.UInt64(m.Number);
                writer.Bytes(m.Block.Span);
                break;
            case PeerMessage.BlockRequest m:
                writer.Byte((byte)Kind.BlockRequest);
                writer.Name(m.Group);
                writer.UInt64(m.From);
                writer.UInt16(m.Count);
                break;
            case PeerMessage.Blocks m:
                writer.Byte((byte)Kind.Blocks);
                writer.Name(m.Group);
                writer.UInt64(m.From);
                writer.List(m.Items);
                break;
        }
        return writer.ToFrame();
    }

    /// <summary>Decodes what follows a frame's length. False for anything but exactly one well-formed message.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> body, out PeerMessage message)
    {
        var reader = new Reader(body);
        PeerMessage? decoded = !reader.TryByte(out var kind) ? null : (Kind)kind switch
        {
            Kind.Hello => ReadHello(ref reader),
            Kind.Status => reader.TryHeads(out var heads) ? new PeerMessage.Status(heads) : null,
            Kind.Consensus => reader.TryName(out var group) && reader.TryBytes(out var bytes)
                ? new PeerMessage.Consensus(group, bytes) : null,
            Kind.Transactions => reader.TryName(out var group) && reader.TryList(out var items)
                ? new PeerMessage.Transactions(group, items) : null,
            Kind.NewBlock => reader.TryName(out var group) && reader.TryUInt64(out var number)
                && reader.TryBytes(out var bytes) ? new PeerMessage.NewBlock(group, number, bytes) : null,
            Kind.BlockRequest => reader.TryName(out var group) && reader.TryUInt64(out var from)
                && reader.TryUInt16(out var count) ? new PeerMessage.BlockRequest(group, from, count) : null,
            Kind.Blocks => reader.TryName(out var group) && reader.TryUInt64(out var from)
                && reader.TryList(out var items) ? new PeerMessage.Blocks(group, from, items) : null,
            _ => null,
        };
        message = decoded!;
        return decoded is not null && reader.AtEnd;
    }

    static PeerMessage.Hello? ReadHello(ref Reader reader) =>
        reader.TryRaw(NetworkIdBytes, out var networkId) && reader.TryName(out var node) && reader.TryHeads(out var heads)
            ? new PeerMessage.Hello(networkId, node, heads)
            : null;

    sealed class Writer
    {
        readonly ArrayBufferWriter<byte> _stream = new();

        public Writer() => UInt32(0);

        public void Byte(byte value) => _stream.Write([value]);

        public void UInt16(ushort value)
        {
            Span<byte> bytes = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
            _stream.Write(bytes);
        }

        public void UInt32(uint value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
            _stream.Write(bytes);
        }

        public void UInt64(ulong value)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
            _stream.Write(bytes);
        }

        public void Raw(ReadOnlySpan<byte> value) => _stream.Write(value);

        public void Bytes(ReadOnlySpan<byte> value)
        {
            UInt32((uint)value.Length);
            _stream.Write(value);
        }

        public void Name(string value)
        {
            var bytes = Encoding.ASCII.GetBytes(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, NameMaxBytes);
            Byte((byte)bytes.Length);
            _stream.Write(bytes);
        }

        public void List(IReadOnlyList<ReadOnlyMemory<byte>> items)
        {
            UInt16(checked((ushort)items.Count));
            foreach (var item in items)
                Bytes(item.Span);
        }

        public void Heads(IReadOnlyList<GroupHead> heads)
        {
            UInt16(checked((ushort)heads.Count));
            foreach (var head in heads)
            {
                Name(head.Group);
                UInt64(head.Number);
            }
        }

        public byte[] ToFrame()
        {
            var frame = _stream.WrittenSpan.ToArray();
            BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)(frame.Length - 4));
            return frame;
        }
    }

    ref struct Reader(ReadOnlyMemory<byte> rest)
    {
        ReadOnlyMemory<byte> _rest = rest;

        public readonly bool AtEnd => _rest.IsEmpty;

        public bool TryRaw(int length, out ReadOnlyMemory<byte> value)
        {
            value = default;
            if (length < 0 || length > _rest.Length)
                return false;
            value = _rest[..length];
            _rest = _rest[length..];
            return true;
        }

        public bool TryByte(out byte value)
        {
            var ok = TryRaw(1, out var raw);
            value = ok ? raw.Span[0] : (byte)0;
            return ok;
        }

        public bool TryUInt16(out ushort value)
        {
            var ok = TryRaw(2, out var raw);
            value = ok ? BinaryPrimitives.ReadUInt16BigEndian(raw.Span) : (ushort)0;
            return ok;
        }

        public bool TryUInt64(out ulong value)
        {
            var ok = TryRaw(8, out var raw);
            value = ok ? BinaryPrimitives.ReadUInt64BigEndian(raw.Span) : 0;
            return ok;
        }

        public bool TryBytes(out ReadOnlyMemory<byte> value)
        {
            value = default;
            return TryRaw(4, out var raw)
                && BinaryPrimitives.ReadUInt32BigEndian(raw.Span) is var length and <= int.MaxValue
                && TryRaw((int)length, out value);
        }

        public bool TryName(out string value)
        {
            value = "";
            if (!TryByte(out var length) || length is 0 or > NameMaxBytes || !TryRaw(length, out var raw)
                || !Ascii.IsValid(raw.Span))
                return false;
            value = Encoding.ASCII.GetString(raw.Span);
            return true;
        }

        public bool TryList(out IReadOnlyList<ReadOnlyMemory<byte>> items)
        {
            items = [];
            // Every item needs its four length bytes: a count that the frame can't hold allocates nothing.
            if (!TryUInt16(out var count) || count * 4L > _rest.Length)
                return false;
            var read = new ReadOnlyMemory<byte>[count];
            for (var i = 0; i < count; i++)
            {
                if (!TryBytes(out read[i]))
                    return false;
            }
            items = read;
            return true;
        }

        public bool TryHeads(out IReadOnlyList<GroupHead> heads)
        {
            heads = [];
            if (!TryUInt16(out var count) || count * 10L > _rest.Length)
                return false;
            var read = new GroupHead[count];
            for (var i = 0; i < count; i++)
            {
                if (!TryName(out var group) || !TryUInt64(out var number))
                    return false;
                read[i] = new GroupHead(group, number);
            }
            heads = read;
            return true;
        }
    }
}
