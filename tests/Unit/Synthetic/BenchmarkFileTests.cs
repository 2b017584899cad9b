using System.Text.Json;
using Tpo.GpuJob.Synthetic;

namespace Tpo.Tests.Unit.Synthetic;

public sealed class BenchmarkFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tpo-lvb-").FullName;
    private static readonly SyntheticVideo[] Videos = [.. Enumerable.Range(0, 24).Select(i => World.Video("test", 4, i, WorldShape.Videos))];

    [Fact]
    public async Task The_file_has_every_field_that_LongVideoBench_publishes()
    {
        await LongVideoBenchFile.WriteAsync(LongVideoBenchFile.Rows(Videos, 4), _folder);
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "lvb_val.json")));
        string[] fields =
        [
            "video_id", "question", "question_wo_referring_query", "candidates", "correct_choice", "position", "topic_category", "question_category",
            "level", "id", "video_path", "subtitle_path", "duration_group", "starting_timestamp_for_subtitles", "duration", "view_count",
        ];
        foreach (var row in file.RootElement.EnumerateArray())
        {
            Assert.Equal(fields.Order(), row.EnumerateObject().Select(field => field.Name).Order());
            var subtitles = Path.Combine(_folder, "subtitles", row.GetProperty("subtitle_path").GetString()!);
            Assert.Equal("[]", File.ReadAllText(subtitles).Trim());
        }
    }

    [Fact]
    public void Every_question_has_four_different_options_and_a_right_one()
    {
        var rows = LongVideoBenchFile.Rows(Videos, 4);
        Assert.InRange(rows.Count, 4 * Videos.Length, 5 * Videos.Length);
        Assert.Equal(rows.Count, rows.Select(row => row.Id).Distinct().Count());
        foreach (var row in rows)
        {
            Assert.Equal(4, row.Candidates.Distinct().Count());
            var shown = Videos.Single(video => video.Name == row.VideoId).Scenes.Select(scene => scene.Fact).ToArray();
            var truth = OpenQuestions.About(shown).Single(open => open.Question == row.Question).Answer;
            Assert.Contains(row.Candidates[row.CorrectChoice], truth, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Gold_letters_are_nearly_uniform()
    {
        var counts = LongVideoBenchFile.Rows(Videos, 4).GroupBy(row => row.CorrectChoice).Select(group => group.Count()).ToArray();
        Assert.Equal(4, counts.Length);
        Assert.True(counts.Max() - counts.Min() <= 1, string.Join(", ", counts));
    }

    [Fact]
    public void Wrong_things_are_of_the_same_video_where_it_has_enough()
    {
        foreach (var row in LongVideoBenchFile.Rows(Videos, 4).Where(row => row.QuestionCategory is "O3O" or "SSS"))
        {
            var things = Videos.Single(video => video.Name == row.VideoId).Scenes.Select(scene => scene.Fact.Thing).ToArray();
            Assert.All(row.Candidates, candidate => Assert.Contains(candidate, things));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
