using System.CommandLine;
using Cli.Demos.Trace;

namespace Cli.Commands;

/// <summary>Loads stories through the public API.</summary>
public static class Demo
{
    public static Command Command()
    {
        var command = new Command("demo", "Load demo data through the public API.");
        command.Subcommands.Add(Evidence());
        command.Subcommands.Add(Trace());
        command.Subcommands.Add(Receivables());
        command.Subcommands.Add(Prepaid());
        return command;
    }

    private static Command Evidence()
    {
        var evidence = new Command("evidence", "Organisations, people and deposits of the evidence service.");
        evidence.SetAction(async (_, cancel) =>
        {
            var (instance, access) = Find();
            await Demos.Evidence.LoadAsync(access, Supervision.Secrets.ReadOrCreate(instance.SecretsFile).DemoPassword, cancel);
            return 0;
        });
        return evidence;
    }

    private static Command Trace()
    {
        var documents = new Option<string>("--documents")
        {
            Description = "Archive with the published documents of GS1 and OpenEPCIS.",
            DefaultValueFactory = _ => Path.Combine(Instance.Find().Home, Samples.Archive),
        };
        var again = new Option<bool>("--again") { Description = "Load another set beside the one that is there." };
        var trace = new Command("trace", """
            Three stories of the traceability service, by separate organisations: imported chilled pork (进口冷链), tea with a
            quota (明前龙井), and wine from vineyard to bottle with a diverted carton, a cloned bottle and honest scans that look
            suspicious. Each step says what it expects and the command ends with exit code 1 at the first answer that differs;
            a load that was broken off goes on where it was, and one that is complete is only told again.
            """) { documents, again };
        trace.SetAction(async (result, cancel) =>
        {
            var (instance, access) = Find();
            await TraceDemo.RunAsync(
                instance, access, Supervision.Secrets.ReadOrCreate(instance.SecretsFile).DemoPassword,
                Path.GetFullPath(result.GetRequiredValue(documents)), result.GetRequiredValue(again), TimeProvider.System, cancel);
            return 0;
        });
        return trace;
    }

    private static Command Receivables()
    {
        var receivables = new Command("receivables", """
            The story of a car maker's vouchers (应收账款电子凭证): three tiers of suppliers, four banks, two hundred vouchers,
            splits, financing, payment and default, and one fraud attempt of each kind. Each step says what it expects and
            the command ends with exit code 1 at the first answer that differs; a load that was broken off goes on where
            it was, and one that is complete is only told again.
            """);
        receivables.SetAction(async (_, cancel) =>
        {
            var (instance, access) = Find();
            await Demos.Receivables.ReceivablesDemo.RunAsync(
                instance, access, Supervision.Secrets.ReadOrCreate(instance.SecretsFile).DemoPassword, TimeProvider.System, cancel);
            return 0;
        });
        return receivables;
    }

    private static Command Prepaid()
    {
        var cards = new Option<int>("--cards") { Description = "How many cards.", DefaultValueFactory = _ => 50_000 };
        cards.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int>() is < 6_000 or > 1_000_000) r.AddError("--cards is a number from 6000 to 1000000.");
        });
        var prepaid = new Command("prepaid", """
            Prepaid cards (预付卡): 300 merchants of all classes in three jurisdictions, 50,000 cards with two years of sales and
            use, the banks' statements with honest and dishonest breaks, and a day at the counter. The two years are played
            by the operator's rehearsal, which decides every movement by the rules of its day; all else goes over the public
            API. Each step says what it expects and the command ends with exit code 1 at the first answer that differs.
            """) { cards };
        prepaid.SetAction(async (result, cancel) =>
        {
            var (instance, access) = Find();
            await Demos.Prepaid.PrepaidDemo.RunAsync(
                instance, access, Supervision.Secrets.ReadOrCreate(instance.SecretsFile).DemoPassword,
                result.GetRequiredValue(cards), TimeProvider.System, cancel);
            return 0;
        });
        return prepaid;
    }

    private static (Instance Instance, Access Access) Find()
    {
        var instance = Instance.Find();
        return (instance, Access.Read(instance.AccessFile) ?? throw new UserException("No running instance was found. Start one with ./run.sh."));
    }
}
