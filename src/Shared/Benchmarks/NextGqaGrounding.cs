using System.Globalization;
using System.Text.RegularExpressions;
using Tpo.Shared.Media;

namespace Tpo.Shared.Benchmarks;

/// <summary>
/// When the answers of NExT-GQA are shown. No way of asking a language model for that is published: ours is a turn of its own that asks for seconds.
/// Scores are those of `eval_ground.py` (63772e0): a prediction is compared with each gold span alone.
/// </summary>
public static partial class NextGqaGrounding
{
    public const string Task = "grounding";
    public const string Protocol = "seconds asked for in a turn of their own (2026-11), the first two numbers read, none = the whole video";

    /// <summary>Stands behind the id of the question that this one belongs to.</summary>
    private const string Suffix = "#when";
    private const string Instruction = "\nWhen does the video show that? Give only the first and the last second, for example: 3.5 - 12.0";

    /// <summary>The question about the moment; null where no file has spans for it.</summary>
    public static BenchmarkQuestion? Of(BenchmarkQuestion choice, IReadOnlyList<NextGqaSpans> files)
    {
        var number = choice.Id[(choice.VideoId.Length + 1)..];
        var video = files.Select(file => file.Videos.GetValueOrDefault(choice.VideoId)).FirstOrDefault(video => video is not null);
        if (video?.Spans.GetValueOrDefault(number) is not { Count: > 0 } moments)
            return null;
        return choice with
        {
            Id = choice.Id + Suffix, Task = Task, Options = 0, Choices = null, Moments = moments, Duration = video.Duration, Prompt = Prompt(choice.Question),
            Gold = string.Join(", ", moments.Select(Text)), Groups = [.. choice.Groups.Where(group => group.Kind == "type").Select(group => new QuestionGroup("shown, by type", group.Name))],
        };
    }

    public static string Prompt(string question) => question.TrimEnd('?') + "?" + Instruction;

    /// <summary>The first two numbers, "12.5" or "1:02", in order of time and inside the video; null where there are not two.</summary>
    public static TimeSpanSeconds? Parse(string answer, double duration)
    {
        var seconds = Number().Matches(answer).Take(2).Select(match => Math.Clamp(Seconds(match.Value), 0, duration)).Order().ToArray();
        return seconds.Length < 2 ? null : new TimeSpanSeconds(seconds[0], seconds[1]);
    }

    /// <summary>Credit: whether half of what is named lies inside a gold span (IoP of at least 0.5).</summary>
    public static Reading Read(BenchmarkQuestion question, string answer)
    {
        var span = Parse(answer, question.Duration!.Value);
        return new Reading(span is null ? null : Text(span), MostInside(span ?? Whole(question), question.Moments!) >= 0.5 ? 1 : 0);
    }

    /// <summary>Overlap / hull; below 0 where they are apart; 0 for a prediction without length.</summary>
    public static double IoU(TimeSpanSeconds predicted, TimeSpanSeconds gold) =>
        predicted.Length == 0 ? 0 : Overlap(predicted, gold) / (Math.Max(predicted.End, gold.End) - Math.Min(predicted.Start, gold.Start));

    /// <summary>Overlap / the prediction's length; of a moment without length 1 inside and 0 outside; 0 where its end is before its start.</summary>
    public static double IoP(TimeSpanSeconds predicted, TimeSpanSeconds gold) => predicted.Length switch
    {
        0 => predicted.Start >= gold.Start && predicted.Start <= gold.End ? 1 : 0,
        < 0 => 0,
        _ => Overlap(predicted, gold) / predicted.Length,
    };

    /// <summary>A span in shares of the video as seconds, rounded to 0.1 (half to even).</summary>
    public static TimeSpanSeconds Scaled(TimeSpanSeconds shares, double duration) =>
        new(Math.Round(shares.Start * duration, 1, MidpointRounding.ToEven), Math.Round(shares.End * duration, 1, MidpointRounding.ToEven));

    /// <summary>The official figures of questions with a prediction.</summary>
    public static IReadOnlyList<ScoreFigure> Score(IReadOnlyList<(TimeSpanSeconds Predicted, IReadOnlyList<TimeSpanSeconds> Gold, bool IsRight)> predictions)
    {
        var all = predictions.Select(each => (IoU: Math.Max(0, each.Gold.Max(gold => IoU(each.Predicted, gold))), IoP: MostInside(each.Predicted, each.Gold), each.IsRight)).ToList();
        double? Share(Func<(double IoU, double IoP, bool IsRight), bool> holds) => Tally.Mean(all.Select(each => holds(each) ? 1.0 : 0));
        return
        [
            new("Acc@GQA", Share(each => each.IoP >= 0.5 && each.IsRight)),
            new("mIoP", Tally.Mean(all.Select(each => each.IoP))), new("IoP@0.3", Share(each => each.IoP >= 0.3)), new("IoP@0.5", Share(each => each.IoP >= 0.5)),
            new("mIoU", Tally.Mean(all.Select(each => each.IoU))), new("IoU@0.3", Share(each => each.IoU >= 0.3)), new("IoU@0.5", Share(each => each.IoU >= 0.5)),
        ];
    }

    /// <summary>Acc@QA of the choices, and the figures of moments where both turns of a question were answered.</summary>
    public static IReadOnlyList<ScoreFigure> Figures(IReadOnlyList<ScoredQuestion> scored)
    {
        var choices = scored.Where(each => each.Question.Task != Task).ToDictionary(each => each.Question.Id, StringComparer.Ordinal);
        var moments = scored.Where(each => each.Question.Task == Task && each.Reading is not null)
            .Select(each => (each.Question, Span: each.Reading!.Said is { } said ? Parse(said, each.Question.Duration!.Value)! : Whole(each.Question),
                Choice: choices.GetValueOrDefault(each.Question.Id[..^Suffix.Length])?.Reading))
            .Where(each => each.Choice is not null).ToList();
        return
        [
            .. Score([.. moments.Select(each => (each.Span, each.Question.Moments!, each.Choice!.Credit == 1))])
                .Select(figure => figure.Value is null ? figure with { Why = "no question has both its answers: the file of spans is needed too" } : figure),
            new("Acc@QA", Tally.Pooled(choices.Values)),
        ];
    }

    private static double MostInside(TimeSpanSeconds predicted, IReadOnlyList<TimeSpanSeconds> gold) => Math.Max(0, gold.Max(span => IoP(predicted, span)));

    private static double Overlap(TimeSpanSeconds a, TimeSpanSeconds b) => Math.Min(a.End, b.End) - Math.Max(a.Start, b.Start);

    private static TimeSpanSeconds Whole(BenchmarkQuestion question) => new(0, question.Duration!.Value);

    private static string Text(TimeSpanSeconds span) => string.Create(CultureInfo.InvariantCulture, $"{span.Start:0.###} - {span.End:0.###}");

    private static double Seconds(string number) => number.Split(':').Aggregate(0.0, (sum, part) => sum * 60 + double.Parse(part, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"[0-9]+(:[0-9]{1,2})*(\.[0-9]+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
