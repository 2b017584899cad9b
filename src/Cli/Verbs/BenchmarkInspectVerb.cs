using System.CommandLine;
using Spectre.Console;
using Tpo.Shared.Benchmarks;

namespace Tpo.Cli.Verbs;

/// <summary>`benchmark inspect`: what a benchmark's annotation files hold, and what is malformed in them. Needs no running app.</summary>
internal static class BenchmarkInspectVerb
{
    private const int Malformed = 1;

    public static Command Create()
    {
        var suite = new Argument<string>("SUITE") { Description = "one of " + string.Join(", ", KnownBenchmarks.All.Select(benchmark => benchmark.Slug)) };
        suite.AcceptOnlyFromAmong([.. KnownBenchmarks.All.Select(benchmark => benchmark.Slug)]);
        var files = new Argument<string[]>("FILE") { Description = "annotation files as the authors publish them", Arity = ArgumentArity.OneOrMore };
        var command = new Command("inspect", $"Print what annotation files hold: items, videos, categories, what is malformed (then the exit code is {Malformed}).") { suite, files };
        command.SetAction((parsed, cancellation) => RunAsync(KnownBenchmarks.Find(parsed.GetRequiredValue(suite))!, parsed.GetRequiredValue(files), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Benchmark benchmark, IReadOnlyList<string> paths, CancellationToken cancellation)
    {
        var files = new List<AnnotationFile>();
        foreach (var path in paths)
            files.Add(await ReadAsync(path, cancellation));
        var held = benchmark.Load(files);
        AnsiConsole.MarkupLineInterpolated($"{benchmark.Name} ({benchmark.Files})");
        AnsiConsole.MarkupLineInterpolated($"{held.Questions.Count} items, {held.Questions.Select(question => question.VideoId).Distinct().Count()} videos, {files.Count} files");
        if (held.Questions.Count > 0)
            AnsiConsole.Write(Categories(held.Questions));
        foreach (var protocol in benchmark.Protocols)
            AnsiConsole.MarkupLineInterpolated($"protocol: {protocol.Name}{(protocol.Judge is { } judge ? $"; a judge is needed for {judge.What}" : "")}");
        AnsiConsole.MarkupLineInterpolated($"malformed: {(held.Problems.Count == 0 ? "nothing" : held.Problems.Count)}");
        foreach (var problem in held.Problems)
            AnsiConsole.MarkupLineInterpolated($"  {problem}");
        return held.Problems.Count == 0 ? 0 : Malformed;
    }

    private static async Task<AnnotationFile> ReadAsync(string path, CancellationToken cancellation)
    {
        if (Directory.Exists(path))
            throw new CliFailure($"'{path}' is a folder; name the annotation files in it.");
        if (!File.Exists(path))
            throw new CliFailure($"There is no file '{path}'.");
        try
        {
            return await AnnotationFile.ReadAsync(path, cancellation);
        }
        catch (InvalidDataException e)
        {
            throw new CliFailure(e.Message);
        }
    }

    private static Table Categories(IReadOnlyList<BenchmarkQuestion> questions)
    {
        var table = new Table().AddColumns("category", "name", "items", "videos");
        foreach (var category in questions.SelectMany(question => question.Groups.Select(name => (Name: name, Question: question))).GroupBy(each => each.Name, each => each.Question))
            table.AddRow(Markup.Escape(category.Key.Kind), Markup.Escape(category.Key.Name), $"{category.Count()}", $"{category.Select(question => question.VideoId).Distinct().Count()}");
        return table;
    }
}
