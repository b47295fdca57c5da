using System.Globalization;
using KeyHolder;

const string Usage = """
    KeyHolder: one of three holders of the key that hides what platforms claim. Run it where no platform has access.

      KeyHolder deal --epoch N --holder 1|2|3 --out FOLDER
          Makes this holder's contribution to a new key: one dealing to publish, three shares to hand over in secret,
          each to the holder that its name says. No file is encrypted.
      KeyHolder join --holder 1|2|3 --dealings A,B,C --shares A,B,C --out FOLDER
          Checks the three dealings and the three shares given to this holder, writes its key (secret) and the public
          points. Delete the shares afterwards.
      KeyHolder rehearse --epoch N --out FOLDER
          All of it on this machine, which has the whole key for a moment: for trials only.
      KeyHolder account --config FILE
          Prints the account that signs and anchors counts, for the members to admit.
      KeyHolder run --config FILE
          Answers platforms: POST /evaluate, GET /keys, GET /counts/YYYY-MM-DD, GET /health/live.

    The configuration: {"url":"http://0.0.0.0:8200","data":"data","keys":["epoch1-holder1.key.json"],
    "platforms":[{"name":"…","address":"0x…","perDay":1000}],
    "chain":{"rpc":["http://…/receivables"],"chainId":1003,"registry":"0x0000000000000000000000000000000000001002"}}
    During a change of the key it names the keys of both epochs.
    """;

if (args.Length == 0 || args[0] is "--help" or "-h" or "help")
{
    Console.WriteLine(Usage);
    return 0;
}
try
{
    switch (args[0])
    {
        case "deal":
            Print([.. Ceremony.Deal(Number("epoch"), Holder(), Option("out"))]);
            return 0;
        case "join":
            (string key, string published) = Ceremony.Join(
                Holder(), Option("dealings").Split(','), Option("shares").Split(','), Option("out"));
            Print([key, published]);
            return 0;
        case "rehearse":
            Ceremony.Rehearse(Number("epoch"), Option("out"));
            return 0;
        case "account":
            HolderConfig config = HolderFiles.Read<HolderConfig>(Option("config"));
            string home = Path.GetDirectoryName(Path.GetFullPath(Option("config")))!;
            byte[] account = HolderHost.Account(Path.Combine(home, config.Data));
            Print([Chain.Core.Secp256k1.AddressOf(account).ToString()]);
            return 0;
        case "run":
            await HolderHost.Build(Option("config")).RunAsync();
            return 0;
        default:
            Console.Error.WriteLine(Usage);
            return 2;
    }
}
catch (Exception e) when (e is FormatException or IOException or PlatformNotSupportedException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

void Print(string[] lines) => Console.WriteLine(string.Join('\n', lines));

string Option(string name) =>
    Array.IndexOf(args, "--" + name) is >= 0 and var at && at + 1 < args.Length
        ? args[at + 1]
        : throw new FormatException($"--{name} is missing; see KeyHolder --help.");

int Number(string name) => int.TryParse(Option(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
    && value > 0
        ? value
        : throw new FormatException($"--{name} must be a number from 1.");

int Holder() => Number("holder") is <= 3 and var holder ? holder : throw new FormatException("--holder is 1, 2 or 3.");
