using Tpo.GpuJob.Synthetic;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Sft;

/// <summary>A question as it is sent, and the answer the model learns to write. `Form` names it in scores: open, or the benchmark whose prompt it is.</summary>
public sealed record SftQuestion(QuestionKind Kind, string Form, string Prompt, string Answer)
{
    /// <summary>What stands in the answer, in this order, because chance put it there: it is read, not learned.</summary>
    public IReadOnlyList<string> Given { get; init; } = [];

    /// <summary>Which of the answer's tokens, the end mark last, are learned.</summary>
    public IEnumerable<bool> Learned(Tokenizer tokenizer, int[] answer)
    {
        var given = new bool[Answer.Length + 1];
        var at = 0;
        foreach (var text in Given)
        {
            at = Answer.IndexOf(text, at, StringComparison.Ordinal);
            Array.Fill(given, true, at, text.Length);
            at += text.Length;
        }
        at = 0;
        foreach (var token in answer)
        {
            var text = tokenizer.Decode([token]);
            yield return !given[Math.Min(at + (text.StartsWith(' ') ? 1 : 0), Answer.Length)];
            at = Math.Min(at + text.Length, Answer.Length);
        }
    }
}

/// <summary>Frames of one video (each 3 · side · side bytes, RGB) and questions that they answer.</summary>
public sealed record SftSample(IReadOnlyList<byte[]> Frames, IReadOnlyList<SftQuestion> Questions)
{
    /// <summary>Stands in front of all questions where there are no frames.</summary>
    public string? Story { get; init; }
    /// <summary>What the tower's teacher knows of each frame.</summary>
    public IReadOnlyList<FrameTruth> Truths { get; init; } = [];
}

/// <summary>Which thing a frame shows and where (middle and radius as fractions of the side), and the sign of every cell of its two rows of writing.</summary>
public sealed record FrameTruth(SceneFact Fact, double X, double Y, double Radius, string Cells)
{
    /// <summary>What the whole frame shows, as numbers of the world's lists: colour, shape, place, word, dots, the clock's four digits.</summary>
    public int?[] Answers { get; } =
    [
        SceneLanguage.Colours.ToList().IndexOf(Fact.Colour), SceneLanguage.Shapes.ToList().IndexOf(Fact.Shape), SceneLanguage.Places.ToList().IndexOf(Fact.Place),
        SceneLanguage.Words.ToList().IndexOf(Glyphs.Word(Cells)), Cells.Count(sign => sign == Glyphs.Dot) - 1, .. Glyphs.Digits(Cells).Select(digit => (int?)digit),
    ];
}
