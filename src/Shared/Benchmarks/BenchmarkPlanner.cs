using System.Security.Cryptography;
using System.Text;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Benchmarks;

/// <summary>Fixes what a run asks, from the suite and the settings of the moment it begins.</summary>
public sealed class BenchmarkPlanner(TpoStorage storage, BenchmarkSuites suites, BenchmarkModels known, Catalog catalog, TpoSettings settings)
{
    public async Task<BenchmarkPlan> PlanAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        var suite = await suites.TryLoadAsync(run.Suite, cancellation) ?? throw new InvalidDataException($"The suite '{run.Suite}' is gone from storage.");
        if (suite.File.Problems.Count > 0)
            throw new InvalidDataException(suite.File.Problems[0]);
        var protocol = run.Protocol is null ? suite.Protocol : suite.Benchmark.Choose(run.Protocol).Protocol
            ?? throw new InvalidDataException($"The suite '{run.Suite}' is of {suite.Benchmark.Name} now, which has no protocol '{run.Protocol}'.");
        var asked = VideoPart.TryParse(run.Shard)?.Of(suite.File.Questions) ?? suite.File.Questions;
        IReadOnlyList<BenchmarkQuestion> questions = [.. asked.Take(run.Limit ?? int.MaxValue)];
        var cards = await catalog.ListAsync<ModelCard>(Catalog.Models, cancellation);
        var preprocess = new List<string>();
        var models = new List<PlannedModel>();
        foreach (var (id, revision) in run.Models.Zip(run.Revisions))
        {
            var card = BenchmarkModels.IsEndpoint(id) ? known.EndpointCard : cards.LastOrDefault(card => card.ModelId == id);
            preprocess.Add(await known.PreprocessAsync(id, cancellation));
            models.Add(new PlannedModel(id, revision, card?.Note, await ModelFamily.ReadAsync(storage, id, card, cancellation)));
        }
        var positions = suite.Annotations is [var only] && Path.GetFileName(only.Name) == LongVideoBench.FileName;
        return new BenchmarkPlan
        {
            RunId = run.RunId,
            Suite = suite.Name,
            SuiteSha256 = suite.Sha256,
            Benchmark = suite.Benchmark.Slug,
            Protocol = protocol.Name,
            PromptSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', questions.Select(protocol.Prompt))))),
            Preprocess = string.Join(" and ", preprocess.Distinct()),
            Frames = settings.FramesPerVideo,
            MaxNewTokens = protocol.MaxNewTokens,
            Seed = settings.Seed,
            GateMargin = settings.GateMargin,
            Models = models,
            Questions = questions,
            TextOnly = run.TextOnly,
            EvidenceFrames = positions ? EvidencePositions.OfLongVideoBench(suite.Annotations[0].Text) : null,
        };
    }
}
