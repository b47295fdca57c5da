using System.CommandLine;
using System.Text.Json.Nodes;

namespace Cli.Commands;

/// <summary>Remembers an instance and a client of it, so that the other commands use them.</summary>
public static class Login
{
    public static string File => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config", "apps", "login.json");

    public static Command Command()
    {
        var origin = new Argument<string?>("origin") { Description = "Address of the portal, for example https://proof.example.cn", Arity = ArgumentArity.ZeroOrOne };
        var client = new Option<string?>("--client") { Description = "Client id that your organisation's administrator made." };
        var forget = new Option<bool>("--forget") { Description = "Forget it and use the instance of this folder again." };
        var command = new Command("login", "Use another instance or another client. The secret is read from the terminal or standard input, never from the command line.")
        {
            origin, client, forget,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(forget))
            {
                System.IO.File.Delete(File);
                return 0;
            }

            if (parsed.GetValue(origin) is not { } address || parsed.GetValue(client) is not { } id)
            {
                throw new UserException("Name the address and the client: apps login ORIGIN --client ID");
            }

            if (!Console.IsInputRedirected) Console.Error.Write("Client secret: ");
            var secret = Console.In.ReadLine() is { Length: > 0 } typed ? typed.Trim() : throw new UserException("No secret was given.");
            var uri = Uri.TryCreate(address, UriKind.Absolute, out var parsedUri) ? parsedUri : throw new UserException($"'{address}' is not an address.");
            using var api = new Api(uri.GetLeftPart(UriPartial.Authority), id, secret, TimeProvider.System);
            await api.GetAsync("/api/evidence/deposits?limit=1", cancel);
            new Access(api.Origin, uri.Port, id, secret, []).Write(File);
            parsed.Output().Write(new JsonObject { ["origin"] = api.Origin, ["client"] = id }, $"Signed in to {api.Origin} as {id}.");
            return 0;
        });
        return command;
    }
}
