using Tpo.Shared.Media;

namespace Tpo.Shared.Models;

/// <summary>A checkpoint on this machine; it stays its <see cref="ModelHost"/>'s.</summary>
public sealed class LocalVideoModel(VideoLanguageModel model, FrameExtractor extractor) : IVideoModel
{
    public string ModelId => model.ModelId;
    public string Revision => model.Revision;
    public string Preprocess => model.Recipe.Preprocess;

    public Task<IReadOnlyList<RgbFrame>> FramesAsync(string path, VideoAsset video, FramePlan plan, CancellationToken cancellation) =>
        extractor.ExtractAsync(path, plan, model.Recipe, cancellation);

    public async Task<IReadOnlyList<VideoAnswer>> AnswerAsync(
        IReadOnlyList<RgbFrame> frames, IReadOnlyList<string> questions, int maxTokens, CancellationToken cancellation) =>
        Told(await model.AnswerAsync(frames, questions, new GenerationOptions(maxTokens), cancellation));

    public async Task<IReadOnlyList<VideoAnswer>> AnswerEachFrameAsync(
        IReadOnlyList<RgbFrame> frames, string question, int maxTokens, CancellationToken cancellation) =>
        Told(await model.AnswerEachFrameAsync(frames, question, new GenerationOptions(maxTokens), cancellation));

    private static IReadOnlyList<VideoAnswer> Told(IReadOnlyList<ModelAnswer> answers) =>
        [.. answers.Select(answer => new VideoAnswer(answer.Text, answer.PromptTokens, answer.GeneratedTokens, answer.Truncated, answer.Seconds))];
}
