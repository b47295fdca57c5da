using Voprf;

namespace KeyHolder;

/// <summary>
/// How three holders make a key that none of them ever has: each deals a secret line, publishes its commitments and gives
/// each holder one value; a holder's share is the sum of the three values it got (joint Feldman). The last to publish can
/// choose among public keys, which teaches it nothing about the secret.
/// </summary>
public static class Ceremony
{
    /// <summary>First step, at each holder: writes one public and three secret files.</summary>
    /// <returns>The files written, the public one first.</returns>
    public static IReadOnlyList<string> Deal(int epoch, int dealer, string folder)
    {
        Dealing dealing = new(Scalar.NewRandom(), Scalar.NewRandom());
        DealingCommitments commitments = dealing.Commitments;
        Directory.CreateDirectory(folder);
        string published = Path.Combine(folder, $"epoch{epoch}-dealing{dealer}.json");
        HolderFiles.Write(
            published, new DealingFile(epoch, dealer, commitments.Constant.ToString(), commitments.Slope.ToString()),
            secret: false);
        List<string> written = [published];
        for (int holder = 1; holder <= ThresholdKey.Holders; holder++)
        {
            string path = Path.Combine(folder, $"epoch{epoch}-share-from{dealer}-to{holder}.json");
            string share = Convert.ToHexStringLower(dealing.ShareFor(holder).Bytes);
            HolderFiles.Write(path, new ShareFile(epoch, dealer, holder, share), secret: true);
            written.Add(path);
        }
        return written;
    }

    /// <summary>Second step, at each holder: checks what it was given and writes its key and the public points.</summary>
    /// <exception cref="FormatException">A file is missing, of another epoch, or a share is not what was committed to.</exception>
    public static (string Key, string Public) Join(
        int holder, IReadOnlyList<string> dealings, IReadOnlyList<string> shares, string folder)
    {
        List<DealingFile> dealt = [.. dealings.Select(HolderFiles.Read<DealingFile>).OrderBy(d => d.Dealer)];
        List<ShareFile> given = [.. shares.Select(HolderFiles.Read<ShareFile>).OrderBy(s => s.Dealer)];
        int[] all = [1, 2, 3];
        if (!dealt.Select(d => d.Dealer).SequenceEqual(all) || !given.Select(s => s.Dealer).SequenceEqual(all))
            throw new FormatException("One dealing and one share from each of the three holders are needed.");
        int epoch = dealt[0].Epoch;
        if (dealt.Any(d => d.Epoch != epoch) || given.Any(s => s.Epoch != epoch || s.Holder != holder))
            throw new FormatException("The files are of different epochs or for another holder.");

        List<DealingCommitments> commitments = [.. dealt.Select(d => d.Read())];
        List<Scalar> secrets = [.. given.Select(s => HolderFiles.Secret(s.Share))];
        for (int i = 0; i < secrets.Count; i++)
        {
            if (!commitments[i].Fits(holder, secrets[i]))
                throw new FormatException($"Holder {i + 1} gave a share that is not what it committed to.");
        }
        ThresholdKey key = DealingCommitments.Join(commitments);
        PublicKeyFile published = new(epoch, key.PublicKey.ToString(), [.. key.Shares.Select(s => s.ToString())]);
        Directory.CreateDirectory(folder);
        string secretPath = Path.Combine(folder, $"epoch{epoch}-holder{holder}.key.json");
        string publicPath = Path.Combine(folder, $"epoch{epoch}.public.json");
        string sum = Convert.ToHexStringLower(secrets.Aggregate((a, b) => a + b).Bytes);
        HolderFiles.Write(secretPath, new KeyFile(epoch, holder, sum, published), secret: true);
        if (!File.Exists(publicPath))
            HolderFiles.Write(publicPath, published, secret: false);
        return (secretPath, publicPath);
    }

    /// <summary>All of it on one machine, which then has the whole key for a moment: for trials only.</summary>
    public static void Rehearse(int epoch, string folder)
    {
        string work = Path.Combine(folder, $"epoch{epoch}-shares");
        int[] all = [1, 2, 3];
        foreach (int dealer in all)
            Deal(epoch, dealer, work);
        foreach (int holder in all)
        {
            Join(holder, [.. all.Select(d => Path.Combine(work, $"epoch{epoch}-dealing{d}.json"))],
                [.. all.Select(d => Path.Combine(work, $"epoch{epoch}-share-from{d}-to{holder}.json"))], folder);
        }
        Directory.Delete(work, recursive: true);
    }
}
