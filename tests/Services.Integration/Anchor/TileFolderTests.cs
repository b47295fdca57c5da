using System.Security.Cryptography;
using Anchor.Logs;
using Proofs.Merkle;
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

    private static string? Found(TileFolder folder, TileId id) =>
        folder.Find(id) is { } bytes ? Convert.ToHexString(TileFolder.Cut(id, bytes)) : null;

    private static void Append(LogWriter writer, int size, string what)
    {
        writer.Append([.. Enumerable.Range((int)writer.Size, size - (int)writer.Size)
            .Select(i => SHA256.HashData(System.Text.Encoding.ASCII.GetBytes($"{what} {i}")))]);
        writer.Flush();
    }
}
