namespace Cli.Benchmarks;

/// <summary>What the service of receivable vouchers does a second on the running instance.</summary>
public static class Receivables
{
    /// <summary>Sets up organisations of its own, which stay; for an instance that is thrown away.</summary>
    public static async Task<IReadOnlyList<Row>> RunAsync(
        Instance instance, Access access, int families, int clients, TimeSpan duration, bool portal, CancellationToken cancel)
    {
        var time = TimeProvider.System;
        var address = portal ? "/api/receivables/" : $"http://127.0.0.1:{instance.ReceivablesPort}/";
        using var operations = Api.AsOperator(access, time);
        using var api = new Api(access.Origin, access.ClientId, access.ClientSecret, time);
        var begun = time.GetTimestamp();
        using var market = await ReceivablesMarket.OpenAsync(access, address, clients, time, cancel);
        var load = new ReceivablesLoad(api, market, time);
        return
        [
            new Row($"organisations and {clients * 6 + 3} keys set up in", time.GetElapsedTime(begun).TotalSeconds, "s"),
            .. await load.ManyAsync(families, duration, cancel),
            .. await load.HotAsync(duration, cancel),
            .. await new ReceivablesPayout(operations, access.Origin, market, time).RunAsync(cancel),
            .. await ReceivablesFloor.RunAsync(TimeSpan.FromSeconds(5), cancel),
        ];
    }
}
