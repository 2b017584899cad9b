using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Training;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>A pair ready for the model but for its video's features: its texts as tokens, and the start's log-probs of its answers.</summary>
public sealed record PreparedPair(PreferencePair Source, BranchedSequence Sequence, ReferenceLogProbs Reference)
{
    public TrainingPair With(Tensor patches) => new(Source.PairId, patches, Sequence);

    /// <summary>
    /// Prompt, video and question are the prefix; chosen and rejected are the branches. All that is learnt are the answers' tokens and their end mark, or
    /// with LongVA's mask the turn marks of its published trainer too.
    /// </summary>
    public static BranchedSequence SequenceOf(PreferencePair pair, Tokenizer tokenizer, CheckpointConfig config, TrainingRequest request) =>
        SequenceOf(pair.Query, pair.Chosen, pair.Rejected, tokenizer, config, request);

    /// <inheritdoc cref="SequenceOf(PreferencePair, Tokenizer, CheckpointConfig, TrainingRequest)"/>
    public static BranchedSequence SequenceOf(string query, string chosenText, string rejectedText, Tokenizer tokenizer, CheckpointConfig config, TrainingRequest request)
    {
        int video = VideoTokens.Count(request.FramesPerVideo, config);
        if (request.LabelMask == LabelMask.Answer)
            return new BranchedSequence(
                ChatTemplate.Prefix(tokenizer), video, ChatTemplate.Turn(tokenizer, query),
                [new Branch([], ChatTemplate.Answer(tokenizer, chosenText)), new Branch([], ChatTemplate.Answer(tokenizer, rejectedText))]);
        (LabelledConversation chosen, LabelledConversation rejected) = (Conversation(chosenText), Conversation(rejectedText));
        return LabelledPair.Join(chosen.InputIds, chosen.Labels, rejected.InputIds, rejected.Labels, video);

        LabelledConversation Conversation(string answer) => ConversationLabels.Of(
            tokenizer, [new(Speaker.User, query, ShowsVideo: true), new(Speaker.Assistant, answer)], request.LabelMask);
    }
}

/// <summary>A step's pairs with their videos' features, each video's once.</summary>
public sealed class TrainingBatch(IReadOnlyList<(TrainingPair Pair, ReferenceLogProbs Reference)> pairs) : IDisposable
{
    public IReadOnlyList<(TrainingPair Pair, ReferenceLogProbs Reference)> Pairs => pairs;

    public void Dispose()
    {
        foreach ((TrainingPair pair, _) in pairs)
            pair.Patches.Dispose();
    }
}
