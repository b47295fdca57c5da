using System.Net.Sockets;

namespace Cli.Supervision;

/// <summary>Waits for something to answer, with a deadline.</summary>
public static class Probe
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    public static Func<CancellationToken, Task> HttpOk(string url, TimeSpan deadline) => cancel =>
        UntilAsync(url, deadline, async token => (await Http.GetAsync(url, token)).IsSuccessStatusCode, cancel);

    public static Func<CancellationToken, Task> Port(int port, TimeSpan deadline) => cancel =>
        UntilAsync($"port {port}", deadline, async token =>
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync("127.0.0.1", port, token);
            return true;
        }, cancel);

    public static async Task UntilAsync(
        string what, TimeSpan deadline, Func<CancellationToken, Task<bool>> attempt, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(deadline);
        var last = "no answer";
        while (true)
        {
            try
            {
                if (await attempt(patience.Token)) return;
                last = "not ready";
            }
            catch (Exception e) when (!cancel.IsCancellationRequested && e is not UserException)
            {
                last = e.Message;
            }

            cancel.ThrowIfCancellationRequested();
            if (patience.IsCancellationRequested) throw new TimeoutException($"{what} gave no good answer in {deadline.TotalSeconds:0} s ({last}).");
            await Task.Delay(50, cancel);
        }
    }
}
