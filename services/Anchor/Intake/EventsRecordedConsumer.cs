using Anchor.Groups;
using Contracts;
using MassTransit;

namespace Anchor.Intake;

/// <summary>Takes what services publish. A message for a log that is not open is dropped: its feed has it still.</summary>
public sealed class EventsRecordedConsumer(AnchorGroups groups, ILogger<EventsRecordedConsumer> logger)
    : IConsumer<EventsRecorded>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<EventsRecorded> context)
    {
        var message = context.Message;
        if (groups.Find(message.Group) is not { } group || !group.Intake.Services.Contains(message.Service))
        {
            logger.MessageRefused(message.Service, message.Group, "no log takes events of this service and group");
            return;
        }
        if (Batches.Of(message) is not { } batch)
        {
            logger.MessageRefused(message.Service, message.Group, "it is malformed");
            return;
        }
        await group.Intake.TakeAsync(batch, context.CancellationToken);
    }
}
