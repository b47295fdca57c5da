using System.Xml.Linq;
using Shouldly;
using Xunit;

namespace Repo.Tidy;

/// <summary>Which project may use which: the rules of the architecture, read from the project files.</summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Chain.Core"] = [],
        ["Chain.State"] = ["Chain.Core"],
        ["Chain.Evm"] = ["Chain.Core", "Chain.State"],
        ["Chain.Ledger"] = ["Chain.Core", "Chain.State", "Chain.Evm"],
        ["Chain.Consensus"] = ["Chain.Core"],
        ["Chain.Network"] = ["Chain.Core"],
        ["Chain.JsonRpc"] = ["Chain.Core", "Chain.State", "Chain.Evm", "Chain.Ledger"],
        ["Chain.Node"] = ["Chain.Core", "Chain.State", "Chain.Evm", "Chain.Ledger", "Chain.Consensus", "Chain.Network", "Chain.JsonRpc"],
        ["Chain.Client"] = ["Chain.Core"],
        ["EventStore"] = [],
        ["Contracts"] = [],
        ["Proofs"] = ["Chain.Core"],
        ["ServiceDefaults"] = ["EventStore", "Contracts"],
        ["Anchor"] = [.. Service, "Chain.Client", "Chain.Core"],
        ["Voprf"] = [],
        ["KeyHolder"] = ["Voprf", "Chain.Client", "Chain.Core"],
        ["Receivables"] = [.. Service, "Voprf", "Chain.Client", "Chain.Core"],
        ["Prepaid"] = [.. Service, "PrepaidRisk", "Chain.Client", "Chain.Core"],
        ["ReceivablesAudit"] = ["Proofs"],
        // A detector that knew the simulation it is measured on would be measured on nothing.
        ["PrepaidRisk"] = [],
        ["PrepaidSimulation"] = [],
        ["Portal"] = ["ServiceDefaults", "Contracts", "Proofs"],
        // The demo of prepaid cards plays what the simulation makes up.
        ["Cli"] = ["PrepaidSimulation", "Proofs", "Chain.Client", "Chain.Core", "Contracts"],
    };

    private static string[] Service => ["EventStore", "ServiceDefaults", "Contracts", "Proofs"];

    [Fact]
    public void Projects_reference_only_what_the_architecture_allows()
    {
        var projects = Repository.Projects().Where(p => !p.Contains("/tests/", StringComparison.Ordinal)).ToList();
        Allowed.Keys.Except(projects.Select(p => Path.GetFileNameWithoutExtension(p)!)).ShouldBeEmpty("a project of the rules is gone");
        foreach (var project in projects)
        {
            var name = Path.GetFileNameWithoutExtension(project);
            var references = XDocument.Load(project).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
            // A project that the rules don't name is a service like any other.
            var allowed = Allowed.GetValueOrDefault(name) ?? (project.Contains("/services/", StringComparison.Ordinal) ? Service : []);
            references.Except(allowed).ShouldBeEmpty($"{name} references what it may not");
        }
    }

    [Fact]
    public void The_chain_knows_nothing_of_the_services() =>
        Repository.Sources("chain").Where(f => File.ReadAllText(f).Contains("using EventStore", StringComparison.Ordinal)
            || File.ReadAllText(f).Contains("using Proofs", StringComparison.Ordinal)).ShouldBeEmpty();

    [Fact]
    public void Versions_stand_in_the_central_file_only()
    {
        foreach (var project in Repository.Projects())
        {
            XDocument.Load(project).Descendants("PackageReference").Where(p => p.Attribute("Version") is not null).ShouldBeEmpty(project);
        }
    }
}
