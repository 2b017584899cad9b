using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tpo.GpuJob.Synthetic.Suites;

/// <summary>One set of questions in the file formats of four benchmarks, side by side in one folder.</summary>
public static class SuiteWriter
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true };

    public static async Task WriteAsync(IReadOnlyList<SuiteQuestion> questions, int side, string folder, CancellationToken cancel = default)
    {
        Directory.CreateDirectory(folder);
        await LongVideoBenchFile.WriteAsync(questions, folder, cancel);
        await MlvuFiles.WriteAsync(questions, folder, cancel);
        await VideoMmeFile.WriteAsync(questions, folder, cancel);
        await NextGqaFiles.WriteAsync(questions, side, folder, cancel);
    }

    internal static Task WriteJsonAsync(JsonNode json, string path, CancellationToken cancel) =>
        File.WriteAllTextAsync(path, json.ToJsonString(Layout) + "\n", cancel);

    /// <summary>Whether a kind asks for the order of events.</summary>
    internal static bool IsOfOrder(this QuestionKind kind) => kind is QuestionKind.After or QuestionKind.Before or QuestionKind.First or QuestionKind.Last;
}
