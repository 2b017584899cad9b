namespace Tpo.Shared.Storage;

/// <summary>The blob containers of the product; what is in each stands in the README's map of the house.</summary>
public static class Containers
{
    public const string Videos = "videos";
    public const string Curation = "curation";
    public const string Datasets = "datasets";
    public const string Models = "models";
    public const string Training = "training";
    public const string Benchmarks = "benchmarks";
    public const string Reports = "reports";
    public const string Catalog = "catalog";

    public static IReadOnlyList<string> All { get; } = [Videos, Curation, Datasets, Models, Training, Benchmarks, Reports, Catalog];
}
