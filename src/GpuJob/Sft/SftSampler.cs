using Tpo.GpuJob.Synthetic;
using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Sft;

/// <summary>
/// Training samples, drawn in memory. What step i trains on is a pure function of (seed, i): a run that is resumed goes on with what it would have seen.
/// </summary>
public sealed class SftSampler(string split, ulong seed, int side, bool weather)
{
    private const int SamplesPerPart = 32;
    private const int LongestClock = 40 * 60;
    public const string Open = "open";
    private static readonly List<QuestionKind> Written = [QuestionKind.Caption, QuestionKind.Clock, QuestionKind.Dots, QuestionKind.Word];

    public int Side => side;

    /// <summary>The halves of a step, each with a function that draws its samples; they share nothing, so two threads may draw them.</summary>
    public IReadOnlyList<(StepPart Part, Func<IReadOnlyList<SftSample>> Draw)> Step(Curriculum curriculum, int step)
    {
        var parts = curriculum.Plan(step, new WorldRandom(WorldRandom.Mix(World.VideoSeed(split, seed, step) ^ 0x706C616E)));
        return [.. parts.Select((part, half) => (part, (Func<IReadOnlyList<SftSample>>)(() => Samples(part, (step * Curriculum.Halves + half) * SamplesPerPart))))];
    }

    /// <summary>The part's samples, numbered from `first` on; all have the same number of frames, and of questions where they have enough.</summary>
    public IReadOnlyList<SftSample> Samples(StepPart part, int first) => [.. Enumerable.Range(first, part.Samples).Select(index => Sample(part, index))];

    public SftSample Sample(StepPart part, int index)
    {
        var random = new WorldRandom(WorldRandom.Mix(World.VideoSeed(split, seed, index) ^ 0x73616D706C65));
        var video = World.Video(split, seed, index, Shape(part, random) with { Alike = part.Alike, OneShape = part.OneShape });
        if (random.Chance(0.5) || part is { View: SampleView.Frame, Easy: false })
            video = video with { ClockStart = random.Below(LongestClock) };
        if (part.View is SampleView.Letters or SampleView.Echo)
            return LetterLists.Of(part, video.Sights(), random);
        if (part.View == SampleView.Text)
            return new SftSample([], Questions(part, video.Sights(), random).ToArray()) { Story = Story(video.Sights()) };
        int[] frames = part.Frames == 1 ? [random.Below(video.FrameCount)] : Uniform(video, part.Frames);
        IReadOnlyList<byte[]> pictures = [.. frames.Select(frame => Picture(video, frame, random))];
        IReadOnlyList<SftQuestion> questions = part.View switch
        {
            SampleView.Tower => [],
            SampleView.Long => [Ends(video, frames[0], SceneLanguage.DescribeFirstFrame), Ends(video, frames[^1], SceneLanguage.DescribeLastFrame)],
            _ => [.. Questions(part, video.SightsIn(frames), random)],
        };
        return new SftSample(pictures, questions) { Truths = [.. frames.Select(frame => Truth(video, frame))] };
    }

    /// <summary>Whole long videos with four-option questions: never trained on, only watched.</summary>
    public IEnumerable<SftSample> Long(int videos, int questions)
    {
        for (var index = 0; index < videos; index++)
        {
            var video = World.Video(split, seed, index, WorldShape.Long);
            var random = new WorldRandom(WorldRandom.Mix(video.Seed ^ 0x6C6F6E67));
            int[] frames = Uniform(video, WorldShape.Long.Frames);
            yield return new SftSample([.. frames.Select(frame => Picture(video, frame, random))],
                [.. Questions(new StepPart(SampleView.Short, 1, frames.Length, questions, true) { Cued = true }, video.Sights(), random)]);
        }
    }

    private static WorldShape Shape(StepPart part, WorldRandom random) => part.View switch
    {
        SampleView.Frame or SampleView.Tower => WorldShape.Frame,
        SampleView.Letters or SampleView.Echo => WorldShape.Videos,
        // Half of the easy stories tell one scene, so that the letter can be found before looking things up is learned.
        SampleView.Text when part.Easy && !part.Each => WorldShape.Frame with { MaxScenes = random.Chance(0.5) ? 1 : 5 },
        SampleView.Text => WorldShape.Short with { MinScenes = 3 },
        SampleView.Long => WorldShape.Long with { MinScenes = 3, MaxScenes = WorldShape.MostScenes(part.Frames), Frames = part.Frames },
        // Most are as full as their frames allow.
        _ => random.Chance(0.6) && WorldShape.MostScenes(part.Frames) is var most
            ? WorldShape.Short with { MinScenes = most, MaxScenes = most, Frames = part.Frames }
            : WorldShape.Short with { MinScenes = 1, MaxScenes = WorldShape.MostScenes(part.Frames), Frames = part.Frames },
    };

    /// <summary>Uniform frames, first and last included, as the product samples videos and segments.</summary>
    public static int[] Uniform(SyntheticVideo video, int frames) =>
        [.. Enumerable.Range(0, frames).Select(i => (int)((double)i * (video.FrameCount - 1) / (frames - 1)))];

    private byte[] Picture(SyntheticVideo video, int frame, WorldRandom random)
    {
        var picture = new Renderer(side).Frame(video, frame);
        if (weather)
            FrameWeather.Apply(picture, side, random);
        return picture;
    }

