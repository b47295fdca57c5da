using ServiceDefaults.Auth;

namespace Portal.Components.Pages.Access;

/// <summary>Words of roles.</summary>
public static class RoleWords
{
    /// <summary>A role by its name.</summary>
    public static string Short(Language words, string role) => role switch
    {
        Role.Member => words["成员", "member"],
        Role.Reader => words["读者", "reader"],
        Role.Admin => words["管理员", "admin"],
        Role.Regulator => words["监管", "regulator"],
        Role.Operator => words["运营", "operator"],
        _ => role,
    };

    /// <summary>A role and what it may do.</summary>
    public static string Long(Language words, string role) => role switch
    {
        Role.Member => words["成员：登记和查看", "member: records and reads"],
        Role.Reader => words["读者：只查看", "reader: reads only"],
        Role.Admin => words["管理员：管理本机构", "admin: manages the organisation"],
        Role.Regulator => words["监管：查看各机构的商品记录", "regulator: reads the goods of all organisations"],
        Role.Operator => words["运营：登记机构、运行本系统", "operator: registers organisations, runs the suite"],
        _ => role,
    };
}
