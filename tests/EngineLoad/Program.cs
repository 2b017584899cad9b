using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Tpo.Tests.EngineLoad.Faults;
using Tpo.Tests.EngineLoad.Load;

// A function app that only keeps the durable engine busy. Measure/: orchestrations whose speed is measured.
// Load/: a mixed load in which every kind of durable work occurs and whose results are known to the last letter.
// Faults/: points around storage requests at which the process kills itself.
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddSingleton<RunLog>().AddFaultPoint(builder.Configuration);
builder.Build().Run();