    private static FrameTruth Truth(SyntheticVideo video, int frame)
    {
        var scene = video.Scenes[video.SceneAt(frame)];
        var (x, y) = scene.CentreAt(frame);
        return new FrameTruth(scene.Fact, x, y, scene.Radius, Glyphs.Cells(scene, video.SecondAt(frame)));
    }

    private static SftQuestion Ends(SyntheticVideo video, int frame, string prompt) =>
        new(QuestionKind.Caption, Open, prompt, video.Scenes[video.SceneAt(frame)].Fact.Caption);

    public static string Story(IReadOnlyList<Sight> shown) => string.Concat(shown.Select(sight =>
        $"\n{SceneLanguage.Clock(sight.Middle)} {sight.Fact.Caption}, {sight.Number} dots, word {sight.Word}"));

    /// <summary>The first open question (the caption, the list) always, then others in random order; or all with options, in the four forms by chance.</summary>
    public static IEnumerable<SftQuestion> Questions(StepPart part, IReadOnlyList<Sight> shown, WorldRandom random)
    {
        if (part.Each && Each(part, shown, random) is { Count: > 0 } each)
            return each;
        var open = part.View == SampleView.Frame ? OpenQuestions.AboutFrame(shown[0]) : OpenQuestions.About(shown);
        if (part.Kinds is { } kinds && open.Where(question => kinds.Contains(question.Kind)).ToList() is { Count: > 0 } few)
            open = few;
        // The first of all; and of a frame what is written in it, which takes the most examples.
        var always = part is { View: SampleView.Frame, Easy: false } ? Written.Count : 1;
        if (always > 1)
            open = [.. open.OrderBy(question => !Written.Contains(question.Kind))];
        if (!part.Choices)
            return open.Take(always).Concat(random.Shuffled(open.Skip(always).Where(question => part.View != SampleView.Text || question.Kind != QuestionKind.When)))
                .Take(part.Questions).Select(question => new SftQuestion(question.Kind, Open, question.Question, question.Answer));
        return random.Shuffled(open.Where(question => ChoiceQuestions.HasChoices(question.Kind))).Take(part.Questions).Select(question =>
        {
            var choice = ChoiceQuestions.From(question, shown, random.Below(ChoiceQuestions.Options), random);
            var format = random.Pick(ChoicePrompts.Formats);
            return part.Told ? Told(choice, format) : part.Cued ? Cued(choice, format, shown[question.Cue]) : part.Said ? Said(choice, format) : Asked(choice, format);
        });
    }

    /// <summary>Questions of each; in words an event is known by the one time that its line tells.</summary>
    private static IReadOnlyList<SftQuestion> Each(StepPart part, IReadOnlyList<Sight> shown, WorldRandom random)
    {
        IReadOnlyList<Sight> seen = part.View == SampleView.Text ? [.. shown.Select(sight => sight with { First = sight.Middle, Last = sight.Middle })] : shown;
        return [.. random.Shuffled(OpenQuestions.OfEach(seen, random, colours: part.Kinds is not null).Where(question => part.Easy ? Parts.PlaceAndDots.Contains(question.Kind) : part.Kinds?.Contains(question.Kind) ?? true))
            .Take(part.Questions).Select(question =>
            {
                if (!part.Choices)
                    return new SftQuestion(question.Kind, Open, question.Question, question.Answer(seen)) { Given = Cues(question.Asked) };
                var (choice, answer, asked) = question.Lettered(seen, random);
                return Asked(choice, random.Pick(ChoicePrompts.Formats)) with { Answer = answer, Given = Cues(asked) };
            })];
    }

    private static string[] Cues(IEnumerable<(string Cue, int Subject)> asked) => [.. asked.Select(one => one.Cue)];

    /// <summary>The answer that the parsers of all four benchmarks read: what was found, then the letter as MLVU wants it.</summary>
    private static SftQuestion Said(ChoiceQuestion choice, ChoiceFormat format) =>
        Asked(choice, format) with { Answer = $"{choice.Candidates[choice.Correct]} {choice.Letter})" };

    private static SftQuestion Cued(ChoiceQuestion choice, ChoiceFormat format, Sight cue) =>
        Asked(choice, format) with { Answer = $"{Cue(choice.Open.Kind, cue)}{choice.Candidates[choice.Correct]} {choice.Letter})" };

    /// <summary>What the question names the event by; the first and the last are named by nothing.</summary>
    private static string Cue(QuestionKind kind, Sight cue) => kind switch
    {
        QuestionKind.First or QuestionKind.Last => "",
        QuestionKind.Colour => $"{cue.Fact.Shape} ",
        QuestionKind.ShownWith => $"{cue.Word} ",
        _ => $"{cue.Thing} ",
    };

    private static SftQuestion Told(ChoiceQuestion choice, ChoiceFormat format) =>
        new(choice.Open.Kind, "told", choice.Open.Question + ChoicePrompts.Options(format, choice), $"{choice.Candidates[choice.Correct]} {choice.Letter}");

    public static SftQuestion Asked(ChoiceQuestion choice, ChoiceFormat format) =>
        new(choice.Open.Kind, format.ToString(), ChoicePrompts.Of(format, choice), choice.Letter);
}
