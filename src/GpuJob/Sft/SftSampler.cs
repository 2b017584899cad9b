using Tpo.GpuJob.Synthetic;
using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Sft;

/// <summary>A question as it is sent, and the answer the model learns to write.</summary>
public sealed record SftQuestion(QuestionKind Kind, bool Choice, string Prompt, string Answer);

/// <summary>Frames of one video (each 3 · side · side bytes, RGB) and questions that they answer.</summary>
public sealed record SftSample(IReadOnlyList<byte[]> Frames, IReadOnlyList<SftQuestion> Questions)
{
    /// <summary>What the tower's first training needs to know of a single frame; null for all others.</summary>
    public ShapeSpot? Spot { get; init; }
}

/// <summary>Which thing a frame shows and where: middle and radius as fractions of the side.</summary>
public sealed record ShapeSpot(SceneFact Fact, double X, double Y, double Radius);

/// <summary>
/// Training samples, drawn in memory. What step i trains on is a pure function of (seed, i): a run that is resumed goes on with what it would have seen.
/// </summary>
public sealed class SftSampler(string split, ulong seed, int side, bool weather)
{
    private const int SamplesPerStep = 64;
    private readonly Renderer _renderer = new(side);

    public int Side => side;

    public (StepPlan Plan, IReadOnlyList<SftSample> Samples) Step(Curriculum curriculum, int step)
    {
        var plan = curriculum.Plan(step, new WorldRandom(WorldRandom.Mix(World.VideoSeed(split, seed, step) ^ 0x706C616E)));
        return (plan, [.. Enumerable.Range(0, plan.Samples).Select(i => Sample(plan, step * SamplesPerStep + i))]);
    }

    public SftSample Sample(StepPlan plan, int index)
    {
        var video = World.Video(split, seed, index, plan.View switch
        {
            SampleView.Frame or SampleView.Tower => new WorldShape(1, 1),
            SampleView.Text => new WorldShape(1, 4),
            SampleView.Whole => new WorldShape(2, 8),
            SampleView.Short => new WorldShape(2, Math.Min(4, plan.Frames)),
            _ => WorldShape.Videos,
        });
        var random = new WorldRandom(WorldRandom.Mix(video.Seed ^ 0x73616D706C65));
        if (plan.View == SampleView.Text)
            return InWords(plan, [.. video.Scenes.Select(scene => scene.Fact)], random);
        var frames = FrameNumbers(plan, video, random);
        if (plan.View == SampleView.Tower)
        {
            var (x, y) = video.Scenes[0].CentreAt(frames[0]);
            return new SftSample([Picture(video, frames[0], random)], []) { Spot = new ShapeSpot(video.Scenes[0].Fact, x, y, video.Scenes[0].Radius) };
        }
        var questions = Questions(plan, Shown(video, frames), random).ToArray();
        return new SftSample([.. frames.Select(frame => Picture(video, frame, random))], questions);
    }

    private static SftSample InWords(StepPlan plan, IReadOnlyList<SceneFact> shown, WorldRandom random)
    {
        var story = string.Concat(shown.Select(fact => $"{fact.Caption}\n"));
        return new SftSample([], [.. Questions(plan, shown, random).Select(question => question with { Prompt = story + question.Prompt })]);
    }

    /// <summary>What the frames show, in order.</summary>
    public static IReadOnlyList<SceneFact> Shown(SyntheticVideo video, IEnumerable<int> frames) =>
        [.. frames.Select(video.SceneAt).Distinct().Select(scene => video.Scenes[scene].Fact)];

    /// <summary>Uniform frames of the view's span, first and last included, as the product samples videos and segments.</summary>
    public static int[] FrameNumbers(StepPlan plan, SyntheticVideo video, WorldRandom random)
    {
        var (first, last) = (0, video.FrameCount - 1);
        if (plan.View is SampleView.Frame or SampleView.Tower)
            return [random.Whole(first, last)];
        if (plan.View == SampleView.Segment)
            (first, last) = Segment(video, random);
        return [.. Enumerable.Range(0, plan.Frames).Select(i => first + (int)((double)i * (last - first) / (plan.Frames - 1)))];
    }

    /// <summary>One or two scenes from cut to cut, as a planner that sees the cuts would choose, or any few seconds.</summary>
    private static (int First, int Last) Segment(SyntheticVideo video, WorldRandom random)
    {
        if (random.Chance(0.6))
        {
            var scene = random.Below(video.Scenes.Count);
            var end = video.Scenes[Math.Min(video.Scenes.Count - 1, scene + random.Below(2))];
            return (video.Scenes[scene].FirstFrame, end.FirstFrame + end.Frames - 1);
        }
        var length = (int)(random.Between(3, 12) * SyntheticVideo.FramesPerSecond);
        var first = random.Whole(0, video.FrameCount - length);
        return (first, first + length - 1);
    }

    private byte[] Picture(SyntheticVideo video, int frame, WorldRandom random)
    {
        var picture = _renderer.Frame(video, frame);
        if (weather)
            FrameWeather.Apply(picture, side, random);
        return picture;
    }

    /// <summary>The list of everything first (it names all that is shown), then others in random order, some of them with options.</summary>
    public static IEnumerable<SftQuestion> Questions(StepPlan plan, IReadOnlyList<SceneFact> shown, WorldRandom random)
    {
        var open = OpenQuestions.About(shown);
        var caption = plan.View == SampleView.Frame;
        yield return Ask(caption ? OpenQuestions.Caption(shown[0]) : open[0]);
        foreach (var question in random.Shuffled(open.Skip(1)).Take(plan.Questions - 1))
        {
            if (random.Chance(plan.ChoiceShare))
            {
                var choice = ChoiceQuestions.From(question, shown, random.Below(ChoiceQuestions.Options), random);
                yield return new SftQuestion(choice.Kind, true, choice.Prompt, choice.Letter);
            }
            else
                yield return Ask(question);
        }
    }

    private static SftQuestion Ask(OpenQuestion open) => new(open.Kind, false, open.Question, open.Answer);
}
