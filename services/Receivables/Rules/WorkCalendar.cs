using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Receivables.Rules;

/// <summary>One year's days of rest and swapped working days, as a notice of the State Council orders them.</summary>
/// <param name="Year">The year; a notice may reach into the end of the one before.</param>
/// <param name="Notice">Its number.</param>
/// <param name="Source"><c>text</c> or <c>secondary</c>, as with rules.</param>
/// <param name="Rest">Spans of rest, first and last day.</param>
/// <param name="Work">Days of the weekend on which one works.</param>
public sealed record CalendarYear(
    int Year, string Notice, string Source, IReadOnlyList<IReadOnlyList<DateOnly>> Rest, IReadOnlyList<DateOnly> Work)
{
    /// <summary>
    /// Why it can't be used: <c>days</c> outside its year, <c>order</c>, <c>swap</c>; null where it can.
    /// </summary>
    public string? Fault()
    {
        DateOnly first = new(Year - 1, 12, WorkCalendar.LastOwnDay + 1);
        DateOnly last = new(Year, 12, 31);
        if (Rest.Any(s => s.Count != 2 || s[0] > s[1]))
            return "order";
        if (Rest.Any(s => s[0] < first || s[1] > last) || Work.Any(d => d < first || d > last))
            return "days";
        bool swapped = Work.All(d => WorkCalendar.IsWeekend(d) && !Rest.Any(s => s[0] <= d && d <= s[1]));
        return swapped ? null : "swap";
    }

    /// <summary>
    /// Reads lines <c>2026-01-01,rest</c> and <c>2026-01-04,work</c>; a first line <c>day,kind</c> is skipped.
    /// </summary>
    /// <returns>Null where a line is neither.</returns>
    public static CalendarYear? FromCsv(int year, string notice, string csv)
    {
        List<IReadOnlyList<DateOnly>> rest = [];
        List<DateOnly> work = [];
        foreach (string line in csv.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] cells = line.Split(',', StringSplitOptions.TrimEntries);
            if (cells is ["day", "kind"])
                continue;
            if (cells.Length != 2 || !DateOnly.TryParseExact(
                cells[0], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
                return null;
            if (cells[1] == "rest")
                rest.Add([day, day]);
            else if (cells[1] == "work")
                work.Add(day);
            else
                return null;
        }
        return new CalendarYear(year, notice, "text", rest, work);
    }
}

/// <summary>The day on which something is really due.</summary>
/// <param name="Agreed">The day agreed.</param>
/// <param name="Day">The day it falls on; null while a calendar is missing.</param>
/// <param name="MissingYear">The year whose calendar must be imported first.</param>
/// <param name="Notices">The notices that decided it.</param>
public sealed record DueDay(DateOnly Agreed, DateOnly? Day, int? MissingYear, IReadOnlyList<string> Notices);

/// <summary>Working days by imported notices; a year without one is unknown, never guessed.</summary>
public sealed class WorkCalendar
{
    /// <summary>In December, the days after this one also hang on the next year's notice.</summary>
    internal const int LastOwnDay = 28;

    private readonly Dictionary<int, CalendarYear> _years;

    /// <summary>A calendar of some years; of two notices for one year the later in the list counts.</summary>
    public WorkCalendar(IEnumerable<CalendarYear> years)
    {
        _years = [];
        foreach (CalendarYear year in years)
            _years[year.Year] = year;
    }

    /// <summary>The years that come with the suite.</summary>
    public static WorkCalendar BuiltIn { get; } = new(Read());

    /// <summary>Its years.</summary>
    public IEnumerable<CalendarYear> Years => _years.Values.OrderBy(y => y.Year);

    /// <summary>The same with one more year, or another notice for it.</summary>
    public WorkCalendar With(CalendarYear year) => new([.. _years.Values, year]);

    /// <summary>
    /// The day on which a period that would end on <paramref name="agreed"/> ends: itself, or the next that is no day
    /// of
    /// rest (Civil Code art. 203).
    /// </summary>
    public DueDay Due(DateOnly agreed)
    {
        SortedSet<int> asked = [];
        for (DateOnly day = agreed; ; day = day.AddDays(1))
        {
            foreach (int year in Deciding(day))
            {
                if (!_years.ContainsKey(year))
                    return new DueDay(agreed, null, year, []);
                asked.Add(year);
            }
            if (!IsRest(day))
                return new DueDay(agreed, day, null, [.. asked.Select(y => _years[y].Notice)]);
        }
    }

    /// <summary>Whether a day is one of rest; null while the calendar that says so is missing.</summary>
    public bool? IsRestDay(DateOnly day) => Deciding(day).All(_years.ContainsKey) ? IsRest(day) : null;

    internal static bool IsWeekend(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;

    private static IEnumerable<int> Deciding(DateOnly day) =>
        day is { Month: 12, Day: > LastOwnDay } ? [day.Year, day.Year + 1] : [day.Year];

    private bool IsRest(DateOnly day)
    {
        foreach (int year in Deciding(day))
        {
            CalendarYear notice = _years[year];
            if (notice.Work.Contains(day))
                return false;
            if (notice.Rest.Any(s => s[0] <= day && day <= s[1]))
                return true;
        }
        return IsWeekend(day);
    }

    private static List<CalendarYear> Read()
    {
        using Stream years = typeof(WorkCalendar).Assembly.GetManifestResourceStream("Receivables.Rules.Calendar.json")
            ?? throw new InvalidOperationException("The calendar is missing.");
        return JsonSerializer.Deserialize(years, CalendarJson.Default.ListCalendarYear)!;
    }
}

/// <summary>One publication of the one-year loan prime rate.</summary>
/// <param name="From">From which day.</param>
/// <param name="Ppm">A year, in millionths: 3.00 % is 30000.</param>
public sealed record LprRate(DateOnly From, int Ppm);

/// <summary>The dated table of the one-year LPR.</summary>
/// <param name="CheckedThrough">Last day for which the table is known to be whole.</param>
/// <param name="Source"><c>text</c> or <c>secondary</c>.</param>
/// <param name="Rates">In order of their days.</param>
public sealed record LprTable(DateOnly CheckedThrough, string Source, IReadOnlyList<LprRate> Rates)
{
    /// <summary>The table that comes with the suite.</summary>
    public static LprTable BuiltIn { get; } = Read();

    /// <summary>The rate on a day, in millionths a year; null where the table doesn't reach.</summary>
    public int? On(DateOnly day) =>
        day > CheckedThrough ? null : Rates.LastOrDefault(r => r.From <= day)?.Ppm;

    /// <summary>The table with one publication more, whole through its day.</summary>
    public LprTable With(LprRate rate) => this with
    {
        CheckedThrough = rate.From > CheckedThrough ? rate.From : CheckedThrough,
        Rates = [.. Rates.Where(r => r.From != rate.From).Append(rate).OrderBy(r => r.From)],
    };

    private static LprTable Read()
    {
        using Stream table = typeof(LprTable).Assembly.GetManifestResourceStream("Receivables.Rules.Lpr.json")
            ?? throw new InvalidOperationException("The table of the LPR is missing.");
        return JsonSerializer.Deserialize(table, CalendarJson.Default.LprTable)!;
    }
}

/// <summary>How calendars and rates stand in their files.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(List<CalendarYear>))]
[JsonSerializable(typeof(LprTable))]
internal sealed partial class CalendarJson : JsonSerializerContext;
