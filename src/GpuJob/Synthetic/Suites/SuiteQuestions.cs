namespace Tpo.GpuJob.Synthetic.Suites;

/// <summary>A question of a suite: the n-th of its video.</summary>
public sealed record SuiteQuestion(SyntheticVideo Video, int Number, ChoiceQuestion Choice)
{
    public string Id => $"{Video.Name}_{Number}";
    public QuestionKind Kind => Choice.Open.Kind;

    /// <summary>The right option, and one that is wrong.</summary>
    public string Truth => Choice.Candidates[Choice.Correct];
    public string Falsehood => Choice.Candidates[Choice.Correct == 0 ? 1 : 0];

    /// <summary>The question turned into one of yes and no.</summary>
    public string Whether(string option) => $"{Choice.Open.Question} Is it {option}?";

    /// <summary>The events that tell the answer, from the first to the last: frames [first, last] of the video.</summary>
    public (int First, int Last) Evidence
    {
        get
        {
            var (open, scenes) = (Choice.Open, Video.Scenes);
            return (scenes[Math.Min(open.Subject, open.Cue)].FirstFrame, scenes[Math.Max(open.Subject, open.Cue)].LastFrame);
        }
    }
}

/// <summary>
/// Chooses a suite's questions so that shortcuts end at chance. Gold letters are uniform. The frame in the video's middle tells nothing: no question
/// is about its event alone, and where what it shows is among the options, it is the right one in one case of four, as any option is.
/// </summary>
public static class SuiteQuestions
{
    private const double Share = 1.0 / ChoiceQuestions.Options;

    /// <summary>So many questions a video, each of another kind; fewer where the video does not have as many kinds.</summary>
    public static IReadOnlyList<SuiteQuestion> Of(IReadOnlyList<SyntheticVideo> videos, int perVideo, ulong seed)
    {
        var random = new WorldRandom(WorldRandom.Mix(seed ^ 0x7175657374696F6E));
        var letters = Letters(random).GetEnumerator();
        return [.. videos.SelectMany(video => Of(video, perVideo, letters, random))];
    }

    private static IEnumerable<SuiteQuestion> Of(SyntheticVideo video, int count, IEnumerator<int> letters, WorldRandom random)
    {
        var shown = video.Sights();
        var middle = video.SceneAt(video.FrameCount / 2);
        var kinds = OpenQuestions.About(shown).Where(question => ChoiceQuestions.HasChoices(question.Kind)).GroupBy(question => question.Kind);
        var number = 0;
        foreach (var kind in random.Shuffled(kinds))
        {
            if (number == count)
                yield break;
            if (Balanced(kind, shown, middle, random) is not var (open, offerMiddle))
                continue;
            letters.MoveNext();
            var middleText = ChoiceQuestions.Text(kind.Key, shown[middle]);
            yield return new SuiteQuestion(video, number++, ChoiceQuestions.From(
                open, shown, letters.Current, random, offer: offerMiddle ? middleText : null, avoid: offerMiddle ? null : middleText));
        }
    }

    /// <summary>A question of the kind, and whether what the middle frame shows is among its options; null where the kind cannot be balanced here.</summary>
    private static (OpenQuestion Open, bool OfferMiddle)? Balanced(
        IGrouping<QuestionKind, OpenQuestion> kind, IReadOnlyList<Sight> shown, int middle, WorldRandom random)
    {
        var middleText = ChoiceQuestions.Text(kind.Key, shown[middle]);
        var asked = kind.Where(question => question.Subject != middle || question.Cue != middle).ToList();
        var blind = asked.Where(question => question.Question.Contains(middleText, StringComparison.Ordinal)).ToList();
        var right = asked.Except(blind).Where(question => ChoiceQuestions.Text(kind.Key, shown[question.Subject]) == middleText).ToList();
        var wrong = asked.Except(blind).Except(right).ToList();
        if (blind.Count > 0 && random.Chance((double)blind.Count / asked.Count))
            return (random.Pick(blind), false);
        if (right.Count > 0 && wrong.Count > 0)
            return (random.Pick(random.Chance(Share) ? right : wrong), true);
        // Every number of dots is always offered, so the middle's cannot be left out.
        return wrong.Count > 0 && kind.Key != QuestionKind.Dots ? (random.Pick(wrong), false) : null;
    }

    /// <summary>Gold letters in shuffled blocks of four: uniform to within one.</summary>
    private static IEnumerable<int> Letters(WorldRandom random)
    {
        while (true)
            foreach (var letter in random.Shuffled(Enumerable.Range(0, ChoiceQuestions.Options)))
                yield return letter;
    }
}
