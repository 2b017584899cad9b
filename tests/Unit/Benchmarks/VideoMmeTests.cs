using System.Text.Json;
using System.Text.Json.Nodes;
using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class VideoMmeTests
{
    private const string Goldens = "goldens/benchmarks/video-mme.json";
    private const string Instruction =
        "Select the best answer to the following multiple-choice question based on the video and the subtitles. " +
        "Respond with only the letter (A, B, C, or D) of the correct option.\n";
    private const string Video = """
        {"video_id":"901","duration":"short","domain":"Knowledge","sub_category":"Geography","url":"u","videoID":"x-Y_z","questions":[
          {"question_id":"901-1","task_type":"OCR Problems","question":"What does the sign say?","options":["A. Stop.","B. Go.","C. Left.","D. Exit."],
           "answer":"D","response":"D"},
          {"question_id":"901-2","task_type":"Counting Problem","question":"How many?","options":["A. 1","B. 2","C. 3","D. 4"],"answer":"A"}]}
        """;

    [Fact]
    public void A_video_gives_its_questions_with_prompt_gold_letter_and_groups()
    {
        var file = VideoMme.Load($"[{Video}]");
        Assert.Empty(file.Problems);
        Assert.Equal(["901-1", "901-2"], file.Questions.Select(q => q.Id));
        var question = file.Questions[0];
        Assert.Equal(
            Instruction + "What does the sign say?\nA. Stop.\nB. Go.\nC. Left.\nD. Exit.\n\nAnswer with the option's letter from the given choices directly.",
            question.Prompt);
        Assert.Equal(("x-Y_z", "x-Y_z.mp4", "D", 4), (question.VideoId, question.VideoPath, question.Gold, question.Options));
        Assert.Equal(
            [new("duration", "short"), new("domain", "Knowledge"), new("sub_category", "Geography"), new("task_type", "OCR Problems")], question.Groups);
    }

    [Fact]
    public void Where_there_is_no_videoID_the_file_is_called_by_the_video_id() =>
        Assert.Equal([("901", "901.mp4")], VideoMme.Load($"[{Changed("videoID", null)}]").Questions.Select(q => (q.VideoId, q.VideoPath)).Distinct());

    [Fact]
    public void Commas_that_the_official_template_leaves_at_the_end_of_a_list_are_allowed() =>
        Assert.Empty(VideoMme.Load($"[{Video.Replace("}]}", "},],}")},]").Problems);

    [Theory]
    [InlineData("duration", "\"tiny\"", "'duration' is 'tiny', not short, medium or long")]
    [InlineData("domain", "\"Cooking\"", "'domain' is 'Cooking'")]
    [InlineData("sub_category", null, "'sub_category' is missing")]
    [InlineData("videoID", "7", "'videoID' must be a text")]
    [InlineData("videoID", "\"a/b\"", "'videoID' 'a/b' is no name")]
    [InlineData("questions", "{}", "'questions' must be a list of records")]
    public void A_malformed_video_is_named_by_file_record_and_field_and_asks_nothing(string field, string? json, string expected)
    {
        var file = VideoMme.Load($"[{Changed(field, json)}]", "demo/mme.json");
        Assert.Empty(file.Questions);
        var problem = Assert.Single(file.Problems);
        Assert.StartsWith("demo/mme.json: record 1 ('901'), field ", problem);
        Assert.Contains(expected, problem);
    }

    [Theory]
    [InlineData("question", null, "'question' is missing")]
    [InlineData("options", "[\"A. 1\",\"B. 2\",\"C. 3\"]", "'options' has 3 texts, not 4")]
    [InlineData("options", "[\"1\",\"2\",\"3\",\"4\"]", "'options' must begin with 'A. '")]
    [InlineData("answer", "\"E\"", "'answer' is 'E'")]
    [InlineData("answer", "\"\"", "'answer' is ''")]
    [InlineData("task_type", "\"Guessing\"", "'task_type' is 'Guessing'")]
    public void A_malformed_question_is_named_and_its_neighbour_is_asked(string field, string? json, string expected)
    {
        var video = (JsonObject)JsonNode.Parse(Video)!;
        Set((JsonObject)video["questions"]![1]!, field, json);
        var file = VideoMme.Load($"[{video.ToJsonString()}]", "demo/mme.json");
        Assert.Equal("901-1", Assert.Single(file.Questions).Id);
        var problem = Assert.Single(file.Problems);
        Assert.StartsWith("demo/mme.json: record 1 ('901'), question 2 ('901-2'), field ", problem);
        Assert.Contains(expected, problem);
    }

    [Fact]
    public void A_question_that_stands_twice_and_a_record_that_is_no_object_are_named()
    {
        Assert.Contains("record 2 ('901'), question 1 ('901-1'), field 'question_id' stands in an earlier record", VideoMme.Load($"[{Video},{Video}]").Problems[0]);
        Assert.Contains("record 1 is no object", Assert.Single(VideoMme.Load("[7]").Problems));
        Assert.Contains("record 1 ('901'), question 1 is no object", Assert.Single(VideoMme.Load($"[{Changed("questions", "[7]")}]").Problems));
    }

    [Theory]
    [InlineData("B", "B")]
    [InlineData(" (C) a red bicycle", "C")]
    [InlineData("The best answer is: D", "D")]
    [InlineData("Best option: C", "B")]
    [InlineData("Best answer:Best option: C", "C")]
    [InlineData("The best option isThe correct option is C", "C")]
    [InlineData("Answer: B", "A")]
    [InlineData("one two three four five six seven eight nine ten eleven", null)]
    [InlineData("one two three four five six seven eight nine ten eleven D", "D")]
    [InlineData("E", null)]
    [InlineData("b", null)]
    [InlineData("", null)]
    public void The_first_capital_after_the_fixed_phrases_is_the_letter(string answer, string? letter) => Assert.Equal(letter, VideoMme.Parse(answer));

    [BenchmarkGoldenFact(Goldens)]
    public void Answers_are_read_as_the_harness_read_them()
    {
        foreach (var expected in Golden("extract").GetProperty("expected").EnumerateObject())
            Assert.Equal(expected.Value.GetProperty("lmms_classic").GetString(), VideoMme.Parse(expected.Name) ?? "");
    }

    [BenchmarkGoldenFact(Goldens)]
    public void Right_answers_are_those_of_the_harness()
    {
        var golden = Golden("aggregate");
        var said = golden.GetProperty("predictions").EnumerateArray().ToDictionary(p => Text(p, "question_id"), p => VideoMme.Parse(Text(p, "response")));
        var rows = golden.GetProperty("annotations").EnumerateArray()
            .Select(a => (Duration: Text(a, "duration"), Right: said[Text(a, "question_id")] == Text(a, "answer") ? 100.0 : 0)).ToList();
        var lines = rows.GroupBy(r => r.Duration).Select(group => $"Evaluation on video Type: {group.Key}:  {group.Average(r => r.Right):F1}%");
        Assert.Equal(
            golden.GetProperty("expected").GetProperty("lmms_current").GetProperty("log").EnumerateArray().Select(line => line.GetString()!),
            [.. lines, $"Overall Performance:  {rows.Average(r => r.Right):F1}%"]);
    }

    [BenchmarkGoldenFact(Goldens)]
    public void The_prompt_is_the_harness_prompt_with_the_default_ending()
    {
        var golden = Golden("prompt_wo_llava_vid");
        var annotation = golden.GetProperty("annotations");
        Assert.Equal(
            Text(golden, "expected").Replace("The best answer is:", "\nAnswer with the option's letter from the given choices directly."),
            VideoMme.Prompt(Text(annotation, "question"), [.. annotation.GetProperty("options").EnumerateArray().Select(option => option.GetString()!)]));
    }

    private static string Changed(string field, string? json)
    {
        var video = (JsonObject)JsonNode.Parse(Video)!;
        Set(video, field, json);
        return video.ToJsonString();
    }

    private static void Set(JsonObject record, string field, string? json)
    {
        if (json is null)
            record.Remove(field);
        else
            record[field] = JsonNode.Parse(json);
    }

    private static string Text(JsonElement record, string field) => record.GetProperty(field).GetString()!;

    private static JsonElement Golden(string id) => BenchmarkGoldenFactAttribute.Case(Goldens, id);
}
