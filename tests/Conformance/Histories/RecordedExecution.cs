using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tpo.Offline.FunctionsWorker.Durable.Engine;

namespace Tpo.Tests.Conformance.Histories;

/// <summary>
/// One execution of an orchestrator as it really ran: all it was told and all it asked for, episode by episode, and how it ended.
/// A file each, <c>Histories/{orchestrator}/{case}.json</c>.
/// </summary>
/// <param name="Outcome">null: it was terminated from outside, and still ran</param>
internal sealed record RecordedExecution(string Orchestrator, string InstanceId, string Execution, string? Version, string? Input,
    ParentLink? Parent, IReadOnlyList<Episode> Episodes, string? CustomStatus, Outcome? Outcome)
{
    public static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private const string Folder = "tests/Conformance/Histories";

    /// <summary>The files' names within the repository.</summary>
    public static IReadOnlyList<string> Files =>
        [.. Directory.EnumerateFiles(InRepository(Folder), "*.json", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(AzuriteFixture.RepositoryRoot(), file)).Order(StringComparer.Ordinal)];

    public static RecordedExecution Read(string file) =>
        JsonSerializer.Deserialize<RecordedExecution>(File.ReadAllText(InRepository(file)), Json)!;

    public static string FileOf(string orchestrator, string @case) => $"{Folder}/{orchestrator}/{@case}.json";

    public void Write(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(InRepository(file))!);
        File.WriteAllText(InRepository(file), JsonSerializer.Serialize(this, Json) + "\n");
    }

    private static string InRepository(string file) => Path.Combine(AzuriteFixture.RepositoryRoot(), file);
}
