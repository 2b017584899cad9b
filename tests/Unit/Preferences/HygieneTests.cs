using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Hygiene;

namespace Tpo.Tests.Unit.Preferences;

public sealed class HygieneTests
{
    [Theory]
    [InlineData("I'm sorry, but I cannot tell from these frames.")]
    [InlineData("The video does not show what happens after the goal.")]
    [InlineData("The frames don't provide enough detail.")]
    [InlineData("It is not clear which team scored.")]
    [InlineData("The colour cannot be determined.")]
    [InlineData("His name is not mentioned in the video.")]
    [InlineData("There is no information about it.")]
    [InlineData("As an AI model, I have no eyes.")]
    [InlineData("Nothing.")]
    [InlineData("unknown")]
    public void Declining_to_answer_is_a_refusal(string answer) => Assert.True(Refusals.Is(answer));

    [Theory]
    [InlineData("He does not open the door.")]
    [InlineData("The woman shows the video to her friend.")]
    [InlineData("Nothing but a red chair stands in the room.")]
    [InlineData("The sign is not visible from the street, so he walks past it.")]
    [InlineData("She cannot lift the box.")]
    [InlineData("The scene shows a clear sky.")]
    public void An_answer_that_says_no_is_an_answer(string answer) => Assert.False(Refusals.Is(answer));

    [Theory]
    [InlineData("A red star.", "The red star", true)]
    [InlineData("Two dots.", "2 dots", true)]
    [InlineData("The dog bites the man.", "The man bites the dog.", false)]
    [InlineData("A red star.", "A red ring.", false)]
    public void Two_wordings_of_one_answer_are_equivalent(string first, string second, bool same) => Assert.Equal(same, EquivalentAnswers.Are(first, second));

    [Theory]
    [InlineData("At what time does the man leave?", true)]
    [InlineData("What happens at 02:15?", true)]
    [InlineData("When does the dog jump?", true)]
    [InlineData("How many seconds into the clip is the goal?", true)]
    [InlineData("What is the timestamp of the crash?", true)]
    [InlineData("What does the man do when the bell rings?", false)]
    [InlineData("What happens right after the goal?", false)]
    [InlineData("Who wears the second hat?", false)]
    public void A_question_about_the_videos_own_clock_is_known(string question, bool absolute) => Assert.Equal(absolute, AbsoluteTime.IsAskedBy(question));

    [Fact]
    public void Where_the_longer_answer_is_always_chosen_length_tells_everything_and_the_card_warns()
    {
        var hygiene = PairHygiene.Of([.. Pairs(40, i => ($"It is red and {i}", "It is"))]);
        Assert.Equal(1, hygiene.LengthShortcut);
        Assert.Equal((40, 5, 2), (hygiene.Lengths[PairKind.Localized].Pairs, hygiene.Lengths[PairKind.Localized].ChosenWords, hygiene.Lengths[PairKind.Localized].RejectedWords));
        Assert.Contains("100 %", Assert.Single(hygiene.Warnings()).Replace('\u00A0', ' '));
    }

    [Fact]
    public void Answers_of_equal_length_tell_nothing_by_length()
    {
        var hygiene = PairHygiene.Of([.. Pairs(40, i => (i % 2 == 0 ? ("red", "tan") : ("tan", "red")))]);
        Assert.Equal(0.5, hygiene.LengthShortcut);
        Assert.Empty(hygiene.Warnings());
    }

    [Fact]
    public void A_manner_of_speaking_is_found_on_videos_that_were_not_fitted()
    {
        var mannered = Pairs(100, i => ($"surely {Colour(i)}", $"perhaps {Colour(i + 3)}")).ToList();
        Assert.Equal(1, AnswerShortcut.Accuracy(mannered));
    }

    [Fact]
    public void Where_only_the_video_tells_the_answers_alone_tell_nothing()
    {
        var random = new Random(5);
        var honest = Pairs(1000, _ => random.Next(2) == 0 ? ("it is red", "it is tan") : ("it is tan", "it is red")).ToList();
        Assert.InRange(AnswerShortcut.Accuracy(honest)!.Value, 0.45, 0.55);
    }

    [Fact]
    public void One_video_alone_has_nothing_to_be_asked_about() =>
        Assert.Null(AnswerShortcut.Accuracy([Made.Pair(PairKind.Localized, 1), Made.Pair(PairKind.Localized, 2)]));

    private static string Colour(int i) => new[] { "red", "green", "blue", "pink", "white" }[i % 5];

    /// <summary>Pairs of twenty videos in turn.</summary>
    private static IEnumerable<PreferencePair> Pairs(int count, Func<int, (string Chosen, string Rejected)> answers) =>
        Enumerable.Range(0, count).Select(i => Made.Pair(PairKind.Localized, i) with { VideoId = $"video {i % 20}", Chosen = answers(i).Chosen, Rejected = answers(i).Rejected });
}
