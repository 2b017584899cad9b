namespace Tpo.Shared.Models;

/// <summary>Which tokens of a conversation are learnt.</summary>
public enum LabelMask
{
    /// <summary>Answers and their end marks, nothing else: what the loss is about.</summary>
    Answer,
    /// <summary>LLaVA-NeXT's fine-tuning: assistant turns whole, and every turn mark and lone line break wherever it stands, questions included.</summary>
    LlavaNext,
    /// <summary>LongVA's preference training: answers, and the marks and closing line breaks of all turns; a second line break behind the video.</summary>
    LongVa,
}

public enum Speaker { User, Assistant }

/// <summary>One turn. `ShowsVideo`: the video stands in front of the text (`&lt;image>\n{Text}` as the reference writes it).</summary>
public sealed record ConversationTurn(Speaker Speaker, string Text, bool ShowsVideo = false);

/// <summary>A conversation's ids, <see cref="ChatTemplate.VideoMark"/> for a video, and as many labels: the id where it is learnt, −100 where not.</summary>
public sealed record LabelledConversation(int[] InputIds, int[] Labels);
