using Tpo.GpuJob.Experiment;
using Tpo.GpuJob.Synthetic;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Tests.Unit.Experiment;

public sealed class CheckFiguresTests
{
    [Theory]
    [InlineData(0.80, 0.80, null, true)]
    [InlineData(0.7999, 0.80, null, false)]
    [InlineData(0.50, 0.40, 0.60, true)]
    [InlineData(0.61, 0.40, 0.60, false)]
    [InlineData(0.39, 0.40, 0.60, false)]
    [InlineData(0.10, null, null, true)]
    public void A_figure_holds_where_its_share_lies_within_the_goal(double share, double? least, double? most, bool holds) =>
        Assert.Equal(holds, new CheckFigure("x", new Interval(share, 0, 1), 10, 2, least, most).Holds);

    [Fact]
    public void A_row_says_share_interval_count_and_goal() =>
        Assert.Equal(
            "| long | 52.3 % [48.0, 56.7] | 4,000 on 250 videos | 40 to 60 % | ok |",
            new CheckFigure("long", new Interval(0.5234, 0.48, 0.567), 4000, 250, 0.40, 0.60).Row);

    [Fact]
    public void Letters_open_answers_and_views_are_kept_apart()
    {
        Examined[] examined =
        [
            .. ChoiceBenchmarks.All.SelectMany(form => new Examined[]
            {
                new("short", "short", form.Name, QuestionKind.Colour, "a", true), new("short", "no video", form.Name, QuestionKind.Colour, "a", false),
                new("short", "one frame", form.Name, QuestionKind.Colour, "a", false), new("long", "long", form.Name, QuestionKind.After, "b", form.Name == "MLVU"),
                new("long", "oracle", form.Name, QuestionKind.After, "b", true), new("long", "no video", form.Name, QuestionKind.After, "b", true),
                new("long", "one frame", form.Name, QuestionKind.After, "b", false),
            }),
            new("short", "short", "open", QuestionKind.Colour, "a", false), new("long", "long", "open", QuestionKind.After, "b", false),
            new("short", "caption", "open", QuestionKind.Caption, "a", true), new("long", "caption", "open", QuestionKind.Caption, "b", false),
        ];
        var shares = CheckFigures.Of(examined, []).ToDictionary(figure => figure.Name, figure => figure.Share.Mean);
        Assert.Equal(1, shares["single-frame captions, exact"]);
        Assert.Equal(1, shares["short, NExT-GQA"]);
        Assert.Equal(0, shares["short, open answers, exact"]);
        Assert.Equal(0.25, shares["long"]);
        Assert.Equal(1, shares["oracle evidence of the long questions"]);
        Assert.Equal(1, shares["long, MLVU"]);
    }
}
