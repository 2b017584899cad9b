using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Api;

/// <summary>`/api/models`: what can caption, answer and be tuned.</summary>
public sealed class ModelsApi(Catalog catalog)
{
    [Function("ListModels")]
    [Description("Lists registered models, newest first.")]
    public async Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "models")] HttpRequest http, CancellationToken cancellation) =>
        Page<ModelCard>.Of([.. (await catalog.ListAsync<ModelCard>(Catalog.Models, cancellation)).Reverse()], http);
}
