using System.Text.Json;
using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class SubtitleRulesTests
{
    [Fact]
    public void Video_MME_says_that_there_are_none_where_a_video_has_no_file_of_subtitles()
    {
        var question = new BenchmarkQuestion("q", "v", "v.mp4", "What?", "", 4, "A", []) { Choices = ["A. 1", "B. 2", "C. 3", "D. 4"] };
        var protocol = VideoMme.Benchmark.Protocols.Single(known => known.Name.Contains("w_subtitle", StringComparison.Ordinal));
        Assert.StartsWith("This video's subtitles are listed below: \nNo subtitles available\nSelect the best answer", protocol.Prompt(question));
        Assert.EndsWith("D. 4\nThe best answer is:", protocol.Prompt(question with { Subtitles = "hello" }));
        Assert.Contains("below: \nhello\nSelect", protocol.Prompt(question with { Subtitles = "hello" }));
    }

    [Fact]
    public void The_official_prompt_speaks_of_subtitles_only_where_there_are_some()
    {
        Assert.StartsWith("Select the best answer to the following multiple-choice question based on the video. Respond", VideoMme.OfficialPrompt("What?", ["A. 1"], null));
        Assert.StartsWith("This video's subtitles are listed below:\nhello\nSelect", VideoMme.OfficialPrompt("What?", ["A. 1"], "hello"));
    }

    [Fact]
    public void The_official_protocol_leaves_unparsed_answers_out_and_counts_them()
    {
        BenchmarkQuestion[] questions = [.. new[] { "1", "2" }.Select(id => new BenchmarkQuestion(id, "v", "v.mp4", "What?", "", 4, "A", [new("duration", "short")]))];
        var official = VideoMme.Benchmark.Protocols.First(known => known.Name.Contains("official", StringComparison.Ordinal));
        var score = BenchmarkScorer.Score(VideoMme.Benchmark, official, questions, new Dictionary<string, string> { ["1"] = "A", ["2"] = "no idea" });
        Assert.Equal((1, 1), (score.Figures[0].Value, score.Unparsed));
    }

    [Fact]
    public void Both_shapes_of_LongVideoBench_subtitles_are_read()
    {
        double[] frames = [0, 5, 10];
        var clock = JsonElement.Parse("""[{"start":"00:00:04.000","end":"00:00:06.000","line":"hello"}]""");
        var seconds = JsonElement.Parse("""[{"timestamp":[104.0,106.0],"text":"hello"}]""");
        Assert.Equal("<image>\n<image>\nhello\n<image>", LongVideoBenchSubtitles.Interleave(frames, clock, 0, 20));
        Assert.Equal("<image>\n<image>\nhello\n<image>", LongVideoBenchSubtitles.Interleave(frames, seconds, 100, 20));
        Assert.Throws<FormatException>(() => LongVideoBenchSubtitles.Interleave(frames, JsonElement.Parse("[{}]"), 0, 20));
    }
}
