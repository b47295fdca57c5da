namespace Contracts.SignedPages;

/// <summary>How a parameter is written on a page.</summary>
public enum FieldKind
{
    /// <summary>As it is.</summary>
    Text,

    /// <summary>An amount in fen, as yuan to the fen and in Chinese capitals.</summary>
    Fen,

    /// <summary>A party's id, with its registered name.</summary>
    Party,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>Yes or no.</summary>
    Flag,

    /// <summary>A word of the table of words.</summary>
    Word,
}

/// <summary>One parameter of a command on its page.</summary>
/// <param name="Path">Members from the command inwards; <c>[]</c> stands for each element of a list.</param>
/// <param name="Kind">How it is written.</param>
/// <param name="Zh">Label in Chinese.</param>
/// <param name="En">Label in English.</param>
public sealed record PageField(string Path, FieldKind Kind, string Zh, string En);

/// <summary>The page of one kind of command.</summary>
/// <param name="Kind">Name of the kind.</param>
/// <param name="Zh">Title and what follows from the command, in Chinese.</param>
/// <param name="En">The same in English.</param>
/// <param name="Fields">Every parameter that the command can have, in the order of the page.</param>
public sealed record PageForm(string Kind, PageWords Zh, PageWords En, params PageField[] Fields);

/// <summary>The words of a page in one language.</summary>
/// <param name="Title">What is done.</param>
/// <param name="Consequence">What follows from it.</param>
public sealed record PageWords(string Title, string Consequence);
