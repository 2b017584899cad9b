using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace Tpo.Shared.Preferences.LanguageModel;

/// <summary>The paper's filter asked of any chat model, at temperature 0. A reply that is not exactly the asked-for lines counts as none.</summary>
public sealed partial class ChatJudge(IChatClient client, string modelId) : IJudge
{
    private static readonly PromptFile AllTasks = PromptFile.Load("judge-pair.v1");
    private static readonly PromptFile BetterAlone = PromptFile.Load("judge-better.v1");
    private static readonly ChatOptions Deterministic = new() { Temperature = 0, MaxOutputTokens = 64 };

    public string Id => $"{AllTasks.Id}+{BetterAlone.Id}@{modelId}";

    public async Task<JudgeReply?> AskAsync(JudgeCase judged, CancellationToken cancellation) => ReadAll(await AskAsync(AllTasks, judged, cancellation));

    public async Task<string?> AskBetterAsync(JudgeCase judged, CancellationToken cancellation) => ReadBetter(await AskAsync(BetterAlone, judged, cancellation));

    private async Task<string> AskAsync(PromptFile prompt, JudgeCase judged, CancellationToken cancellation)
    {
        var messages = prompt.Fill(new Dictionary<string, string>
        {
            ["captions"] = string.Join('\n', judged.Captions),
            ["elsewhere"] = string.Join('\n', judged.Elsewhere),
            ["question"] = judged.Query,
            ["reference"] = judged.ReferenceAnswer,
            ["answer1"] = judged.Answer1,
            ["answer2"] = judged.Answer2,
        });
        var response = await client.GetResponseAsync(messages, Deterministic, cancellation);
        // Half a reply is none, though its lines may look whole.
        return response.FinishReason is { } end && end != ChatFinishReason.Stop ? "" : response.Text;
    }

    /// <summary>Three lines, each task once, in order.</summary>
    public static JudgeReply? ReadAll(string reply)
    {
        var match = AllPattern().Match(reply.ReplaceLineEndings("\n").Trim());
        if (!match.Success)
            return null;
        var because = match.Groups["because"].Value.ToLowerInvariant();
        return new JudgeReply(Word(match, "better"), Word(match, "contradicts"), Word(match, "correct"), because.Length == 0 ? null : because);
    }

    public static string? ReadBetter(string reply)
    {
        var match = BetterPattern().Match(reply.Trim());
        return match.Success ? Word(match, "better") : null;
    }

    private static string Word(Match match, string group) =>
        char.ToUpperInvariant(match.Groups[group].Value[0]) + match.Groups[group].Value[1..].ToLowerInvariant();

    [GeneratedRegex(
        @"^Task ?1: *(?<better>Yes|No|Equally)\.?\s*\n" +
        @"Task ?2: *(?:(?<contradicts>Yes)(?:,? *(?<because>contradicts|ambiguous))?|(?<contradicts>No))\.?\s*\n" +
        @"Task ?3: *(?<correct>Yes|No)\.?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex AllPattern();

    [GeneratedRegex(@"^Task ?1: *(?<better>Yes|No|Equally)\.?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BetterPattern();
}
