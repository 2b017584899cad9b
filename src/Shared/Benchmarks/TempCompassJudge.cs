namespace Tpo.Shared.Benchmarks;

/// <summary>What TempCompass's judge is asked, and what its words count.</summary>
public static class TempCompassJudge
{
    private const string System = "You are an AI assistant for question answering.";

    private const string CaptionTask =
        "\nA caption of a video is given, and a multiple-choice question about that video. Answer the question from the caption alone. "
        + "Reply with a line 'Reasoning: ...' and a line 'Answer: X. text', or 'Answer: None' where the caption fits no option.\n";

    public static JudgeRules Rules { get; } = new(
        "answers that no rule matches (the authors' prompt) and all captions (prompt of this project, 2026-11)", Ask,
        (question, words) => (question.Task == TempCompass.Captioning ? CaptionRating(words, question.Reference!.Split('\n')[^1]) : Rating(words)) switch
        {
            1 => new Reading("judged right", 1),
            0 => new Reading("judged wrong", 0),
            _ => Reading.ForJudge,
        });

    /// <summary>1 right, 0 wrong, -1 neither: by how the words begin, else by which of both occurs.</summary>
    public static int Rating(string words) => (words, words.Contains("Correct", StringComparison.Ordinal), words.Contains("Incorrect", StringComparison.Ordinal)) switch
    {
        _ when words.StartsWith("Correct", StringComparison.Ordinal) => 1,
        _ when words.StartsWith("Incorrect", StringComparison.Ordinal) => 0,
        (_, true, false) => 1,
        (_, false, true) => 0,
        _ => -1,
    };

    /// <summary>
    /// 1 where the last line with "Answer", or all of it where there is none, names one option and its letter is the right one; -1 where there are no words.
    /// Only letters are compared.
    /// </summary>
    /// <param name="gold">"A. melting"</param>
    public static int CaptionRating(string words, string gold)
    {
        if (words.Length == 0)
            return -1;
        var answer = words.Split('\n').LastOrDefault(line => line.Contains("Answer", StringComparison.Ordinal))?.Replace("Answer:", "", StringComparison.Ordinal).Trim() ?? words;
        var named = "ABCD".Sum(letter => answer.Split($"{letter}.").Length - 1);
        return named == 1 && answer.Split(". ")[0] == gold.Split(". ")[0] ? 1 : 0;
    }

    private static JudgeRequest Ask(BenchmarkQuestion question, string answer)
    {
        if (question.Task == TempCompass.Captioning)
            return new JudgeRequest(System, question.Reference is { } reference
                ? $"{CaptionTask}\nCaption: {answer}\n\nMulti-Choice Question:\n{reference[..reference.LastIndexOf('\n')]}"
                : throw new InvalidDataException($"'{question.Id}' cannot be judged: load multi-choice.json beside captioning.json, whose questions the judge answers."));
        var (small, capital) = question.Task switch
        {
            TempCompass.YesNo => ("Yes/No question", "Yes/No Question"),
            TempCompass.CaptionMatching => ("caption matching question", "Caption Matching Question"),
            _ => ("multi-choice question", "Multi-Choice Question"),
        };
        return new JudgeRequest(System,
            $"\nYou will receive a {small}, the ground-truth answer and the prediction from a question answering (QA) model. "
            + "Your task is to determine whether QA model prediction is correct, based on the question and ground-truth answer. "
            + "If the prediction is correct, respond \"Correct\". If the prediction is incorrect, respond \"Incorrect\".\n"
            + $"\n{capital}:\n{question.Question}\nGround-Truth Answer: {question.Gold}\nModel Prediction: {answer}");
    }
}
