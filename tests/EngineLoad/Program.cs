using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

// A function app that only keeps the durable engine busy. Measure/: orchestrations whose speed is measured.
// Load/: a mixed load in which every kind of durable work occurs and whose results are known to the last letter.
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Build().Run();
