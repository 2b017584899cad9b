using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Api;

/// <summary>What `POST /api/datasets` takes.</summary>
public sealed record DatasetRequest
{
    public string Name { get; init; } = "default";
    /// <summary>Parts of localized and of comprehensive pairs; both 0 = all pairs as they are.</summary>
    public DatasetMix Mix { get; init; } = new();
}

/// <summary>`/api/datasets`: immutable versions of what curation kept.</summary>
public sealed class DatasetsApi(DatasetBuilder builder, Catalog catalog)
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
        try
        {
            return new OkObjectResult(await builder.BuildAsync(request.Name, request.Mix, _ => true, cancellation));
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
}
