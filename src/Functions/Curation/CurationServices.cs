using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Tpo.Shared.Costs;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Exports;
using Tpo.Shared.Preferences.LanguageModel;
using Tpo.Shared.Preferences.Local;
using Tpo.Shared.Preferences.Reviews;

namespace Tpo.Functions.Curation;

/// <summary>What curation is made of. The query writer and the judge are local unless a text model is registered.</summary>
internal static class CurationServices
{
    /// <summary>Key of the <see cref="IChatClient"/> that writes queries and judges; none registered = the local, deterministic ones.</summary>
    public const string TextModel = "curation-text";

    public static IServiceCollection AddTpoCuration(this IServiceCollection services) => services
        .AddSingleton<VideoFiles>()
        .AddSingleton<VideoSubtitles>()
        .AddSingleton<VideoRecords>()
        .AddSingleton<CurationStarter>()
        .AddSingleton<ReconcileVideos>()
        .AddSingleton<Stage>()
        .AddSingleton<ViewFrames>()
        .AddSingleton<FrozenModel>()
        .AddSingleton<ReviewStore>()
        .AddSingleton<DatasetBuilder>()
        .AddSingleton<DatasetExporter>()
        .AddSingleton<IQueryWriter>(provider => provider.GetKeyedService<IChatClient>(TextModel) is { } client
            ? new ChatQueryWriter(client, ModelOf(client))
            : new SceneQueryWriter())
        .AddSingleton<CaptionJudge>()
        .AddSingleton<IJudge>(provider => provider.GetKeyedService<IChatClient>(TextModel) is { } client
            ? new ChatJudge(new MeteredChatClient(client), ModelOf(client))
            : provider.GetRequiredService<CaptionJudge>());

    private static string ModelOf(IChatClient client) =>
        (client.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata)?.DefaultModelId
        ?? throw new InvalidOperationException("The chat client of curation names no model: its metadata needs a DefaultModelId, since every pair's lineage names it.");
}
