using System.Security.Cryptography;
using Anchor.Logs;
using Proofs.Merkle;
using Proofs.Notes;
using Shouldly;
using Xunit;

namespace Services.Integration.Anchor;

public sealed class TileFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tiles-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(300, 310, 400)]
    [InlineData(300, 700, 400)]
    [InlineData(256, 700, 300)]
    [InlineData(0, 70_000, 10)]
    [InlineData(65_530, 66_000, 65_540)]
    public void Tiles_of_an_earlier_longer_log_never_answer(int kept, int before, int after)
    {
        var folder = new TileFolder(_root);
        var writer = LogWriter.Open(folder, 0);
        Append(writer, kept, "kept");
        Append(writer, before, "lost");

        folder.SetAsideBeyond(kept);
        writer = LogWriter.Open(folder, kept);
        Append(writer, after, "new");

        var expected = new TileFolder(Path.Combine(_root, "expected"));
        var other = LogWriter.Open(expected, 0);
        Append(other, kept, "kept");
        Append(other, after, "new");
        writer.Root().ShouldBe(other.Root());
        for (ulong index = 0; index <= (ulong)before / TileId.FullWidth; index++)
        {
            foreach (var level in (int[])[TileId.EntriesLevel, 0, 1])
            {
                for (var width = 1; width <= TileId.FullWidth; width++)
                {
                    var id = new TileId(level, index, width);
                    Found(folder, id).ShouldBe(Found(expected, id), id.Path);
                }
            }
        }
        folder.Entries((ulong)after).ShouldBe(expected.Entries((ulong)after));
    }

    [Fact]
    public void A_published_checkpoint_is_never_followed_by_a_smaller_one_also_after_a_restart()
    {
        new TileFolder(_root).PublishCheckpoint(100, Note(100));

        var restarted = new TileFolder(_root);
        restarted.PublishCheckpoint(50, Note(50));
        restarted.FindCheckpoint().ShouldBe(Bytes(Note(100)));
        restarted.PublishCheckpoint(101, Note(101));
        restarted.FindCheckpoint().ShouldBe(Bytes(Note(101)));
    }

    private static string Note(long size)
    {
        var signer = new NoteSigner("log.example", NoteAlgorithm.Ed25519, SHA256.HashData("log"u8));
        var text = $"log.example\n{size}\n{Convert.ToBase64String(SHA256.HashData(BitConverter.GetBytes(size)))}\n";
        return text + "\n" + SignedNote.Line(signer.Sign(text));
    }

    private static byte[] Bytes(string note) => System.Text.Encoding.UTF8.GetBytes(note);

    private static string? Found(TileFolder folder, TileId id) =>
        folder.Find(id) is { } bytes ? Convert.ToHexString(TileFolder.Cut(id, bytes)) : null;

    private static void Append(LogWriter writer, int size, string what)
    {
        writer.Append([.. Enumerable.Range((int)writer.Size, size - (int)writer.Size)
            .Select(i => SHA256.HashData(System.Text.Encoding.ASCII.GetBytes($"{what} {i}")))]);
        writer.Flush();
    }
}
