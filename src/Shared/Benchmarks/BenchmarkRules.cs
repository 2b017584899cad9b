using Tpo.Shared.Models;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Benchmarks;

/// <summary>A request whose names were looked up.</summary>
/// <param name="Models">baseline, candidate</param>
public sealed record ResolvedBenchmark(BenchmarkSuite Suite, BenchmarkProtocol Protocol, IReadOnlyList<ModelCard> Models);

/// <summary>What a benchmark request may ask for: every error names the request's field and the way out.</summary>
public sealed class BenchmarkRules(BenchmarkSuites suites, BenchmarkModels endpoint, Catalog catalog, LatestModels latest)
{
    /// <summary>Stands for the newest registered model.</summary>
    public const string Newest = "newest";
    /// <summary>Stands for the promoted model: where `latest` points.</summary>
    public const string Latest = "latest";
    private const int ShownProblems = 5;

    /// <returns>The looked-up request, null where there are errors.</returns>
    public async Task<(ResolvedBenchmark? Resolved, IReadOnlyList<(string Field, string Sentence)> Errors)> ResolveAsync(
        BenchmarkRequest request, CancellationToken cancellation)
    {
        var errors = new List<(string Field, string Sentence)>();
        var suite = await SuiteAsync(request.Suite ?? "", errors, cancellation);
        var protocol = suite is null ? null : Protocol(suite, request.Protocol, errors);
        var models = await ModelsAsync(request.Models ?? [], errors, cancellation);
        if (request.Limit is < 1)
            errors.Add(("limit", "Give a number of questions of at least 1, or leave it out."));
        if (request is { Gate: true, Limit: not null })
            errors.Add(("limit", "The gate asks whole suites: leave the limit out, or the gate."));
        if (request.Shard is { } shard && VideoPart.TryParse(shard) is null)
            errors.Add(("shard", $"'{shard}' is no part of the videos: give two numbers, as '2/5' for the second of five."));
        if (request.Gate && (request.Shard is not null || request.PredictOnly))
            errors.Add(("gate", "The gate asks and scores whole suites: leave the shard and `predictOnly` out, or the gate."));
        if (request.Gate && models.Count == 2 && BenchmarkModels.IsEndpoint(models[1].ModelId))
            errors.Add(("gate", "A model behind an endpoint is no registered one, so `latest` cannot move to it: leave the gate out."));
        if (!request.Gate && (request.GateGroup is not null || request.GateSuites is not null))
            errors.Add(("gate", "A gate's group and suites go with `gate: true`."));
        if (request.GateGroup is { } group && !BlobPaths.IsSegment(group))
            errors.Add(("gateGroup", $"'{group}' is no name (letters, digits, '-', '_', '.', '@')."));
        if (request.GateSuites is { } waited && (waited.Distinct().Count() != waited.Count || !waited.Contains(request.Suite)))
            errors.Add(("gateSuites", $"Name every suite once, '{request.Suite}' among them."));
        return errors.Count == 0 ? (new ResolvedBenchmark(suite!, protocol!, models), []) : (null, errors);
    }

    private async Task<BenchmarkSuite?> SuiteAsync(string name, List<(string, string)> errors, CancellationToken cancellation)
    {
        BenchmarkSuite? suite = null;
        try
        {
            suite = await suites.TryLoadAsync(name, cancellation);
        }
        catch (InvalidDataException e)
        {
            errors.Add(("suite", e.Message));
            return null;
        }
        if (suite is null)
            errors.Add(("suite", $"There is no suite '{name}': {BenchmarkSuites.HowTo(name)}."));
        else if (suite.File.Problems.Count > 0)
            errors.Add(("suite", string.Join(' ', suite.File.Problems.Take(ShownProblems)) + (suite.File.Problems.Count > ShownProblems ? $" And {suite.File.Problems.Count - ShownProblems} more." : "")));
        else if (suite.File.Questions.Count == 0)
            errors.Add(("suite", $"The annotation files of '{name}' hold no question."));
        else if (suite.File.Questions.FirstOrDefault(question => question.VideoId.Contains('/') || !BlobPaths.IsPath(question.VideoPath)) is { } odd)
            errors.Add(("suite", $"'{name}', question '{odd.Id}': the video '{odd.VideoPath}' is no path inside the videos folder."));
        return suite;
    }

    private static BenchmarkProtocol? Protocol(BenchmarkSuite suite, string? asked, List<(string, string)> errors)
    {
        var (protocol, problem) = asked is null ? (suite.Protocol, null) : suite.Benchmark.Choose(asked);
        if (protocol is null)
            errors.Add(("protocol", problem!));
        else if (protocol.NotAskedHere is { } why)
            errors.Add(("protocol", $"A run cannot ask by '{protocol.Name}': {why}."));
        return protocol;
    }

    private async Task<IReadOnlyList<ModelCard>> ModelsAsync(IReadOnlyList<string> names, List<(string, string)> errors, CancellationToken cancellation)
    {
        if (names.Count != 2)
        {
            errors.Add(("models", "Give two models: the baseline, then the candidate (GET /api/models lists them)."));
            return [];
        }
        var known = await catalog.ListAsync<ModelCard>(Catalog.Models, cancellation);
        var found = new List<ModelCard>();
        foreach (var name in names)
        {
            if (name == BenchmarkModels.Endpoint)
            {
                if (endpoint.EndpointCard is { } remote)
                    found.Add(remote);
                else
                    errors.Add(("models", "No model behind an endpoint is set up: give Tpo__Models__Benchmark__Endpoint and Tpo__Models__Benchmark__Model (docs/remote-models.md)."));
                continue;
            }
            var id = name == Newest ? known.LastOrDefault()?.ModelId : name == Latest ? await latest.IdAsync(cancellation) : name;
            if (known.LastOrDefault(card => card.ModelId == id) is { } card)
                found.Add(card);
            else
                errors.Add(("models", $"There is no model '{name}'{(name == Latest ? $" ('{id}')" : "")} (GET /api/models lists them)."));
        }
        if (found.Count == 2 && found[0].ModelId == found[1].ModelId)
            errors.Add(("models", $"Both are '{found[0].ModelId}': a model cannot be compared with itself."
                + (names.Contains(Newest) ? " No newer model is registered yet." : "")));
        return found;
    }
}
