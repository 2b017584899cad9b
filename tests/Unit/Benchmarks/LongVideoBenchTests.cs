using System.Text.Json;
using System.Text.Json.Nodes;
using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class LongVideoBenchTests
{
    private const string Goldens = "goldens/benchmarks/longvideobench.json";
    private const string Published = "benchmarks/LongVideoBench/lvb_val.json";

    private const string Record = """
        {"video_id":"aB3","question":"When the caption says 'go', what is red?","question_wo_referring_query":"What is red?",
         "candidates":["hat","car","cup","door"],"correct_choice":2,"position":[120],"topic_category":"KS-Knowledge-STEM","question_category":"T2O",
         "level":"L1-Perception","id":"aB3_0","video_path":"aB3.mp4","subtitle_path":"aB3_en.json","duration_group":60,
         "starting_timestamp_for_subtitles":0,"duration":41.5,"view_count":12,"type":"local"}
        """;

    [Fact]
    public void A_record_becomes_the_harness_prompt_with_its_gold_letter_and_groups()
    {
        var file = LongVideoBench.Load($"[{Record}]");
        Assert.Empty(file.Problems);
        var question = Assert.Single(file.Questions);
        Assert.Equal("When the caption says 'go', what is red?\nA. hat\nB. car\nC. cup\nD. door\nAnswer with the option's letter from the given choices directly.\n", question.Prompt);
        Assert.Equal(("aB3_0", "aB3", "aB3.mp4", "C", 4), (question.Id, question.VideoId, question.VideoPath, question.Gold, question.Options));
        Assert.Equal([new("duration_group", "60"), new("question_category", "T2O"), new("level", "L1-Perception")], question.Groups);
    }

    [Fact]
    public void Options_that_pad_the_parquet_files_are_not_offered() =>
        Assert.Equal("Q?\nA. x\nB. y\nAnswer with the option's letter from the given choices directly.\n", LongVideoBench.Prompt("Q?", ["x", "y", "N/A"]));

    [Theory]
    [InlineData("video_id", null, "'video_id' is missing")]
    [InlineData("question", "7", "'question' must be a text")]
    [InlineData("candidates", "[\"a\"]", "'candidates' has 1 options")]
    [InlineData("candidates", "[\"a\",7]", "'candidates' has an entry that is no text")]
    [InlineData("correct_choice", "4", "'correct_choice' is 4, with 4 options")]
    [InlineData("correct_choice", "1.5", "'correct_choice' is 1.5")]
    [InlineData("duration_group", "61", "'duration_group' is 61")]
    [InlineData("question_category", "\"X9X\"", "'question_category' is 'X9X'")]
    [InlineData("video_path", "\"../../models/x\"", "'video_path'")]
    [InlineData("video_id", "\"a/b\"", "'video_id'")]
    public void A_malformed_record_is_named_by_file_record_and_field(string field, string? json, string expected)
    {
        var broken = (JsonObject)JsonNode.Parse(Record)!;
        broken["id"] = "bad_1";
        if (json is null)
            broken.Remove(field);
        else
            broken[field] = JsonNode.Parse(json);
        var file = LongVideoBench.Load($"[{Record},{broken.ToJsonString()}]", "demo/lvb_val.json");
        Assert.Equal("aB3_0", Assert.Single(file.Questions).Id);
        var problem = Assert.Single(file.Problems);
        Assert.StartsWith("demo/lvb_val.json: record 2 ('bad_1'), field ", problem);
        Assert.Contains(expected, problem);
    }

    [Fact]
    public void A_duplicate_id_a_file_that_is_no_list_and_one_that_is_no_json_are_named()
    {
        Assert.Contains("record 2 ('aB3_0'), field 'id' stands in an earlier record", Assert.Single(LongVideoBench.Load($"[{Record},{Record}]").Problems));
        Assert.Contains("must be a list", Assert.Single(LongVideoBench.Load(Record).Problems));
        Assert.Contains("record 1 is no object", Assert.Single(LongVideoBench.Load("[7]").Problems));
        Assert.Contains("no JSON (line 1)", Assert.Single(LongVideoBench.Load("[{").Problems));
    }

    [Theory]
    [InlineData("B", "B")]
    [InlineData(" (C) a red bicycle", "C")]
    [InlineData("The best answer is D.", "D")]
    [InlineData("Based on the clip, the answer is C", "B")]
    [InlineData("b", null)]
    [InlineData("", null)]
    public void The_first_capital_after_the_fixed_phrases_is_the_letter(string answer, string? letter) => Assert.Equal(letter, LongVideoBench.Parse(answer));

    [BenchmarkGoldenFact(Goldens)]
    public void Answers_are_read_as_the_harness_reads_them()
    {
        foreach (var (answer, letter) in Golden("parse").GetProperty("expected").EnumerateObject().Select(p => (p.Name, p.Value.GetString())))
            Assert.Equal(letter == "RANDOM_CHOICE" ? null : letter, LongVideoBench.Parse(answer));
    }

    [BenchmarkGoldenFact(Goldens)]
    public void Right_answers_are_those_of_the_harness()
    {
        var golden = Golden("aggregate");
        var said = golden.GetProperty("predictions").EnumerateArray().ToDictionary(p => p.GetProperty("id").GetString()!, p => LongVideoBench.Parse(p.GetProperty("response").GetString()!));
        var rows = golden.GetProperty("annotations").EnumerateArray().Select(a => (
            Groups: new[] { $"{a.GetProperty("duration_group").GetInt32()}", a.GetProperty("question_category").GetString()! },
            Right: said[a.GetProperty("id").GetString()!] == ((char)('A' + a.GetProperty("correct_choice").GetInt32())).ToString())).ToList();
        var expected = golden.GetProperty("expected");
        Assert.Equal(expected.GetProperty("overall_acc").GetDouble(), rows.Average(r => r.Right ? 1.0 : 0), 5);
        foreach (var group in expected.GetProperty("groups").EnumerateObject().Where(g => g.Name != "Overall"))
        {
            var members = rows.Where(r => r.Groups.Contains(group.Name)).ToList();
            Assert.Equal(group.Value.GetProperty("num").GetInt32(), members.Count);
            Assert.Equal(group.Value.GetProperty("acc").GetDouble(), members.Average(r => r.Right ? 1.0 : 0), 5);
        }
    }

    [BenchmarkGoldenFact(Published)]
    public void The_published_validation_file_loads_whole()
    {
        var file = LongVideoBench.Load(BenchmarkGoldenFactAttribute.Read(Published));
        Assert.Empty(file.Problems);
        Assert.Equal(1337, file.Questions.Count);
        Assert.Equal(753, file.Questions.Select(q => q.VideoId).Distinct().Count());
    }

    private static JsonElement Golden(string id) => BenchmarkGoldenFactAttribute.Case(Goldens, id);
}
