using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tpo.Functions.Curation;
using Tpo.Functions.Training;
using Tpo.Functions.Training.Backends;
using Tpo.Shared;
using Tpo.Shared.Costs;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Local;
using Tpo.Shared.Storage;

namespace Tpo.Functions;

/// <summary>What the functions are made of, one line a part.</summary>
internal static class Services
{
    public static IServiceCollection AddTpoSettings(this IServiceCollection services, IConfiguration configuration) => services
        .AddSingleton(SettingsOf(configuration))
        .AddSingleton(TimeProvider.System);

    public static IServiceCollection AddTpoStorage(this IServiceCollection services) => services
        .AddSingleton(provider => StorageConnection.Open(provider.GetRequiredService<IConfiguration>()))
        .AddSingleton<TpoStorage>()
        .AddSingleton<Catalog>()
        .AddSingleton<LatestModels>()
        .AddHostedService<EnsureContainers>();

    public static IServiceCollection AddTpoCosts(this IServiceCollection services) => services
        .AddSingleton<Ledger>()
        .AddSingleton<Budget>();

    public static IServiceCollection AddTpoMedia(this IServiceCollection services) => services
        .AddSingleton<VideoProbe>()
        .AddSingleton<FrameExtractor>()
        .AddSingleton<ShotDetector>();

    public static IServiceCollection AddTpoModels(this IServiceCollection services, IConfiguration configuration) => services
        .AddSingleton(provider => new ModelHost(provider.GetRequiredService<TpoStorage>(), provider.GetRequiredService<TpoSettings>())
        {
            Planned = (model, plan) => provider.GetRequiredService<ILogger<ModelHost>>().LogInformation("Opening model {Model}: {Plan}", model, plan),
        })
        .AddRemoteModels(SettingsOf(configuration));

    public static IServiceCollection AddTpoTraining(this IServiceCollection services) => services
        .AddSingleton<ProcessJob>()
        .AddSingleton<ITrainingBackend, ProcessBackend>()
        .AddSingleton<ITrainingBackend, ContainerBackend>()
        .AddSingleton<ITrainingBackend, AzureMlBackend>()
        .AddSingleton<ITrainingBackend, ContainerAppsBackend>()
        .AddSingleton<BackendChoice>()
        .AddSingleton<JobLookout>()
        .AddSingleton<TrainingRuns>()
        .AddSingleton<SameTraining>()
        .AddSingleton<ResourceManager>()
        .AddSingleton<ResourceManagerOptions>()
        .AddSingleton(provider => Identity(provider.GetRequiredService<IConfiguration>()));

    /// <summary>In Azure the app's managed identity, the one that reaches storage; on a developer's machine whoever signed in (`az login`).</summary>
    private static TokenCredential Identity(IConfiguration configuration) =>
        new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = configuration["AzureWebJobsStorage:clientId"] });

    private static TpoSettings SettingsOf(IConfiguration configuration) => configuration.GetSection(TpoSettings.Section).Get<TpoSettings>() ?? new TpoSettings();
}
