using System.Text.Json.Nodes;
using Tpo.GpuJob.Verify;

namespace Tpo.Tests.Unit.Benchmarks;

/// <summary>The harnesses' own scoring cases, through `verify`.</summary>
public sealed class ScoringCasesTests : IDisposable
{
    private const string Folder = "goldens/benchmarks/";

    private readonly string _folder = Directory.CreateTempSubdirectory("tpo-cases-").FullName;

    [BenchmarkGoldenFact(
        Folder + "longvideobench.json", Folder + "mlvu.json", Folder + "video-mme.json", Folder + "videohallucer.json", Folder + "next-gqa.json", Folder + "mvbench.json",
        Folder + "tempcompass.json", Folder + "tvbench.json", Folder + "vidhalluc.json", Folder + "eventhallusion.json", "benchmarks/NExT-GQA/gsub_test.json")]
    public void Every_case_of_all_ten_benchmarks_agrees()
    {
        string[] names = ["longvideobench", "mlvu", "video-mme", "videohallucer", "next-gqa", "mvbench", "tempcompass", "tvbench", "vidhalluc", "eventhallusion"];
        var output = new StringWriter();
        var code = VerifyCommand.Run([.. names.Select(name => BenchmarkGoldenFactAttribute.PathOf($"{Folder}{name}.json"))], VerifyEngine.Torch, details: false, output);
        Assert.True(code == 0, output.ToString());
        Assert.Contains("10 files, 52 comparisons, all within tolerance", output.ToString());
    }

    [BenchmarkGoldenFact(Folder + "video-mme.json", Folder + "vidhalluc.json", Folder + "mvbench.json")]
    public void A_case_that_expects_something_else_fails_and_says_where()
    {
        AssertFails("video-mme", "extract", golden => golden["expected"]!["Option: D"]!["official"] = "C", "extract, Option: D: is 'D' instead of 'C'");
        AssertFails("vidhalluc", "sth_overall", golden => golden["expected"]!["Overall Score"] = 0.3697, "sth_overall, Overall Score: 0.3695");
        AssertFails("mvbench", "lmms_prompt", golden => golden["expected"] = "Question: ", "lmms_prompt, prompt: is 'Question:What");
    }

    [BenchmarkGoldenFact(Folder + "tvbench.json")]
    public void A_case_without_a_check_is_a_failure_not_a_silence()
    {
        AssertFails("tvbench", "rrpo_check", golden => golden["id"] = "another", "another: this build has no check for this case");
        AssertFails("tvbench", "official_check", golden => golden["expected"] = new JsonObject(), "official_check: nothing was compared");
    }

    private void AssertFails(string name, string id, Action<JsonNode> change, string expected)
    {
        var cases = JsonNode.Parse(BenchmarkGoldenFactAttribute.Read($"{Folder}{name}.json"))!.AsArray();
        change(cases.Single(golden => (string?)golden!["id"] == id)!);
        var path = Path.Combine(_folder, $"{name}.json");
        File.WriteAllText(path, cases.ToJsonString());
        var output = new StringWriter();
        Assert.Equal(1, VerifyCommand.Run([path], VerifyEngine.Torch, details: false, output));
        Assert.Contains(expected, output.ToString());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
