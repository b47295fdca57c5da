using System.Globalization;
using System.Text;

namespace Services.Tests.Traceability.Epcis;

/// <summary>Made-up captures of a given size.</summary>
internal static class Captures
{
    /// <summary>An EPCISDocument of shipping events, each with so many serialised items.</summary>
    public static byte[] Document(int events, int epcs)
    {
        var text = new StringBuilder("""
            {"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            {"ext":"https://ns.example.com/epcis/"}],"type":"EPCISDocument","schemaVersion":"2.0",
            "creationDate":"2026-01-31T10:00:00Z","epcisBody":{"eventList":[
            """);
        for (int i = 0; i < events; i++)
        {
            if (i > 0) text.Append(',');
            text.Append(CultureInfo.InvariantCulture, $$"""
                {"type":"ObjectEvent","eventTime":"2026-01-31T10:00:{{i % 60:D2}}.{{i % 1000:D3}}+08:00",
                "eventTimeZoneOffset":"+08:00","action":"OBSERVE","bizStep":"shipping","disposition":"in_transit",
                "readPoint":{"id":"https://id.gs1.org/414/4012345000054"},
                "bizLocation":{"id":"urn:epc:id:sgln:4012345.00005.0"},
                "bizTransactionList":[{"type":"po","bizTransaction":"urn:epcglobal:cbv:bt:4012345000009:PO{{i}}"}],
                "sourceList":[{"type":"owning_party","source":"https://id.gs1.org/417/4012345000009"}],
                "destinationList":[{"type":"owning_party","destination":"urn:epc:id:pgln:0614141.00000"}],
                "ext:batch":"B{{i}}","epcList":[
                """);
            for (int j = 0; j < epcs; j++)
            {
                text.Append(j > 0 ? "," : "").Append(CultureInfo.InvariantCulture,
                    $"\"https://id.gs1.org/01/04012345111118/21/S{i:D6}{j:D4}\"");
            }

            text.Append("]}");
        }

        return Encoding.UTF8.GetBytes(text.Append("]}}").ToString());
    }
}
