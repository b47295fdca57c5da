namespace Portal.Components.Pages.Evidence;

/// <summary>What can happen to a deposit, in the reader's words.</summary>
/// <param name="Name">As the service knows it.</param>
/// <param name="Chinese">As people know it.</param>
/// <param name="English">The same in English.</param>
/// <param name="Field">The member that this kind needs.</param>
public sealed record CustodyKind(string Name, string Chinese, string English, string Field)
{
    /// <summary>Kinds that a person records.</summary>
    public static readonly IReadOnlyList<CustodyKind> All =
    [
        new("handed-over", "移交", "Handed over", "to"),
        new("accessed", "查阅", "Accessed", "purpose"),
        new("supplemented", "补充", "Supplemented", "sha256"),
        new("superseded", "替代", "Superseded", "by"),
    ];

    /// <summary>A kind's words, those included that no person records.</summary>
    public static string Words(Language words, string name) => name switch
    {
        "file-erased" => words["文件已删除", "File erased"],
        _ => All.FirstOrDefault(k => k.Name == name) is { } kind ? words[kind.Chinese, kind.English] : name,
    };
}
