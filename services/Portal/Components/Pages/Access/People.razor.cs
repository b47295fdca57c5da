using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using ServiceDefaults.Auth;

namespace Portal.Components.Pages.Access;

/// <summary>
/// The accounts of an organisation: its administrators see their own; the operator also those of any other, to add its
/// first administrator. Identity decides who may do what.
/// </summary>
public sealed partial class People
{
    private const string Folder = "/org/people";
    private const string Identity = "identity";

    // 18 bytes are 24 characters and 144 bits: nobody guesses it before it is changed.
    private const int PasswordBytes = 18;

    /// <summary>Roles that an organisation's account can have.</summary>
    private static readonly string[] OfOrganisation = [Role.Member, Role.Reader, Role.Admin];

    private IReadOnlyList<JsonNode> _users = [];
    private IReadOnlyList<JsonNode> _organisations = [];
    private JsonNode? _asked;
    private JsonNode? _made;
    private SuiteApi.Answer? _refused;
    private FormProblems? _problems;

    /// <summary>Makes a form that is sent twice one account.</summary>
    [SupplyParameterFromForm(FormName = "person", Name = "Key")] public string? Key { get; set; }

    [SupplyParameterFromForm(FormName = "person", Name = "Name")] public string? Name { get; set; }

    [SupplyParameterFromForm(FormName = "person", Name = "SignInName")] public string? SignInName { get; set; }

    [SupplyParameterFromForm(FormName = "person", Name = "Roles")] public string[]? Roles { get; set; }

    [SupplyParameterFromForm(FormName = "close", Name = "Id")] public string? Id { get; set; }

    [SupplyParameterFromForm(FormName = "close", Name = "Reason")] public string? Reason { get; set; }

    /// <summary>Whose accounts, for the operator; the reader's own organisation where it is missing.</summary>
    [SupplyParameterFromQuery(Name = "of")] public string? Organisation { get; set; }

    [SupplyParameterFromQuery] public string? Close { get; set; }

    [SupplyParameterFromQuery] public string? Page { get; set; }

    private FormProblems Problems => _problems ??= new FormProblems(L);

    private bool IsOperator => Http.HttpContext!.User.IsInRole(Role.Operator);

    private bool IsAdmin => Http.HttpContext!.User.IsInRole(Role.Admin);

    private string? Mine => Http.HttpContext!.User.FindFirst(Claim.Subject)?.Value;

    private string? Of => IsOperator && Organisation is { Length: > 0 } named && named != Http.HttpContext!.User.FindFirst(Claim.Tenant)?.Value ? named : null;

    private string OfName => _organisations.FirstOrDefault(o => o["id"]?.ToString() == Of)?["name"]?.ToString() ?? Of!;

    private IEnumerable<string> Grantable => IsOperator ? [.. OfOrganisation, Role.Regulator, .. Of is null ? [Role.Operator] : Array.Empty<string>()] : OfOrganisation;

    private string Here => Of is { } of ? $"{Folder}?of={Uri.EscapeDataString(of)}" : Folder;

    private int Number => Pager.Read(Page, _users.Count);

    protected override async Task OnInitializedAsync()
    {
        var answer = await Api.GetAsync(Identity, Of is { } of ? $"users?tenant={Uri.EscapeDataString(of)}" : "users", CancellationToken.None);
        if (answer.Ok) _users = Items(answer);
        else if (HttpMethods.IsGet(Http.HttpContext!.Request.Method))
        {
            _refused = answer;
            Http.HttpContext.Answer((int)answer.Status);
            return;
        }

        if (IsOperator) _organisations = Items(await Api.GetAsync(Identity, "organisations", CancellationToken.None));
        _asked = _users.FirstOrDefault(u => u["id"]!.ToString() == (Id ?? Close) && u["open"]!.GetValue<bool>());
        _made = Once.Take(Folder);
    }

    private static IReadOnlyList<JsonNode> Items(SuiteApi.Answer answer) =>
        [.. (answer.Document?["items"] as JsonArray ?? []).OfType<JsonNode>()];

    private async Task AddAsync()
    {
        var (name, signIn) = (Name?.Trim() ?? "", SignInName?.Trim() ?? "");
        var roles = Grantable.Where(r => Roles?.Contains(r) == true).ToArray();
        Roles ??= [];
        if (name.Length == 0) Problems.Add("name", L["请填写姓名。没有添加。", "Give the name. Nobody was added."]);
        if (signIn.Length == 0) Problems.Add("signInName", L["请填写账号。没有添加。", "Give the account name. Nobody was added."]);
        if (roles.Length == 0) Problems.Add("roles", L["请至少选一个角色。没有添加。", "Choose at least one role. Nobody was added."]);
        if (Problems.All.Count > 0)
        {
            Refuse();
            return;
        }

        // Identity keeps a hash only; a form that is sent again has another password, which Identity refuses as the
        // same key with other content, so that the one that was shown stays the right one.
        var password = Convert.ToBase64String(RandomNumberGenerator.GetBytes(PasswordBytes)).Replace('+', '-').Replace('/', '_');
        var body = new JsonObject
        {
            ["name"] = name,
            ["signInName"] = signIn,
            ["password"] = password,
            ["roles"] = new JsonArray([.. roles.Select(r => JsonValue.Create(r))]),
        };
        if (Of is { } of) body["tenant"] = of;
        var answer = await Api.PostAsync(Identity, "users", body, Key, CancellationToken.None);
        if (!answer.Ok)
        {
            if (answer.Code == "idempotency-key-reused") Problems.Add("", L["这份表单已经提交过：账号若在列表里，就没有再建一个；首个密码没看到的话，请停用它再建。", "This form was sent before: if the account is in the list, no second one was made. If you did not see its first password, disable it and add another."]);
            else Problems.Add(answer);
            Refuse();
            return;
        }

        Once.Keep(Folder, new JsonObject { ["name"] = signIn, ["secret"] = password });
        Navigation.NavigateTo(Here + "#secret");
    }

    private async Task CloseAsync()
    {
        if (Reason?.Trim() is not { Length: > 0 } reason)
        {
            Problems.Add("reason", L["请填写原因。没有停用。", "Give the reason. Nothing was disabled."]);
            Refuse();
            return;
        }

        var answer = await Api.PostAsync(Identity, $"users/{Uri.EscapeDataString(Id ?? "")}/close", new JsonObject { ["reason"] = reason }, null, CancellationToken.None);
        if (answer.Ok)
        {
            Navigation.NavigateTo(Here);
            return;
        }

        Problems.Add(answer);
        Refuse();
    }

    private void Refuse() => Http.HttpContext!.Answer(StatusCodes.Status422UnprocessableEntity);
}
