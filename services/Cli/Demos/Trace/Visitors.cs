using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cli.Demos.Trace;

/// <summary>
/// People in several cities on one machine: the whole network 127.0.0.0/8 is this machine (RFC 1122 section 3.2.1.3), so a
/// visitor can have an address of its own, and the region table says which city that is.
/// </summary>
public static class Visitors
{
    private const int FirstNetwork = 10;
    private const int CityKilometres = 25;

    /// <summary>Gives the instance a region table of such addresses, unless its operator has given it one.</summary>
    public static void EnsureRegions(Instance instance)
    {
        var file = Path.Combine(instance.Data, "trace", "regions.csv");
        if (File.Exists(file) || !Directory.Exists(Path.GetDirectoryName(file))) return;
        var text = new StringBuilder("# Addresses of this machine that the demonstration's visitors have.\n");
        for (var i = 0; i < Looks.Cities.Count; i++)
        {
            var city = Looks.Cities[i];
            var network = FirstNetwork + i;
            text.Append(CultureInfo.InvariantCulture, $"127.{network}.0.0,127.{network}.255.255,{city.Code},{city.Latitude},{city.Longitude},{CityKilometres}\n");
        }

        // Moved into place whole: the service may read it at any time.
        var next = file + ".next";
        File.WriteAllText(next, text.ToString());
        File.Move(next, file);
    }

    /// <summary>Opens a page from an address of a city.</summary>
    public static async Task OpenAsync(string link, string city, string device, CancellationToken cancel)
    {
        var network = FirstNetwork + Looks.Cities.ToList().FindIndex(c => c.Code == city);
        var from = IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"127.{network}.0.{1 + Math.Abs(device.Sum(c => c)) % 250}"));
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, token) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    socket.Bind(new IPEndPoint(from, 0));
                    await socket.ConnectAsync(context.DnsEndPoint, token);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        using var http = new HttpClient(handler);
        http.DefaultRequestHeaders.UserAgent.ParseAdd(device);
        http.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        using var page = await http.GetAsync(new Uri(link), cancel);
        Narration.Expect(page.IsSuccessStatusCode, "the consumer page", page.StatusCode);
    }
}
