using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cli.Supervision;

/// <summary>The configuration file that each service process reads; it holds its secrets and has mode 0600.</summary>
public sealed class ServiceConfiguration(Instance instance, Secrets secrets, Postgres postgres)
{
    public string Write(Service service)
    {
        var content = new JsonObject
        {
            ["Urls"] = $"http://127.0.0.1:{instance.Port + service.PortOffset}",
            ["Service"] = new JsonObject
            {
                ["Name"] = service.Name,
                ["Group"] = service.Group?.Name,
                ["Data"] = Path.Combine(instance.Data, service.Name),
            },
            ["Auth"] = new JsonObject
            {
                ["Issuer"] = $"{instance.Origin}/api/identity",
                ["Metadata"] = $"http://127.0.0.1:{instance.IdentityPort}/.well-known/openid-configuration",
                ["Audience"] = "apps",
            },
            ["Client"] = new JsonObject
            {
                ["Id"] = service.Name,
                ["Secret"] = secrets.Clients[service.Name],
                ["TokenUrl"] = $"http://127.0.0.1:{instance.IdentityPort}/connect/token",
            },
            ["Services"] = new JsonObject(
                Services.All.Select(s => KeyValuePair.Create(s.Name, (JsonNode?)$"http://127.0.0.1:{instance.Port + s.PortOffset}"))),
            ["Broker"] = new JsonObject
            {
                ["Host"] = "127.0.0.1",
                ["Port"] = instance.RabbitPort,
                ["User"] = Rabbit.User,
                ["Password"] = secrets.RabbitPassword,
                ["VirtualHost"] = "/",
            },
            ["Portal"] = new JsonObject { ["Origin"] = instance.Origin },
        };
        if (service.HasDatabase)
        {
            content["ConnectionStrings"] = new JsonObject { ["Store"] = postgres.ConnectionString(service.Name) };
        }

        switch (service.Name)
        {
            case "identity":
                content["Seed"] = Seed();
                break;
            case PledgeRegister.Group:
                content["Pledges"] = Pledges();
                // A rehearsal fixes payees early, so whoever runs vouchers in earnest turns it off.
                content["Rehearsal"] = Rehearsal();
                break;
            case LiabilityRegister.Group:
                // A rehearsal plays cards of the past, so whoever runs cards in earnest turns it off.
                content["Rehearsal"] = Rehearsal();
                if (LiabilityRegister.IsThere(instance)) content["Liabilities"] = Liabilities();
                break;
            case "anchor":
                content["Anchor"] = Anchor();
                break;
            case "portal":
                content["Portal"]!["ClientId"] = "portal-web";
                content["Portal"]!["ClientSecret"] = secrets.Clients["portal-web"];
                content["Portal"]!["Audit"] = instance.AuditFile;
                content["Portal"]!["AuditAt"] = AuditSchedule.Find()?.ToString();
                content["Portal"]!["Key"] = secrets.PortalKey;
                break;
            default:
                break;
        }

        var file = Path.Combine(instance.Configuration, service.Name + ".json");
        PrivateFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(content, CliJson.Default.JsonObject));
        return file;
    }

    /// <summary>What an empty identity service starts with: the clients of the processes and one operator.</summary>
    private JsonObject Seed()
    {
        var clients = new JsonArray();
        foreach (var service in Services.All) clients.Add(Client(service.Name, "operator", ["service"]));
        clients.Add(Client("cli", Demos.Evidence.Tenant, ["member", "admin"]));
        clients.Add(Client(Access.OperatorClient, "operator", ["operator"]));
        clients.Add(new JsonObject
        {
            ["Id"] = "portal-web",
            ["Secret"] = secrets.Clients["portal-web"],
            ["Tenant"] = "operator",
            ["Roles"] = new JsonArray(),
            ["RedirectUris"] = new JsonArray($"{instance.Origin}/sign-in/callback"),
        });
        return new JsonObject
        {
            ["Organisations"] = new JsonArray(new JsonObject
            {
                ["Id"] = Demos.Evidence.Tenant,
                ["Name"] = Demos.Evidence.TenantName,
                ["CreditCode"] = Demos.Evidence.TenantCode,
            }),
            ["Clients"] = clients,
            ["Operator"] = new JsonObject { ["User"] = "operator", ["Password"] = secrets.OperatorPassword },
        };
    }

    private JsonObject Client(string id, string tenant, string[] roles) => new()
    {
        ["Id"] = id,
        ["Secret"] = secrets.Clients[id],
        ["Tenant"] = tenant,
        ["Roles"] = new JsonArray([.. roles.Select(r => (JsonNode?)r)]),
    };

    private JsonObject Pledges() => new()
    {
        ["Rpc"] = new JsonArray([.. ChainNetwork.Rpc(instance, PledgeRegister.Group).Select(r => (JsonNode?)r)]),
        ["ChainId"] = PledgeRegister.ChainId,
        ["Registry"] = PledgeRegister.Contract,
        ["Holders"] = new JsonArray([.. KeyHolders.Names.Select((name, i) => (JsonNode?)new JsonObject
        {
            ["Name"] = name, ["Url"] = instance.KeyHolderUrl(i + 1),
        })]),
    };

    private static JsonObject Rehearsal() => new() { ["Enabled"] = Environment.GetEnvironmentVariable("APPS_REHEARSAL") != "off" };

    private JsonObject Liabilities() => new()
    {
        ["Rpc"] = new JsonArray([.. ChainNetwork.Rpc(instance, LiabilityRegister.Group).Select(r => (JsonNode?)r)]),
        ["ChainId"] = LiabilityRegister.ChainId,
        ["Registry"] = LiabilityRegister.Contract,
    };

    private JsonObject Anchor()
    {
        var groups = new JsonObject();
        foreach (var group in Services.Groups.Select(g => g.Name))
        {
            var rpc = ChainNetwork.Rpc(instance, group).Select(r => (JsonNode?)r);
            groups[group] = new JsonObject
            {
                ["Rpc"] = new JsonArray([.. rpc]),
                ["Feeds"] = new JsonObject(Services.All.Where(s => s.Group?.Name == group)
                    .Select(s => KeyValuePair.Create(s.Name, (JsonNode?)$"http://127.0.0.1:{instance.Port + s.PortOffset}"))),
            };
        }

        var anchor = new JsonObject
        {
            ["Network"] = instance.NetworkFile,
            ["Keys"] = instance.AnchorKeys,
            ["Tiles"] = Path.Combine(instance.Data, "anchor", "tiles"),
            ["Groups"] = groups,
        };
        if (File.Exists(instance.Witnesses)) AddWitnesses(anchor);
        return anchor;
    }

    private void AddWitnesses(JsonObject anchor)
    {
        try
        {
            var given = JsonNode.Parse(File.ReadAllText(instance.Witnesses))!.AsObject();
            anchor["Witnesses"] = given["witnesses"]!.AsArray().DeepClone();
            anchor["WitnessQuorum"] = given["quorum"]?.GetValue<int>();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new UserException($"{instance.Witnesses} can't be read. It holds {{\"witnesses\":[{{\"name\":…,\"key\":…,\"url\":…}}],\"quorum\":…}}.", 1);
        }
    }
}
