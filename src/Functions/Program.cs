using Azure.Core.Serialization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tpo.Functions;
using Tpo.Functions.Benchmarks;
using Tpo.Functions.Curation;
using Tpo.Shared;

// The system map. Curation/: videos become preference pairs. Training/: pairs become a model. Benchmarks/: base against tuned.
// Api/ and Dashboard/: what people and programs see of it.
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();

builder.Services.Configure<WorkerOptions>(worker => worker.Serializer = new JsonObjectSerializer(TpoJson.Options));
builder.Services.Configure<JsonOptions>(mvc => TpoJson.Apply(mvc.JsonSerializerOptions));

builder.Services
    .AddTpoSettings(builder.Configuration)
    .AddTpoStorage()
    .AddTpoCosts()
    .AddTpoMedia()
    .AddTpoModels(builder.Configuration)
    .AddTpoCuration()
    .AddTpoTraining()
    .AddTpoBenchmarks();

builder.Build().Run();
