using Tpo.Shared.Media;

namespace Tpo.Shared.Models;

/// <summary>A checkpoint on this machine; its <see cref="ModelHost"/> keeps it open until this is disposed.</summary>
public sealed class LocalVideoModel(ModelInUse use, FrameExtractor extractor) : IVideoModel
{
    public string ModelId => use.Model.ModelId;
    public string Revision => use.Model.Revision;
    public string Preprocess => use.Model.Recipe.Preprocess;

    public Task<IReadOnlyList<RgbFrame>> FramesAsync(string path, VideoAsset video, FramePlan plan, CancellationToken cancellation) =>
        extractor.ExtractAsync(path, plan, use.Model.Recipe, cancellation);

    public async Task<IReadOnlyList<VideoAnswer>> AnswerAsync(
        IReadOnlyList<RgbFrame> frames, IReadOnlyList<string> questions, int maxTokens, CancellationToken cancellation) =>
        Told(await use.Model.AnswerAsync(frames, questions, new GenerationOptions(maxTokens), cancellation));

    public async Task<IReadOnlyList<VideoAnswer>> AnswerEachFrameAsync(
        IReadOnlyList<RgbFrame> frames, string question, int maxTokens, CancellationToken cancellation) =>
        Told(await use.Model.AnswerEachFrameAsync(frames, question, new GenerationOptions(maxTokens), cancellation));

    private static IReadOnlyList<VideoAnswer> Told(IReadOnlyList<ModelAnswer> answers) =>
        [.. answers.Select(answer => new VideoAnswer(answer.Text, answer.PromptTokens, answer.GeneratedTokens, answer.Truncated, answer.Seconds))];

    public void Dispose() => use.Dispose();
}
