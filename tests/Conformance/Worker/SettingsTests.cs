using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Hosting;

namespace Tpo.Tests.Conformance.Worker;

/// <summary>host.json and local.settings.json, as they lie beside an app.</summary>
[Collection(FunctionAppCollection.Name)]
public sealed class SettingsTests(AzuriteFixture azurite) : IDisposable
{
    private const string OverriddenName = "TPO_TEST_OVERRIDDEN", StorageName = "AzureWebJobsStorage";
    private readonly string folder = Directory.CreateTempSubdirectory("function-app-").FullName;

    [Fact, Promise("7.3.1", "7.3.2", "7.3.3", "2.4.1")]
    public async Task The_files_beside_the_app_are_read_and_the_environment_is_stronger()
    {
        Write("host.json", """
            {
              "version": "2.0", "functionTimeout": "00:00:01",
              "logging": { "logLevel": { "Quiet": "Error" } },
              "extensions": { "http": { "routePrefix": "shop" }, "htttp": { "routePrefix": "misspelt keys are ignored" } }
            }
            """);
        Write("local.settings.json", $$"""
            {
              "IsEncrypted": false,
              "Values": {
                "AzureWebJobsStorage": "{{azurite.NewAccount()}}", "AzureWebJobs.Off.Disabled": "true",
                "Shop__Name": "from the file", "{{OverriddenName}}": "from the file"
              },
              "ConnectionStrings": { "Orders": "Server=here" }
            }
            """);
        // The launcher exports its own storage, which is stronger than the file.
        var storage = Environment.GetEnvironmentVariable(StorageName);
        Environment.SetEnvironmentVariable(StorageName, null);
        Environment.SetEnvironmentVariable(OverriddenName, "from the environment");
        try
        {
            await using var app = await TestApp.StartInAsync(folder, [typeof(Shop)]);
            Assert.Equal("from the file, from the environment, Server=here", await app.Stranger.GetStringAsync("/shop/Settings"));
            Assert.Equal(HttpStatusCode.NotFound, (await app.Stranger.GetAsync("/shop/Off")).StatusCode);
            Assert.Equal(HttpStatusCode.InternalServerError, (await app.Stranger.GetAsync("/shop/Endless")).StatusCode);
            Assert.Equal(["cancelled"], app.Seen.Notes);
            var loggers = app.Services.GetRequiredService<ILoggerFactory>();
            Assert.False(loggers.CreateLogger("Quiet.Thing").IsEnabled(LogLevel.Warning));
            Assert.True(loggers.CreateLogger("Loud.Thing").IsEnabled(LogLevel.Warning));
        }
        finally
        {
            Environment.SetEnvironmentVariable(OverriddenName, null);
            Environment.SetEnvironmentVariable(StorageName, storage);
        }
    }

    [Theory, Promise("7.3.3", "7.3.1")]
    [InlineData("host.json", """{ "extensions": { "durableTask": { "hubName": "1Hub" } } }""", "'extensions.durableTask.hubName' is '1Hub', but must be a letter")]
    [InlineData("host.json", """{ "extensions": { "durableTask": { "hubName": "my-hub" } } }""", "must be a letter, then letters and digits, 3 to 45 together")]
    [InlineData("host.json", """{ "extensions": { "durableTask": { "hubName": "ab" } } }""", "hubName")]
    [InlineData("host.json", """{ "extensions": { "queues": { "batchSize": 33 } } }""", "'extensions.queues.batchSize' is '33', but must be a whole number from 1 to 32")]
    [InlineData("host.json", """{ "extensions": { "blobs": { "maxDegreeOfParallelism": 0 } } }""", "'extensions.blobs.maxDegreeOfParallelism' is '0'")]
    [InlineData("host.json", """{ "functionTimeout": "soon" }""", "'functionTimeout' is 'soon', but must be a time")]
    [InlineData("host.json", "{", "is not a valid host.json")]
    [InlineData("local.settings.json", """{ "Values": { "Count": 3 } }""", "'Values.Count'")]
    [InlineData("local.settings.json", """{ "IsEncrypted": true, "Values": {} }""", "is encrypted")]
    [InlineData("local.settings.json", "{", "is not valid JSON")]
    public async Task What_cannot_be_stops_the_start_with_a_sentence(string file, string text, string sentence)
    {
        Write(file, text);
        var error = await Assert.ThrowsAsync<StartupException>(() => TestApp.StartInAsync(folder, [typeof(Shop)]));
        Assert.Contains(sentence, error.Message);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(folder, file), text);

    private sealed class Shop(IConfiguration settings, Seen seen)
    {
        [Function("Settings")]
        public string Settings([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            $"{settings["Shop:Name"]}, {settings[OverriddenName]}, {settings.GetConnectionString("Orders")}";

        [Function("Off")]
        public static string Off([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => "here";

        [Function("Endless")]
        public async Task Endless([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, CancellationToken cancellation)
        {
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                seen.Add("cancelled");
            }
        }
    }
}
