namespace Traceability.Scanning.Page;

/// <summary>Writes the journey: the item's own steps, and those of the boxes and pallets that it was in.</summary>
internal sealed class JourneyView(Html html, bool chinese)
{
    private string Words(string zh, string en) => chinese ? zh : en;

    /// <summary>Writes the steps and the sketch of the route.</summary>
    /// <param name="journey">The steps that are listed.</param>
    /// <param name="isCut">Whether there are more.</param>
    public void Write(IReadOnlyList<PageStep> journey, bool isCut)
    {
        if (journey.Count == 0)
            return;
        html.Add($"<div class=\"two\"><section class=\"card\" aria-labelledby=\"journey\"><h2 id=\"journey\">{Words("旅程", "Journey")}</h2><ol class=\"steps\">");
        for (int i = 0; i < journey.Count; i++)
            Step(i + 1, journey[i]);
        html.Add($"</ol><p class=\"small quiet\">{Words("时间为北京时间。没有公开的地点和数量不在此列。", "Times are Beijing time. Places and quantities that are not published are left out.")}{(isCut ? Words("只列前60条。", " Only the first 60 are listed.") : "")}</p></section>");
        if (RouteSketch.Draw(journey, chinese) is { } sketch)
            html.Add($"<section class=\"card\" aria-labelledby=\"route\"><h2 id=\"route\">{Words("路线示意图", "Sketch of the route")}</h2>{sketch}<p class=\"small quiet\">{Words("圆点中的数字是上面的序号；按比例，不是地图。", "The numbers are those of the steps; in proportion, not a map.")}</p></section>");
        html.Add($"</div>");
    }

    private string Moved(PageStep step, string holder) => (step.Type, step.Action) switch
    {
        // The thing itself is what something was joined to or put into, as a tin with a second label.
        ("AssociationEvent", "DELETE") when step.Parent == step.Names => Words("从这一件上分开了另一个码", "another code was parted from this item"),
        ("AssociationEvent", _) when step.Parent == step.Names => Words("与另一个码合为一件", "another code was made one with this item"),
        (_, "DELETE") when step.Parent == step.Names => Words("从里面取出东西", "something was taken out of it"),
        _ when step.Parent == step.Names => Words("里面放入东西", "something was put into it"),
        ("AssociationEvent", "DELETE") => Words($"与{holder}分开", $"parted from {holder}"),
        ("AssociationEvent", _) => Words($"与{holder}合为一件", $"made one with {holder}"),
        (_, "DELETE") => Words($"从{holder}取出", $"out of {holder}"),
        _ => Words($"放入{holder}", $"into {holder}"),
    };

    private void Place(string uri, PagePlace place)
    {
        html.Add($" · <span data-fact=\"/bizLocation\" data-value=\"{uri}\"><span{PageFact.Record(place.EventId, "place")}>{PageFact.Of("/data/place/name", place.Name, chinese)}");
        if (place.City is { } city)
            html.Add($"{Words("（", " (")}{PageFact.Of("/data/place/city", city, chinese)}{Words("）", ")")}");
        html.Add($"</span></span>");
    }

    private void Step(int number, PageStep step)
    {
        string? disposition = StepWords.Disposition(step.Disposition)?.In(chinese);
        html.Add($"<li data-event=\"{step.EventId}\" data-names=\"{step.Names}\" data-kind=\"step\"{new Markup(step.Depth > 0 ? " data-held" : "")}><span class=\"no\">{number}</span><p><strong");
        if (step.Step is { } uri)
            html.Add($" data-fact=\"/bizStep\" data-value=\"{uri}\"");
        html.Add($">{StepWords.Step(step.Step).In(chinese)}</strong>");
        if (disposition is not null)
            html.Add($" · <span data-fact=\"/disposition\" data-value=\"{step.Disposition}\">{disposition}</span>");
        if (step.Depth > 0)
            html.Add($" · {Words($"在{StepWords.Holder(step.Names).In(true)}里", $"in {StepWords.Holder(step.Names).In(false)}")}");
        if (step.Parent is { } parent)
        {
            string holder = StepWords.Holder(parent).In(chinese);
            html.Add($" · <span data-fact=\"/type\" data-value=\"{step.Type}\"><span data-fact=\"/parentID\" data-value=\"{parent}\">");
            if (step.Action is { } action)
                html.Add($"<span data-fact=\"/action\" data-value=\"{action}\">{Moved(step, holder)}</span>");
            else
                html.Add($"{holder}");
            html.Add($"</span></span>");
        }
        if (step.Place is { } place)
            Place(step.PlaceUri!, place);
        html.Add($"</p>");
        html.Add($"<p class=\"small quiet\">");
        if (step.At is { } at)
            html.Add($"<time datetime=\"{PageTime.Iso(at)}\" data-fact=\"/eventTime\" data-value=\"{PageTime.Iso(at)}\">{PageTime.Minute(at)}</time>");
        if (step.Recorder is { } recorder)
            html.Add($"{(step.At is null ? "" : " · ")}{Words("", "recorded by ")}{PageFact.Plain(recorder, chinese)}{Words("登记", "")}");
        else
            html.Add($"{(step.At is null ? "" : " · ")}{Words("登记方未公开名称", "recorded by an organisation that does not publish its name")}");
        html.Add($"</p>");
        html.Add($"<p class=\"small\"><a href=\"/api/trace/open/events/{step.EventId}/proof\" download=\"{number}.proof.json\">{Words("证明文件", "Proof file")}</a> · <a href=\"/api/trace/open/events/{step.EventId}/statements?key={step.Names}\" download=\"{number}.statements.json\">{Words("事件陈述", "Statements")}</a></p></li>");
    }
}
