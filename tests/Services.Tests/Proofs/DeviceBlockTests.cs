using System.Text;
using System.Text.Json;
using Proofs;
using Proofs.Json;
using Shouldly;
using Xunit;

namespace Services.Tests.Proofs;

public sealed class DeviceBlockTests
{
    private static readonly string Folder = Path.Combine(VectorFiles.Folder, "device-blocks");

    [Fact]
    public void Both_verifiers_answer_the_golden_files_of_blocks_as_they_say()
    {
        string[] files = Directory.GetFiles(Folder);
        files.Length.ShouldBeGreaterThanOrEqualTo(15);
        foreach (string path in files)
        {
            (byte[] block, JsonObject? content, string result) = Read(path);
            Encoding.UTF8.GetString(DeviceBlock.Check(block, content).ToJson()).ShouldBe(result, path);
        }
    }

    [Fact]
    public void A_block_with_any_byte_changed_is_not_what_the_device_signed()
    {
        (byte[] block, JsonObject? content, _) = Read(Path.Combine(Folder, "proven-ed25519.json"));
        for (int i = 0; i < block.Length; i++)
        {
            block[i] ^= 1;
            DeviceBlock.Check(block, content).Verdict.ShouldNotBe(Verdict.Proven, $"byte {i}");
            block[i] ^= 1;
        }
        DeviceBlock.Check(block, content).Verdict.ShouldBe(Verdict.Proven);
    }

    private static (byte[] Block, JsonObject? Content, string Result) Read(string path)
    {
        JsonElement golden = VectorFiles.Json(File.ReadAllBytes(path));
        return (golden.GetProperty("block").GetBytesFromBase64(),
            CanonicalJson.Parse(Encoding.UTF8.GetBytes(golden.GetProperty("event").GetRawText())) as JsonObject,
            golden.GetProperty("result").GetRawText());
    }
}
