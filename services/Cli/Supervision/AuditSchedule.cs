using System.Globalization;

namespace Cli.Supervision;

/// <summary>When the audit runs by itself.</summary>
/// <param name="At">Time of day in the machine's zone.</param>
public sealed record AuditSchedule(TimeOnly At)
{
    /// <summary>Environment variable: <c>03:00</c>, or <c>off</c> for never.</summary>
    public const string Setting = "APPS_AUDIT_AT";

    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly TimeSpan AfterStart = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromHours(1);

    /// <summary>Three at night.</summary>
    public static readonly AuditSchedule Default = new(new TimeOnly(3, 0));

    /// <summary>The schedule that a setting asks for; null for never.</summary>
    /// <exception cref="UserException">It is neither a time of day nor <c>off</c>.</exception>
    public static AuditSchedule? Parse(string? setting) => setting switch
    {
        null or "" => Default,
        "off" => null,
        _ => TimeOnly.TryParseExact(setting, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
            ? new AuditSchedule(at)
            : throw new UserException($"{Setting} is '{setting}'; write a time of day such as 03:00, or off."),
    };

    /// <summary>The schedule of this process's environment; null for never.</summary>
    public static AuditSchedule? Find() => Parse(Environment.GetEnvironmentVariable(Setting));

    /// <summary>
    /// How long to wait after a start. An instance that slept through its last night is audited soon; one that has
    /// never been audited waits for its first night.
    /// </summary>
    /// <param name="now">The machine's own time.</param>
    /// <param name="last">When the last audit ended.</param>
    public TimeSpan AtStart(DateTimeOffset now, DateTimeOffset? last) =>
        last is { } ended && now - ended > Day && UntilNext(now) > AfterStart ? AfterStart : UntilNext(now);

    /// <summary>How long to wait after an audit; one that could not run is tried again before the next night.</summary>
    /// <param name="now">The machine's own time.</param>
    /// <param name="ran">Whether it came to a result.</param>
    public TimeSpan After(DateTimeOffset now, bool ran) =>
        !ran && UntilNext(now) > AfterFailure ? AfterFailure : UntilNext(now);

    /// <summary>How the setting is written.</summary>
    public override string ToString() => At.ToString("HH:mm", CultureInfo.InvariantCulture);

    private TimeSpan UntilNext(DateTimeOffset now)
    {
        var pause = At.ToTimeSpan() - now.TimeOfDay;
        return pause > TimeSpan.Zero ? pause : pause + Day;
    }
}
