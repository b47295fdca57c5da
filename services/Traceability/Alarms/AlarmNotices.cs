using System.Text;
using System.Text.Json.Nodes;
using EventStore;
using Traceability.MasterData;

namespace Traceability.Alarms;

/// <summary>
/// Tells organisations what happened to alarms of theirs, at the address that they named for recalls: signed, in order
/// and at least once. What is told is little; who is told reads the rest as itself.
/// </summary>
internal static class AlarmNotices
{
    /// <summary>Queues a notice in the transaction of its event; nothing where the organisation named no address.</summary>
    public static void Queue(Session session, string tenant, Guid alarm, string happened, Wording? reason)
    {
        JsonObject body = new()
        {
            ["alarm"] = alarm.ToString(),
            ["happened"] = happened,
            ["at"] = session.Context.Now.UtcDateTime,
        };
        if (reason is not null)
            body["reason"] = new JsonObject { ["zh"] = reason.Zh, ["en"] = reason.En };
        session.QueueSqlCommand(
            """
            with told as (
                update recall_webhooks set number = number + 1 where tenant = $1 returning tenant, number)
            insert into recall_deliveries (id, tenant, number, recall, body, retry_at)
            select gen_random_uuid(), tenant, number, $2, $3, $4 from told
            """, tenant, alarm, Encoding.UTF8.GetBytes(body.ToJsonString()), session.Context.Now.UtcDateTime);
    }
}
