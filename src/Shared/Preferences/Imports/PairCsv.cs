using Tpo.Shared.Benchmarks;
using Tpo.Shared.Preferences.Hygiene;

namespace Tpo.Shared.Preferences.Imports;

/// <summary>One row of somebody else's preference pairs.</summary>
/// <param name="Line">number of the row, the first behind the header is 1</param>
public sealed record ImportedPair(int Line, string Video, string Prompt, string Chosen, string Rejected, string Answer);

/// <summary>A table of preference pairs as the published LongVA-TPO set is one: a header, then a row a pair.</summary>
/// <param name="Problems">rows that are no pairs, each as a sentence with its number; or that the table cannot be read at all</param>
public sealed record PairCsv(IReadOnlyList<ImportedPair> Pairs, IReadOnlyList<string> Problems)
{
    /// <summary>What a column may be called, by what it means. Case, spaces and underscores do not matter.</summary>
    private static readonly (string Meaning, string[] Names)[] Columns =
    [
        ("video", ["video", "videopath", "videofile", "videoid", "path"]), ("prompt", ["prompt", "question", "query", "instruction"]),
        ("chosen", ["chosen", "preferred", "chosenresponse"]), ("rejected", ["rejected", "dispreferred", "rejectedresponse"]), ("answer", ["answer", "reference", "referenceanswer", "groundtruth"]),
    ];

    public static PairCsv Read(string text)
    {
        IReadOnlyList<IReadOnlyList<string>> rows;
        try
        {
            rows = [.. CsvRows.Read(text)];
        }
        catch (FormatException broken)
        {
            return new PairCsv([], [$"The file is no CSV: {broken.Message}."]);
        }
        if (rows.Count == 0)
            return new PairCsv([], ["The file is empty: a header with video, prompt, chosen, rejected (and answer) is needed."]);
        var header = rows[0].Select(Bare).ToList();
        var place = Columns.ToDictionary(column => column.Meaning, column => header.FindIndex(name => column.Names.Contains(name)));
        if (Columns.Where(column => place[column.Meaning] < 0 && column.Meaning != "answer").ToList() is { Count: > 0 } missing)
            return new PairCsv([], [$"The header lacks a column for {string.Join(", ", missing.Select(column => $"{column.Meaning} ({string.Join(" or ", column.Names)})"))}; it has: {string.Join(", ", rows[0])}."]);

        var (pairs, problems) = (new List<ImportedPair>(), new List<string>());
        foreach (var (index, row) in rows.Skip(1).Index())
        {
            string Of(string meaning) => place[meaning] is >= 0 and var at && at < row.Count ? MediaFree(row[at]) : "";
            var pair = new ImportedPair(index + 1, Of("video"), Of("prompt"), Of("chosen"), Of("rejected"), Of("answer"));
            if (Fault(pair) is { } fault)
                problems.Add($"row {pair.Line}: {fault}.");
            else
                pairs.Add(pair);
        }
        return new PairCsv(pairs, problems);
    }

    private static string? Fault(ImportedPair pair) => pair switch
    {
        { Video: "" } => "names no video",
        { Prompt: "" } => "has no prompt",
        { Chosen: "" } or { Rejected: "" } => "lacks one of the two answers",
        _ when EquivalentAnswers.Are(pair.Chosen, pair.Rejected) => "has the same answer twice",
        _ => null,
    };

    /// <summary>Marks of pictures and videos are the training template's own business.</summary>
    private static string MediaFree(string text) => text.Replace("<image>", "", StringComparison.OrdinalIgnoreCase).Replace("<video>", "", StringComparison.OrdinalIgnoreCase).Trim();

    private static string Bare(string name) => name.Replace("_", "").Replace(" ", "").Trim().ToLowerInvariant();
}
