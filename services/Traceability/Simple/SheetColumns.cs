namespace Traceability.Simple;

/// <summary>Which column of a sheet says what, by its heading in Chinese or English.</summary>
internal sealed class SheetColumns
{
    private static readonly Dictionary<string, string> Names = new (string Name, string[] Headings)[]
    {
        ("event", ["event", "event no.", "事件号"]),
        ("what", ["what", "环节"]),
        ("when", ["when", "时间"]),
        ("where", ["where", "地点"]),
        ("item", ["item", "物品", "物品码"]),
        ("product", ["product", "商品", "商品条码"]),
        ("lot", ["lot", "批次"]),
        ("amount", ["amount", "数量"]),
        ("unit", ["unit", "单位"]),
        ("outputItem", ["output item", "产出物品"]),
        ("outputProduct", ["output product", "产出商品"]),
        ("outputLot", ["output lot", "产出批次"]),
        ("outputAmount", ["output amount", "产出数量"]),
        ("outputUnit", ["output unit", "产出单位"]),
        ("parent", ["parent", "箱码"]),
        ("from", ["from", "发货方"]),
        ("to", ["to", "收货方"]),
        ("document", ["document", "单据号"]),
        ("documentType", ["document type", "单据类型"]),
        ("note", ["note", "备注"]),
    }.SelectMany(c => c.Headings.Select(h => (Heading: h, c.Name)))
        .ToDictionary(h => h.Heading, h => h.Name, StringComparer.OrdinalIgnoreCase);

    private static readonly string[] DetailPrefixes = ["detail:", "属性:", "属性："];

    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<(string Name, int Place)> _details = [];

    /// <summary>Properties of the items, each in a column of its own.</summary>
    public IReadOnlyList<(string Name, int Place)> Details => _details;

    /// <summary>Reads the heading row.</summary>
    /// <exception cref="SheetException">A heading is unknown or doubled, or "what" is missing.</exception>
    public static SheetColumns Of(string[] headings)
    {
        SheetColumns columns = new();
        for (int i = 0; i < headings.Length; i++)
        {
            string heading = headings[i].Trim();
            if (heading.Length == 0)
                continue;
            if (DetailPrefixes.FirstOrDefault(p => heading.StartsWith(p, StringComparison.OrdinalIgnoreCase)) is { } prefix)
                columns._details.Add((heading[prefix.Length..].Trim(), i));
            else if (!Names.TryGetValue(heading, out string? name))
                throw new SheetException("sheet-heading", ("heading", heading[..Math.Min(heading.Length, 40)]), ("column", i + 1));
            else if (!columns._places.TryAdd(name, i))
                throw new SheetException("sheet-heading-twice", ("heading", heading), ("column", i + 1));
        }
        return columns._places.ContainsKey("what") ? columns : throw new SheetException("sheet-no-what");
    }

    /// <summary>The text in a row's cell; null when the column or the text is not there.</summary>
    public string? Cell(string[] cells, string name) =>
        _places.TryGetValue(name, out int place) ? Cell(cells, place) : null;

    /// <summary>The text at a place; null when there is none.</summary>
    public static string? Cell(string[] cells, int place) =>
        place < cells.Length && cells[place].Trim() is { Length: > 0 } text ? text : null;
}

/// <summary>The rows of one event as they are gathered; a later row adds items and fills what is still empty.</summary>
internal sealed class SheetRows(int row)
{
    private readonly List<string?> _items = [], _outputs = [];
    private readonly List<SimpleQuantity?> _quantities = [], _made = [];
    private readonly List<SimpleDocument?> _documents = [];
    private readonly Dictionary<string, string?> _details = new(StringComparer.Ordinal);
    private readonly HashSet<string> _lots = new(StringComparer.Ordinal), _madeLots = new(StringComparer.Ordinal);
    private SimpleEvent _event = new();

    /// <summary>Where it begins.</summary>
    public int Row { get; } = row;

    public void Add(SheetColumns columns, string[] cells)
    {
        string? Cell(string name) => columns.Cell(cells, name);
        _event = _event with
        {
            What = _event.What ?? Cell("what"),
            When = _event.When ?? Cell("when"),
            Where = _event.Where ?? Cell("where"),
            Parent = _event.Parent ?? Cell("parent"),
            From = _event.From ?? Cell("from"),
            To = _event.To ?? Cell("to"),
            Note = _event.Note ?? Cell("note"),
        };
        if (Cell("item") is { } item)
        {
            _items.Add(item);
            if (Cell("product") is null && Cell("lot") is { } lot)
                _lots.Add(lot);
        }
        if (Cell("outputItem") is { } output)
        {
            _outputs.Add(output);
            if (Cell("outputProduct") is null && Cell("outputLot") is { } lot)
                _madeLots.Add(lot);
        }
        if (Cell("product") is { } product)
            _quantities.Add(new SimpleQuantity(product, Cell("lot"), Cell("amount"), Cell("unit")));
        if (Cell("outputProduct") is { } made)
            _made.Add(new SimpleQuantity(made, Cell("outputLot"), Cell("outputAmount"), Cell("outputUnit")));
        if (Cell("document") is { } document)
        {
            SimpleDocument one = new(Cell("documentType"), document);
            if (!_documents.Contains(one))
                _documents.Add(one);
        }
        foreach ((string name, int place) in columns.Details)
        {
            if (SheetColumns.Cell(cells, place) is { } value)
                _details.TryAdd(name, value);
        }
    }

    public SimpleEvent ToEvent() => _event with
    {
        Items = Some(_items),
        Outputs = Some(_outputs),
        Quantities = Some(_quantities),
        OutputQuantities = Some(_made),
        Documents = Some(_documents),
        Details = _details.Count > 0 ? _details : null,
        Lot = OneLot(_outputs.Count > 0 ? _madeLots : _lots),
    };

    private string? OneLot(HashSet<string> lots) => lots.Count <= 1 ? lots.FirstOrDefault()
        : throw new SheetException("sheet-lots", ("row", Row), ("lots", string.Join(", ", lots.Take(2))));

    private static List<T>? Some<T>(List<T> list) => list.Count > 0 ? list : null;
}
