using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json;
using Chain.Node.Configuration;
using Chain.Node.Hosting;

namespace Chain.Node.Cli;

/// <summary><c>run</c>: the node until it is told to stop.</summary>
static class RunCommand
{
    public static Command Create(TimeProvider time)
    {
        var folder = new Option<string>("--dir") { Required = true, Description = "The node's folder, with config.json." };
        var run = new Command("run", "Run a node until SIGTERM or Ctrl-C.") { folder };
        run.SetAction(async (result, stop) => await RunAsync(result.GetRequiredValue(folder), time));
        return run;
    }

    static async Task<int> RunAsync(string folder, TimeProvider time)
    {
        try
        {
            var config = NodeConfig.Read(folder);
            await using var app = Build(config);
            await using var node = NodeHost.Open(folder, config, time, app.Services.GetRequiredService<ILogger<NodeHost>>());
            app.MapNode(node);
            node.Start();
            await app.RunAsync();
            return 0;
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidDataException or FormatException
            or JsonException or UnauthorizedAccessException or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    static WebApplication Build(NodeConfig config)
    {
        // Not the folder it is started in: the host watches all files below its content root.
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(config.Rpc);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // RunAsync reports what keeps the node from starting; Ctrl-C and SIGTERM stop it in good order.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        return builder.Build();
    }
}
