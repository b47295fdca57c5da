using Shouldly;
using Traceability.Graph;
using Xunit;
using Xunit.Abstractions;
using static Services.Tests.Traceability.Graph.GraphStory;

namespace Services.Tests.Traceability.Graph;

public class TracePropertyTests(ITestOutputHelper output)
{
    private const int Pieces = 8;
    private const int Lots = 4;
    private const int Processes = 2;
    private static readonly long[] All = [.. Enumerable.Range(1, Pieces + Lots + Processes).Select(i => (long)i)];

    private static int Stories => int.Parse(Environment.GetEnvironmentVariable("TRACE_STORIES") ?? "400");

    private static int FirstSeed => int.Parse(Environment.GetEnvironmentVariable("TRACE_SEED") ?? "1");

    [Fact]
    public async Task A_trace_is_what_playing_the_story_gives()
    {
        output.WriteLine($"seeds {FirstSeed}..{FirstSeed + Stories - 1}");
        int touched = 0, held = 0;
        for (int seed = FirstSeed; seed < FirstSeed + Stories; seed++)
        {
            Random random = new(seed);
            GraphStory story = Tell(random);
            for (int query = 0; query < 4; query++)
            {
                long item = All[random.Next(All.Length)];
                double? at = random.Next(3) == 0 ? random.Next(40) + 0.5 : null;
                string told = $"seed {seed}, item {item}, at {at}";

                TraceResult down = await story.TraceAsync(TraceDirection.Down, item, at);
                (HashSet<long> below, HashSet<long> holders) = TraceModel.Below(
                    story.Steps, item, at is { } t ? Minute(t) : DateTime.MinValue, DateTime.MaxValue);
                down.Nodes.Select(n => n.Item).Order().ToArray().ShouldBe(below.Order().ToArray(), "down, " + told);
                down.Carriers.Select(n => n.Node.Item).Distinct().Order().ToArray().ShouldBe(holders.Order().ToArray(), "held, " + told);

                (await story.TouchedAsync(TraceDirection.Up, item, at)).ShouldBe(
                    TraceModel.Above(story.Steps, item, All, at is { } u ? Minute(u) : DateTime.MaxValue)
                        .Append(item).Distinct().Order().ToArray(), "up, " + told);
                touched += below.Count - 1;
                held += holders.Count;
            }
        }
        output.WriteLine($"{touched} touched, {held} held");
        touched.ShouldBeGreaterThan(Stories);
        held.ShouldBeGreaterThan(Stories);
    }

    [Fact]
    public async Task Contents_at_a_time_are_what_playing_the_story_until_then_gives()
    {
        output.WriteLine($"seeds {FirstSeed}..{FirstSeed + Stories - 1}");
        int lines = 0;
        for (int seed = FirstSeed; seed < FirstSeed + Stories; seed++)
        {
            Random random = new(seed);
            GraphStory story = Tell(random);
            for (double at = 0.5; at < 40; at += 5)
            {
                long item = All[random.Next(All.Length)];
                HashSet<long> inside = TraceModel.Inside(story.Steps, item, Minute(at));
                inside.Remove(item);
                (await story.ContentsAsync(item, at)).Distinct().Where(i => i != item).ToArray()
                    .ShouldBe(inside.Order().ToArray(), $"seed {seed}, item {item}, at {at}");
                lines += inside.Count;
            }
        }
        lines.ShouldBeGreaterThan(Stories);
    }

    [Fact]
    public async Task A_late_event_gives_the_same_as_one_in_time()
    {
        for (int seed = FirstSeed; seed < FirstSeed + Stories; seed++)
        {
            GraphStory story = Tell(new Random(seed)), late = new();
            Random order = new(seed);
            foreach (Step s in story.Steps.OrderBy(_ => order.Next()))
            {
                late.Add((s.At - Begin).TotalMinutes, s.Kind, s.Action,
                    s.Items.Where(p => p.Role != ItemRole.Lot), recorded: 100);
            }
            long item = All[order.Next(All.Length)];
            foreach (TraceDirection direction in Enum.GetValues<TraceDirection>())
            {
                (await late.TouchedAsync(direction, item)).ShouldBe(
                    await story.TouchedAsync(direction, item), $"seed {seed}, item {item}, {direction}");
            }
        }
    }

