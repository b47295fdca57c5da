using System.Net;
using System.Text.Json.Nodes;

namespace Portal.Components;

/// <summary>What is wrong with a form that was sent: for the summary above it and beside its fields.</summary>
public sealed class FormProblems(Language words)
{
    private readonly List<(string Field, string Words)> _all = [];

    /// <summary>All problems; the field is empty where no single field is meant.</summary>
    public IReadOnlyList<(string Field, string Words)> All => _all;

    /// <summary>The session ended while the form was filled in.</summary>
    public bool SignedOut { get; private set; }

    /// <summary>The first problem of a field.</summary>
    public string? this[string field] => _all.Find(p => p.Field == field).Words;

    public void Add(string field, string problem) => _all.Add((field, problem));

    /// <summary>What a service refused, in its own words.</summary>
    /// <param name="answer">Its answer.</param>
    /// <param name="prefix">Begins the fields' names, where a page has several forms.</param>
    public void Add(SuiteApi.Answer answer, string prefix = "") => AddAs(answer, field => prefix + field);

    /// <summary>The same, with the service's names of fields as the form has them.</summary>
    public void AddAs(SuiteApi.Answer answer, Func<string, string> name)
    {
        if (answer.Status == HttpStatusCode.Unauthorized)
        {
            SignedOut = true;
            Add("", words[
                "登录已过期，没有提交任何内容。您填的内容都还在：登录后回到这里再提交一次。",
                "Your sign-in has expired and nothing was submitted. What you entered is kept: sign in, come back and submit again."]);
            return;
        }

        var errors = answer.Document?["errors"] as JsonArray ?? [];
        foreach (var error in errors)
        {
            var field = error!["field"]!.ToString();
            Add(name(field), FieldNames.In(words, field, error["detail"]!.ToString()));
        }

        if (errors.Count == 0) Add("", answer.Problem!);
    }
}
