namespace Traceability.Epcis.Documents;

/// <summary>A rule of the documents is broken; carries what an <see cref="EpcisProblem"/> says.</summary>
internal sealed class EpcisFormatException(string code, string path, string detail) : FormatException(detail)
{
    public string Code { get; } = code;

    public string Path { get; } = path;

    public EpcisProblem ToProblem(int? index) => new(index, Code, Path, Message);
}
