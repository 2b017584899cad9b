using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Exports;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Api;

/// <summary>What `POST /api/datasets` takes.</summary>
public sealed record DatasetRequest
{
    public string Name { get; init; } = "default";
    /// <summary>Parts of localized and of comprehensive pairs; both 0 = all pairs as they are.</summary>
    public DatasetMix Mix { get; init; } = new();
    /// <summary>Only pairs that somebody accepted or edited.</summary>
    public bool ReviewedOnly { get; init; }
    /// <summary>Share of the videos whose pairs are kept for validation, 0 to 50.</summary>
    public int HeldOutPercent { get; init; }
}

/// <summary>What `POST /api/datasets/{name}/{version}/exports` takes.</summary>
public sealed record ExportRequest
{
    /// <summary>trl, llama-factory, ms-swift, longva or parquet.</summary>
    public string Format { get; init; } = "";
    /// <summary>Folder or address in front of a video's name, where the training tool finds the videos.</summary>
    public string VideoRoot { get; init; } = "";
}

/// <summary>`/api/datasets`: immutable versions of what curation kept.</summary>
public sealed class DatasetsApi(DatasetBuilder builder, DatasetExporter exporter, Catalog catalog)
{
    [Function("BuildDataset")]
    [Description("Builds a dataset version from all kept pairs; the same pairs always give the same version.")]
    public async Task<IActionResult> Build(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "datasets")] HttpRequest http,
        [Microsoft.AspNetCore.Mvc.FromBody] DatasetRequest request, CancellationToken cancellation)
    {
        if (!DatasetBuilder.IsName(request.Name))
            return Problems.Invalid(("name", "Use 1 to 63 lower-case letters, digits and dashes, beginning with a letter or digit."));
        if (request.Mix.Localized < 0 || request.Mix.Comprehensive < 0)
            return Problems.Invalid(("mix", "Give parts of 0 or more, as in { \"localized\": 5, \"comprehensive\": 5 }."));
        if (request.HeldOutPercent is < 0 or > 50)
            return Problems.Invalid(("heldOutPercent", "Give 0 to 50 percent of the videos."));
        try
        {
            return new OkObjectResult(await builder.BuildAsync(request.Name, new DatasetRecipe(request.Mix, request.ReviewedOnly, request.HeldOutPercent), cancellation));
        }
        catch (DatasetException nothing)
        {
            return Problems.Conflict(nothing.Message);
        }
    }

    [Function("ListDatasets")]
    [Description("Lists dataset versions, newest first.")]
    public async Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "datasets")] HttpRequest http, CancellationToken cancellation) =>
        Page<DatasetCard>.Of([.. (await catalog.ListAsync<DatasetCard>(Catalog.Datasets, cancellation)).Reverse()], http);

    [Function("ExportDataset")]
    [Description("Writes a dataset version in the form of a training tool (trl, llama-factory, ms-swift, longva, parquet) beside it; again = the same files.")]
    public async Task<IActionResult> Export(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "datasets/{name}/{version}/exports")] HttpRequest http, string name, string version,
        [Microsoft.AspNetCore.Mvc.FromBody] ExportRequest request, CancellationToken cancellation)
    {
        if (PairFormat.Find(request.Format) is not { } format)
            return Problems.Invalid(("format", $"There is no format '{request.Format}'; there are: {string.Join(", ", PairFormat.All.Select(one => one.Id))}."));
        return await exporter.ExportAsync(name, version, format, request.VideoRoot, cancellation) is { } export
            ? new OkObjectResult(export)
            : Problems.NotFound($"There is no dataset version '{name}/{version}' (GET /api/datasets lists them).");
    }
}
