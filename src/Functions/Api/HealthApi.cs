using System.ComponentModel;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Api;

/// <summary>`/api/health`: whether this app can reach what it lives on.</summary>
public sealed class HealthApi(Catalog catalog)
{
    [Function("Health")]
    [Description("Says whether storage answers and which models are registered.")]
    public async Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health")] HttpRequest http, CancellationToken cancellation)
    {
        var models = await catalog.ListAsync<ModelCard>(Catalog.Models, cancellation);
        return new OkObjectResult(new Health("ok", Assembly.GetExecutingAssembly().GetName().Version!.ToString(3), models.Count));
    }

    internal sealed record Health(string Status, string Version, int Models);
}
