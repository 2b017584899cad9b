namespace Tpo.Shared.Models;

/// <summary>
/// The `qwen_1_5` conversation of LLaVA-Video as token ids: Prefix, then the video's tokens, then Turn, then Answer. The shared prefix
/// ends at the last video token; the text behind it is one piece, because a line break may join with the question's first characters.
/// </summary>
public static class ChatTemplate
{
    public const string TurnStart = "<|im_start|>";
    public const string TurnEnd = "<|im_end|>";
    public const string EndOfText = "<|endoftext|>";
    /// <summary>Stands where a video's tokens go; no vocabulary has this id.</summary>
    public const int VideoMark = -200;
    internal const string SystemPrompt = "You are a helpful assistant.";

    /// <summary>Everything before the video: `&lt;|im_start|>system\n…&lt;|im_end|>\n&lt;|im_start|>user\n`.</summary>
    public static int[] Prefix(Tokenizer tokenizer) =>
    [
        tokenizer.SpecialId(TurnStart), .. tokenizer.Encode($"system\n{SystemPrompt}"), tokenizer.SpecialId(TurnEnd), .. tokenizer.Encode("\n"),
        tokenizer.SpecialId(TurnStart), .. tokenizer.Encode("user\n"),
    ];

    /// <summary>
    /// Everything after the video up to the answer: `\n{question}&lt;|im_end|>\n&lt;|im_start|>assistant\n`; with a time instruction
    /// (LLaVA-Video's, see <see cref="TimeInstruction"/>) `\n{instruction}\n{question}…`.
    /// </summary>
    /// <param name="begun">what the answer begins with; it is one piece of text with the line break before it</param>
    public static int[] Turn(Tokenizer tokenizer, string question, string? timeInstruction = null, string begun = "") =>
    [
        .. tokenizer.Encode(timeInstruction is null ? $"\n{question}" : $"\n{timeInstruction}\n{question}"),
        tokenizer.SpecialId(TurnEnd), .. tokenizer.Encode("\n"),
        tokenizer.SpecialId(TurnStart), .. tokenizer.Encode($"assistant\n{begun}"),
    ];

    /// <summary>The whole prompt, <see cref="VideoMark"/> where the video's tokens go.</summary>
    public static int[] Prompt(Tokenizer tokenizer, string question, string? timeInstruction = null) =>
        [.. Prefix(tokenizer), VideoMark, .. Turn(tokenizer, question, timeInstruction)];

    /// <summary>What the model is trained to write: `{answer}&lt;|im_end|>`.</summary>
    public static int[] Answer(Tokenizer tokenizer, string answer) => [.. tokenizer.Encode(answer), tokenizer.SpecialId(TurnEnd)];
}
