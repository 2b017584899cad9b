using Tpo.Shared.Media;

namespace Tpo.Shared.Benchmarks.Statistics;

/// <summary>What a constant span scores where the moment that shows the answer is asked for (NExT-GQA); shares, means over questions.</summary>
/// <param name="MeanIoU">mean of the best overlap ÷ hull with any gold span</param>
/// <param name="MeanIoP">mean of the best overlap ÷ the given span</param>
/// <param name="Grounded">share of questions with IoP ≥ 0.5: Acc@GQA were every answer right</param>
public sealed record GroundingFloor(string Answer, double MeanIoU, double MeanIoP, double Grounded);

/// <summary>The spans that need no model: the whole video, and the point in its middle, which the official score treats well.</summary>
public static class GroundingFloors
{
    /// <param name="questions">of each its video's seconds and its gold spans; a question without any is left out, as the official script does</param>
    public static IReadOnlyList<GroundingFloor> Of(IReadOnlyList<(double Seconds, IReadOnlyList<TimeSpanSeconds> Gold)> questions) =>
    [
        Floor("whole video", questions, seconds => new TimeSpanSeconds(0, seconds)),
        Floor("mid-point", questions, seconds => new TimeSpanSeconds(seconds / 2, seconds / 2)),
    ];

    private static GroundingFloor Floor(
        string answer, IReadOnlyList<(double Seconds, IReadOnlyList<TimeSpanSeconds> Gold)> questions, Func<double, TimeSpanSeconds> span)
    {
        var scores = questions.Where(q => q.Gold.Count > 0).Select(q => Score(span(q.Seconds), q.Gold)).ToList();
        return new GroundingFloor(answer, scores.Average(s => s.IoU), scores.Average(s => s.IoP), scores.Average(s => s.IoP >= 0.5 ? 1.0 : 0));
    }

    /// <summary>Both maxima begin at 0 and are taken apart. A point has IoU 0, and IoP 1 where it lies in a gold span, ends included.</summary>
    private static (double IoU, double IoP) Score(TimeSpanSeconds given, IReadOnlyList<TimeSpanSeconds> gold)
    {
        if (given.Length == 0)
            return (0, gold.Any(span => span.Start <= given.Start && given.Start <= span.End) ? 1 : 0);
        double iou = 0, iop = 0;
        foreach (var span in gold)
        {
            var overlap = Math.Min(given.End, span.End) - Math.Max(given.Start, span.Start);
            iou = Math.Max(iou, overlap / (Math.Max(given.End, span.End) - Math.Min(given.Start, span.Start)));
            iop = Math.Max(iop, overlap / given.Length);
        }
        return (iou, iop);
    }
}
