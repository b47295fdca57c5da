using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace ServiceDefaults.Telemetry;

/// <summary>Writes collected metrics in Prometheus' text exposition format 0.0.4.</summary>
internal sealed class PrometheusText : BaseExporter<Metric>
{
    private readonly StringBuilder _text = new();

    /// <summary>The text of the last collection.</summary>
    public string Last { get; private set; } = "";

    public override ExportResult Export(in Batch<Metric> batch)
    {
        _text.Clear();
        foreach (Metric metric in batch)
            Write(metric);
        Last = _text.ToString();
        return ExportResult.Success;
    }

    private void Write(Metric metric)
    {
        string kind = metric.MetricType switch
        {
            MetricType.LongSum or MetricType.DoubleSum => "counter",
            MetricType.Histogram => "histogram",
            _ => "gauge",
        };
        string name = Name(metric, kind);
        _text.Append("# TYPE ").Append(name).Append(' ').Append(kind).Append('\n');
        foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
        {
            string labels = Labels(point.Tags);
            switch (metric.MetricType)
            {
                case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                    Line(name, labels, point.GetSumLong());
                    break;
                case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                    Line(name, labels, point.GetSumDouble());
                    break;
                case MetricType.LongGauge:
                    Line(name, labels, point.GetGaugeLastValueLong());
                    break;
                case MetricType.DoubleGauge:
                    Line(name, labels, point.GetGaugeLastValueDouble());
                    break;
                case MetricType.Histogram:
                    Histogram(name, labels, point);
                    break;
                default:
                    break;
            }
        }
    }

    private void Histogram(string name, string labels, in MetricPoint point)
    {
        long cumulative = 0;
        foreach (HistogramBucket bucket in point.GetHistogramBuckets())
        {
            cumulative += bucket.BucketCount;
            string bound = double.IsPositiveInfinity(bucket.ExplicitBound)
                ? "+Inf"
                : bucket.ExplicitBound.ToString("R", CultureInfo.InvariantCulture);
            Line(name + "_bucket", labels.Length == 0 ? $"le=\"{bound}\"" : $"{labels},le=\"{bound}\"", cumulative);
        }
        Line(name + "_sum", labels, point.GetHistogramSum());
        Line(name + "_count", labels, point.GetHistogramCount());
    }

    private void Line(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
            _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Name(Metric metric, string kind)
    {
        StringBuilder name = new(metric.Name.Length + 16);
        foreach (char c in metric.Name)
            name.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        string unit = metric.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (unit.Length > 0 && !name.ToString().EndsWith(unit, StringComparison.Ordinal))
            name.Append(unit);
        if (kind == "counter")
            name.Append("_total");
        return name.ToString();
    }

    private static string Labels(ReadOnlyTagCollection tags)
    {
        StringBuilder labels = new();
        foreach ((string key, object? value) in tags)
        {
            if (labels.Length > 0)
                labels.Append(',');
            foreach (char c in key)
                labels.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
            string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            labels.Append("=\"")
                .Append(text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n"))
                .Append('"');
        }
        return labels.ToString();
    }
}
