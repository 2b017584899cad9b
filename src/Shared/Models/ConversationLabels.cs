namespace Tpo.Shared.Models;

/// <summary>
/// Conversations as training sees them. The two published forms differ from each other and from the plain one in labels, and LongVA's in ids
/// too: they are here so that runs of the papers' code can be repeated (sources: `preprocess_qwen` of LLaVA-NeXT's train.py and of LongVA's train_dpo.py).
/// </summary>
public static class ConversationLabels
{
    /// <summary>Cross entropy leaves this label out.</summary>
    public const int Ignored = -100;

    /// <summary>System prompt and turns with their labels. Texts are texts: special tokens written in them stay characters.</summary>
    public static LabelledConversation Of(Tokenizer tokenizer, IReadOnlyList<ConversationTurn> turns, LabelMask mask = LabelMask.Answer)
    {
        var (ids, labels) = (new List<int>(), new List<int>());
        Add(Pieces(tokenizer, "system", ChatTemplate.SystemPrompt, showsVideo: false, mask));
        foreach (var turn in turns)
            Add(Pieces(tokenizer, turn.Speaker == Speaker.Assistant ? "assistant" : "user", turn.Text, turn.ShowsVideo, mask));
        return new LabelledConversation([.. ids], [.. labels]);

        void Add(IEnumerable<(int[] Ids, bool Learnt)> pieces)
        {
            int[] always = mask == LabelMask.LlavaNext
                ? [tokenizer.SpecialId(ChatTemplate.TurnStart), tokenizer.SpecialId(ChatTemplate.TurnEnd), .. tokenizer.Encode("\n")]
                : [];
            foreach (var (piece, learnt) in pieces)
            {
                ids.AddRange(piece);
                labels.AddRange(piece.Select(id => learnt || always.Contains(id) ? id : Ignored));
            }
        }
    }

    /// <summary>`&lt;|im_start|>{role}\n{text}&lt;|im_end|>\n` in pieces, each learnt or not.</summary>
    private static IEnumerable<(int[] Ids, bool Learnt)> Pieces(Tokenizer tokenizer, string role, string text, bool showsVideo, LabelMask mask)
    {
        var isAnswer = role == "assistant";
        var marks = mask == LabelMask.LongVa;
        var whole = mask == LabelMask.LlavaNext && isAnswer;
        yield return ([tokenizer.SpecialId(ChatTemplate.TurnStart)], whole || marks);
        if (mask == LabelMask.LlavaNext && !showsVideo)
        {
            // One text for the published code, so a line break that the text begins with joins with the role's.
            yield return (tokenizer.Encode($"{role}\n{text}"), whole);
        }
        else
        {
            yield return (tokenizer.Encode($"{role}\n"), whole);
            if (showsVideo)
                yield return ([ChatTemplate.VideoMark], false);
            // LongVA writes a line break of its own behind the video and keeps the one that the text begins with.
            if (showsVideo && mask == LabelMask.LongVa)
                yield return (tokenizer.Encode("\n"), false);
            yield return (tokenizer.Encode(showsVideo ? $"\n{text}" : text), isAnswer);
        }
        yield return ([tokenizer.SpecialId(ChatTemplate.TurnEnd)], isAnswer || marks);
        yield return (tokenizer.Encode("\n"), whole || marks);
    }
}