    [Fact]
    public async Task What_was_known_at_a_time_is_the_trace_over_what_was_recorded_by_then()
    {
        for (int seed = FirstSeed; seed < FirstSeed + Stories; seed++)
        {
            Random random = new(seed);
            GraphStory story = Tell(random), whole = new(), part = new();
            double known = random.Next(10, 40) + 0.5;
            foreach (Step s in story.Steps)
            {
                double recorded = (s.At - Begin).TotalMinutes + random.Next(20);
                double? voided = random.Next(5) == 0 ? recorded + random.Next(1, 20) : null;
                Participant[] items = [.. s.Items.Where(p => p.Role != ItemRole.Lot)];
                double minute = (s.At - Begin).TotalMinutes;
                whole.Add(minute, s.Kind, s.Action, items, recorded, voided: voided is { } v ? Minute(v) : null);
                if (recorded <= known && !(voided <= known))
                    part.Add(minute, s.Kind, s.Action, items);
            }
            long item = All[random.Next(All.Length)];
            (await whole.TouchedAsync(TraceDirection.Down, item, knownAt: Minute(known)))
                .ShouldBe(await part.TouchedAsync(TraceDirection.Down, item), $"seed {seed}, item {item}");
        }
    }

    /// <summary>Forty steps among few items, so that cycles, diamonds and contradictions are common.</summary>
    private static GraphStory Tell(Random random)
    {
        GraphStory story = new();
        for (int minute = 1; minute <= 40; minute++)
        {
            switch (random.Next(10))
            {
                case < 5:
                    StepKind kind = random.Next(6) == 0 ? StepKind.Association : StepKind.Aggregation;
                    StepAction action = (StepAction)random.Next(1, 4);
                    List<Participant> items = [new(Piece(), ItemRole.Parent)];
                    if (action != StepAction.Delete || random.Next(3) > 0)
                        items.AddRange(Some(2, Piece).Where(c => c != items[0].Item).Select(c => new Participant(c, ItemRole.Child)));
                    if (random.Next(3) == 0 && items.Count > 1)
                        items.Add(Counted(ItemRole.Child, Lot(), random.Next(4) == 0 && action == StepAction.Delete ? null : random.Next(1, 4)));
                    story.Add(minute, kind, action, items);
                    break;
                case < 8:
                    List<Participant> made = [.. Some(2, Piece).Select(In), .. Some(1, Lot).Select(l => Counted(ItemRole.Input, l, 1))];
                    made.AddRange(Some(2, Piece).Where(o => made.All(m => m.Item != o)).Select(o => Out(o, random.Next(2) == 0 ? Lot() : 0)));
                    made.AddRange(Some(1, Lot).Where(o => made.All(m => m.Item != o)).Select(l => Counted(ItemRole.Output, l, 2)));
                    if (random.Next(4) == 0)
                        made.Add(new Participant(Pieces + Lots + 1 + random.Next(Processes), ItemRole.Process));
                    story.Add(minute, StepKind.Transformation, StepAction.None, made);
                    break;
                case 8:
                    story.Add(minute, StepKind.Object, StepAction.Add, [Item(Piece(), Lot())]);
                    break;
                default:
                    story.Add(minute, StepKind.Object, StepAction.Delete, [Item(Piece())]);
                    break;
            }
        }
        return story;

        long Piece() => random.Next(1, Pieces + 1);
        long Lot() => Pieces + random.Next(1, Lots + 1);
        HashSet<long> Some(int max, Func<long> one) => [.. Enumerable.Range(0, random.Next(max + 1)).Select(_ => one())];
    }
}
