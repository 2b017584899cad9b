using System.Text.Json;
using System.Text.Json.Nodes;
using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class MlvuTests
{
    private const string Goldens = "goldens/benchmarks/mlvu.json";
    private const string Published = "benchmarks/MLVU/";
    private const string Record = """
        {"video":"needle_900.mp4","duration":512.4,"question":"What is poured into the bowl?","candidates":["Milk","Oil","Sand","Tea"],
         "answer":"Sand","question_type":"findNeedle"}
        """;

    [Fact]
    public void A_record_becomes_the_harness_prompt_with_its_gold_letter_and_task()
    {
        var file = Mlvu.Load($"[{Record}]", "demo/2_needle.json");
        Assert.Empty(file.Problems);
        var question = Assert.Single(file.Questions);
        Assert.Equal("What is poured into the bowl?\n(A) Milk\n(B) Oil\n(C) Sand\n(D) Tea\nOnly give the best option.\nBest option: (", question.Prompt);
        Assert.Equal(("2_needle_1", "2_needle_needle_900", "2_needle/needle_900.mp4", "C", 4),
            (question.Id, question.VideoId, question.VideoPath, question.Gold, question.Options));
        Assert.Equal([new("question_type", "findNeedle")], question.Groups);
    }

    [Theory]
    [InlineData("""["Blue","Red","Blue","Green"]""", "Blue", "C")]
    [InlineData("""["","","",""]""", "", "D")]
    [InlineData("""["Runs","Sits","Eats","Naps"]""", "Sleeps", Mlvu.NoGold)]
    public void Gold_is_the_last_equal_candidate_and_no_letter_where_there_is_none(string candidates, string answer, string gold) =>
        Assert.Equal(gold, Assert.Single(Mlvu.Load($"[{Changed(("candidates", candidates), ("answer", $"\"{answer}\""))}]", "1_plotQA.json").Questions).Gold);

    [Theory]
    [InlineData("video", null, "'video' is missing")]
    [InlineData("video", "\"a/b.mp4\"", "'video' 'a/b.mp4' is no file name")]
    [InlineData("question", "7", "'question' must be a text")]
    [InlineData("candidates", "[\"a\",\"b\",\"c\"]", "'candidates' has 3 texts, not 4")]
    [InlineData("candidates", null, "'candidates' is missing")]
    [InlineData("answer", "2", "'answer' must be a text")]
    [InlineData("question_type", "\"summary\"", "'question_type' is 'summary'")]
    public void A_malformed_record_is_named_by_file_record_and_field(string field, string? json, string expected)
    {
        var file = Mlvu.Load($"[{Record},{Changed((field, json))}]", "demo/2_needle.json");
        Assert.Equal("2_needle_1", Assert.Single(file.Questions).Id);
        var problem = Assert.Single(file.Problems);
        Assert.StartsWith("demo/2_needle.json: record 2, field ", problem);
        Assert.Contains(expected, problem);
    }

    [Fact]
    public void Several_tasks_are_read_in_their_order_with_the_problems_of_each()
    {
        var file = Mlvu.Load([($"[{Record}]", "a/2_needle.json"), ("{}", "a/4_count.json"), ($"[{Record},{Record}]", "a/3_ego.json")]);
        Assert.Equal(["2_needle_1", "3_ego_1", "3_ego_2"], file.Questions.Select(q => q.Id));
        Assert.Equal(["a/4_count.json: must be a list of records."], file.Problems);
    }

    [Theory]
    [InlineData("C", "C")]
    [InlineData(" C\n", "C")]
    [InlineData("C) Sand", "C")]
    [InlineData("(B) or (C)", "B")]
    [InlineData("C.", null)]
    [InlineData("c)", null)]
    [InlineData(") C", null)]
    [InlineData("The answer is C", null)]
    [InlineData("@", null)]
    [InlineData("", null)]
    public void The_letter_stands_before_the_first_bracket_or_alone(string answer, string? letter) => Assert.Equal(letter, Mlvu.Parse(answer));

    [BenchmarkGoldenFact(Goldens)]
    public void Answers_are_read_as_the_harness_reads_them()
    {
        var read = Golden("lmms_2025_03_to_2026_04_extract").GetProperty("expected").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
        Assert.NotEmpty(read);
        foreach (var (answer, said) in read)
            Assert.Equal(said is [>= 'A' and <= 'Z'] ? said : null, Mlvu.Parse(answer));
    }

    [BenchmarkGoldenFact(Goldens)]
    public void Right_answers_are_those_of_the_official_check()
    {
        var golden = Golden("official_check");
        var gold = golden.GetProperty("annotations").GetProperty("gold").GetString()!.Substring(1, 1);
        foreach (var expected in golden.GetProperty("expected").EnumerateObject())
            Assert.Equal(expected.Value.GetBoolean(), Mlvu.Parse(expected.Name) == gold);
    }

    [BenchmarkGoldenFact(Goldens)]
    public void Gold_letters_are_those_of_the_official_template()
    {
        var golden = Golden("official_template");
        var records = golden.GetProperty("annotations").EnumerateArray().Select(record =>
        {
            var node = JsonNode.Parse(record.GetRawText())!;
            node["question_type"] = "plotQA";
            return node.ToJsonString();
        });
        var expected = golden.GetProperty("expected").EnumerateArray().Select(e => e.GetProperty("gold").GetString()!.Substring(1, 1));
        Assert.Equal(expected, Mlvu.Load($"[{string.Join(',', records)}]", "1_plotQA.json").Questions.Select(q => q.Gold));
    }

    [BenchmarkGoldenFact(Goldens)]
    public void The_prompt_is_the_harness_prompt() =>
        Assert.Equal(Golden("lmms_prompt").GetProperty("expected").GetString(), Mlvu.Prompt("Where is the cup?", ["Sink", "Desk", "Floor", "Shelf"]));

    [BenchmarkGoldenFact(
        Published + "1_plotQA.json", Published + "2_needle.json", Published + "4_count.json", Published + "5_order.json", Published + "6_anomaly_reco.json")]
    public void The_published_files_load_whole()
    {
        (string File, int Questions, int Videos)[] counts =
            [("1_plotQA.json", 539, 160), ("2_needle.json", 355, 129), ("4_count.json", 206, 206), ("5_order.json", 259, 259), ("6_anomaly_reco.json", 200, 200)];
        foreach (var (name, questions, videos) in counts)
        {
            var file = Mlvu.Load(BenchmarkGoldenFactAttribute.Read(Published + name), name);
            Assert.Empty(file.Problems);
            Assert.Equal((questions, videos), (file.Questions.Count, file.Questions.Select(q => q.VideoId).Distinct().Count()));
            Assert.Single(file.Questions.Select(q => q.Groups.Single()).Distinct());
            Assert.Equal(name == "2_needle.json" ? ["needle_4.mp4", "needle_5.mp4"] : [],
                file.Questions.Where(q => q.Gold == Mlvu.NoGold).Select(q => q.VideoPath.Split('/')[1]));
        }
    }

    private static string Changed(params (string Field, string? Json)[] changes)
    {
        var record = (JsonObject)JsonNode.Parse(Record)!;
        foreach (var (field, json) in changes)
            if (json is null)
                record.Remove(field);
            else
                record[field] = JsonNode.Parse(json);
        return record.ToJsonString();
    }

    private static JsonElement Golden(string id) => BenchmarkGoldenFactAttribute.Case(Goldens, id);
}
