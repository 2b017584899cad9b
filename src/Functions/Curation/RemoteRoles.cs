using System.ClientModel;
using Azure.Identity;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Models.Remote;

namespace Tpo.Functions.Curation;

/// <summary>The remote models that see frames; null = that role is filled on this machine.</summary>
public sealed record RemoteRoles(IVideoModel? Captioner, IVideoModel? Policy)
{
    /// <summary>What captions: the captioner, or where there is none the policy.</summary>
    public IVideoModel? CaptionsBy => Captioner ?? Policy;
}

/// <summary>Settings `Tpo:Models:*` to chat clients, one a role and each with a key of its own.</summary>
internal static class RemoteModelServices
{
    private const string Captions = "curation-captions", Policy = "curation-policy";
    public const string Benchmark = "benchmark";

    /// <exception cref="InvalidOperationException">a setting cannot be used: the app does not start with it</exception>
    public static IServiceCollection AddRemoteModels(this IServiceCollection services, TpoSettings settings) => services
        .AddRole(CurationServices.TextModel, settings.Models.Text, nameof(settings.Models.Text))
        .AddRole(Captions, settings.Models.Captions, nameof(settings.Models.Captions))
        .AddRole(Policy, settings.Models.Policy, nameof(settings.Models.Policy))
        .AddRole(Benchmark, settings.Models.Benchmark, nameof(settings.Models.Benchmark))
        .AddSingleton(provider => new RemoteRoles(Seeing(provider, Captions, settings.Models.Captions), Seeing(provider, Policy, settings.Models.Policy)));

    private static IServiceCollection AddRole(this IServiceCollection services, string role, RemoteModelSettings model, string name)
    {
        if (!model.IsSet)
            return services;
        var section = $"{TpoSettings.Section}:Models:{name}";
        model.Check(section);
        return services.AddKeyedSingleton<IChatClient>(role, (provider, _) => RemoteModel.Connect(
            model, section, model.EntraId ? Identity(provider.GetRequiredService<IConfiguration>()) : null,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RemoteModel>>()));
    }

    /// <summary>The role's model; null where it is not set.</summary>
    public static ChatVideoModel? Seeing(IServiceProvider provider, string role, RemoteModelSettings model) =>
        provider.GetKeyedService<IChatClient>(role) is { } client ? new ChatVideoModel(client, provider.GetRequiredService<FrameExtractor>(), model.ImageSide) : null;

    /// <summary>In Azure the app's managed identity, the one that reaches storage; on a developer's machine whoever signed in (`az login`).</summary>
    private static AuthenticationTokenProvider Identity(IConfiguration configuration) =>
        new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = configuration["AzureWebJobsStorage:clientId"] });
}
