using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Models.Remote;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Benchmarks;

/// <summary>A model as benchmarks ask it: a registered one on this machine, or the one behind an endpoint.</summary>
public interface IBenchmarkModel : IDisposable
{
    string Revision { get; }
    /// <summary>Null where its service does not say.</summary>
    int? TokensPerFrame { get; }

    Task<IReadOnlyList<RgbFrame>> FramesAsync(string path, VideoAsset video, FramePlan plan, CancellationToken cancellation);

    /// <param name="frames">null = asked without the video</param>
    Task<IReadOnlyList<VideoAnswer>> AskAsync(IReadOnlyList<RgbFrame>? frames, IReadOnlyList<string> prompts, GenerationOptions options, CancellationToken cancellation);
}

/// <summary>Opens the models that a run names, and knows what they are before they are opened.</summary>
/// <param name="endpoint">the model of the settings `Tpo:Models:Benchmark`; null where they are not set</param>
public sealed class BenchmarkModels(TpoStorage storage, ModelHost models, FrameExtractor extractor, ChatVideoModel? endpoint)
{
    /// <summary>Stands in a request for the model behind the endpoint. Its id has an '@', which no registered model's has.</summary>
    public const string Endpoint = "endpoint";

    public static bool IsEndpoint(string modelId) => modelId.StartsWith($"{Endpoint}@", StringComparison.Ordinal);

    /// <summary>The endpoint's model as a card; null where none is set up. Its service may change the weights under the name: the revision is the host.</summary>
    public ModelCard? EndpointCard => endpoint is null ? null : new ModelCard
    {
        ModelId = $"{Endpoint}@{string.Concat(endpoint.ModelId.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'))}",
        Revision = endpoint.Revision,
        Note = $"The model '{endpoint.ModelId}' behind an endpoint ({endpoint.Revision}); who serves it may change it under the same name.",
    };

    public async Task<string> PreprocessAsync(string modelId, CancellationToken cancellation) =>
        IsEndpoint(modelId) ? TheEndpoint(modelId).Preprocess : await ModelPreprocess.ReadAsync(storage, modelId, cancellation);

    public async Task<IBenchmarkModel> OpenAsync(string modelId, CancellationToken cancellation) =>
        IsEndpoint(modelId) ? new Remote(TheEndpoint(modelId)) : new Local(await models.UseAsync(modelId, cancellation), extractor);

    private ChatVideoModel TheEndpoint(string modelId) => EndpointCard?.ModelId == modelId ? endpoint!
        : throw new InvalidDataException($"The run asks '{modelId}', and the settings {TpoSettings.Section}:Models:Benchmark name {EndpointCard?.ModelId ?? "no model"} now.");

    private sealed class Local(ModelInUse use, FrameExtractor extractor) : IBenchmarkModel
    {
        public string Revision => use.Model.Revision;
        public int? TokensPerFrame => use.Model.TokensPerFrame;

        public Task<IReadOnlyList<RgbFrame>> FramesAsync(string path, VideoAsset video, FramePlan plan, CancellationToken cancellation) =>
            extractor.ExtractAsync(path, plan, use.Model.Recipe, cancellation);

        public async Task<IReadOnlyList<VideoAnswer>> AskAsync(
            IReadOnlyList<RgbFrame>? frames, IReadOnlyList<string> prompts, GenerationOptions options, CancellationToken cancellation)
        {
            var answers = frames is null
                ? await use.Model.AnswerBlindAsync(prompts, options, cancellation) : await use.Model.AnswerAsync(frames, prompts, options, cancellation);
            return [.. answers.Select(answer =>
                new VideoAnswer(answer.Text, answer.PromptTokens, answer.GeneratedTokens, answer.Truncated, answer.Seconds) { Times = answer.Times })];
        }

        public void Dispose() => use.Dispose();
    }

    /// <summary>Requests run side by side, so that an answer's time is the whole of its request.</summary>
    private sealed class Remote(ChatVideoModel model) : IBenchmarkModel
    {
        public string Revision => model.Revision;
        public int? TokensPerFrame => null;

        public Task<IReadOnlyList<RgbFrame>> FramesAsync(string path, VideoAsset video, FramePlan plan, CancellationToken cancellation) =>
            model.FramesAsync(path, video, plan, cancellation);

        public Task<IReadOnlyList<VideoAnswer>> AskAsync(
            IReadOnlyList<RgbFrame>? frames, IReadOnlyList<string> prompts, GenerationOptions options, CancellationToken cancellation) =>
            frames is null ? model.AnswerBlindAsync(prompts, options.MaxNewTokens, cancellation) : model.AnswerAsync(frames, prompts, options.MaxNewTokens, cancellation);

        public void Dispose()
        {
        }
    }
}
