using System.Globalization;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Media;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class NextGqaTests
{
    private const string Goldens = "goldens/benchmarks/next-gqa.json";
    private const string Published = "benchmarks/NExT-GQA/";
    private const string Header = "video_id,frame_count,width,height,question,answer,qid,type,a0,a1,a2,a3,a4\n";
    private const string Row = "9990001,900,640,360,why did the girl wave,greet her friend,3,CW,to dance,greet her friend,catch a ball,fix hair,call dog\n";
    private const string Instruction = "\nPlease only give the best option.";

    [Fact]
    public void A_row_becomes_the_prompt_with_its_gold_letter_and_groups()
    {
        var file = NextGqa.Load(Header + Row);
        Assert.Empty(file.Problems);
        var question = Assert.Single(file.Questions);
        Assert.Equal("Why did the girl wave?\nOptions:\n(A) To dance\n(B) Greet her friend\n(C) Catch a ball\n(D) Fix hair\n(E) Call dog" + Instruction, question.Prompt);
        Assert.Equal(("9990001_3", "9990001", "9990001.mp4", "B", 5), (question.Id, question.VideoId, question.VideoPath, question.Gold, question.Options));
        Assert.Equal([new("type", "CW"), new("merged_type", "CW"), new("summary", "C")], question.Groups);
    }

    [Fact]
    public void Questions_of_what_came_before_count_among_those_of_what_came_next() =>
        Assert.Equal([new("type", "TP"), new("merged_type", "TN"), new("summary", "T")], Only(Row.Replace(",CW,", ",TP,")).Groups);

    [Fact]
    public void Empty_options_are_not_offered()
    {
        var four = Only(Row.Replace("call dog", ""));
        Assert.Equal((4, "B"), (four.Options, four.Gold));
        Assert.EndsWith("\n(D) Fix hair" + Instruction, four.Prompt);
        var gap = Only(Row.Replace("to dance", ""));
        Assert.Equal((4, "A"), (gap.Options, gap.Gold));
        Assert.Contains("\nOptions:\n(A) Greet her friend\n(B) ", gap.Prompt);
    }

    [Fact]
    public void Gold_is_the_first_of_equal_options() => Assert.Equal("B", Only(Row.Replace("call dog", "greet her friend")).Gold);

    [Fact]
    public void A_question_that_has_its_mark_gets_no_second_one() =>
        Assert.Equal("Who?\nOptions:\n(A) 2 men\n(B) Öl" + Instruction, NextGqa.Prompt("who?", ["2 men", "", "öl"]));

    [Fact]
    public void Quoted_fields_hold_commas_quotes_and_line_ends_and_columns_may_stand_in_any_order()
    {
        var file = NextGqa.Load("\uFEFFqid,type,video_id,a4,a3,a2,a1,a0,answer,question\r\n\r\n"
            + "1,TN,v1,\"\",e,\"a \"\"b\"\"\",\"x\r\ny, z\",c,\"x\r\ny, z\",\"why, then\"\r\n2,TC,v1,f,e,d,c,b,f,how");
        Assert.Empty(file.Problems);
        Assert.Equal("Why, then?\nOptions:\n(A) C\n(B) X\r\ny, z\n(C) A \"b\"\n(D) E" + Instruction, file.Questions[0].Prompt);
        Assert.Equal([("v1_1", "B"), ("v1_2", "E")], file.Questions.Select(q => (q.Id, q.Gold)));
    }

    [Theory]
    [InlineData("greet her friend,3", "wave,3", "field 'answer' is 'wave', which is none of the options")]
    [InlineData(",CW,", ",XX,", "field 'type' is 'XX', which is none of CW, CH, TN, TC, TP")]
    [InlineData("why did the girl wave", "", "field 'question' is empty")]
    [InlineData("to dance,greet her friend,catch a ball,fix hair,call dog", ",greet her friend,,,", "field 'a4' and those before it offer 1 options")]
    public void A_malformed_row_is_named_by_file_record_and_field(string from, string to, string expected)
    {
        var file = NextGqa.Load(Header + Row + Row.Replace(",3,", ",4,").Replace(from.Replace(",3", ",4"), to.Replace(",3", ",4")), "demo/test.csv");
        Assert.Equal("9990001_3", Assert.Single(file.Questions).Id);
        var problem = Assert.Single(file.Problems);
        Assert.StartsWith("demo/test.csv: record 2 ('9990001_4'), ", problem);
        Assert.Contains(expected, problem);
    }

    [Fact]
    public void What_is_no_such_table_is_named()
    {
        Assert.Equal("test.csv: record 1 has 14 fields, the first line has 13 (line 2).", Assert.Single(NextGqa.Load(Header + Row.Replace("\n", ",more\n")).Problems));
        Assert.Contains("record 2 ('9990001_3'), field 'qid' stands in an earlier record", Assert.Single(NextGqa.Load(Header + Row + Row).Problems));
        Assert.Contains("('a/b_3'), field 'video_id' 'a/b' is no name", Assert.Single(NextGqa.Load(Header + Row.Replace("9990001", "a/b")).Problems));
        Assert.Equal("test.csv: its first line lacks the columns 'qid', 'a4'.", Assert.Single(NextGqa.Load(Header.Replace("qid", "id").Replace("a4", "b")).Problems));
        Assert.Contains("lacks the columns 'video_id', ", Assert.Single(NextGqa.Load("").Problems));
        Assert.Equal("test.csv: is no CSV: the quoted field that begins in line 2 has no end.", Assert.Single(NextGqa.Load(Header + "\"a\nb").Problems));
    }

    [Theory]
    [InlineData("(B)", 5, "B")]
    [InlineData("B) Greet her friend", 5, "B")]
    [InlineData("B. Greet her friend", 5, "B")]
    [InlineData("B", 5, "B")]
    [InlineData("Best Option: (E) Call dog", 5, "E")]
    [InlineData("E", 4, null)]
    [InlineData("greet her friend", 5, null)]
    public void The_letter_is_one_of_those_offered(string answer, int options, string? letter) => Assert.Equal(letter, NextGqa.Parse(answer, options));

    [Fact]
    public void Spans_are_read_by_video_and_question_even_where_they_lie_a_little_outside()
    {
        var spans = NextGqaSpans.Load("""
            {"v1": {"duration": 35, "location": {"0": [[-0.1, 12.6], [20, 36.2]], "3": []}, "fps": 29.97}, "v2": {"duration": 9, "location": {}, "fps": 30}}
            """);
        Assert.Empty(spans.Problems);
        Assert.Equal((35, 29.97), (spans.Videos["v1"].Duration, spans.Videos["v1"].FramesPerSecond));
        Assert.Equal([new TimeSpanSeconds(-0.1, 12.6), new TimeSpanSeconds(20, 36.2)], spans.Videos["v1"].Spans["0"]);
        Assert.Empty(spans.Videos["v1"].Spans["3"]);
        Assert.Empty(spans.Videos["v2"].Spans);
    }

    [Theory]
    [InlineData("""{"duration": "9", "location": {}, "fps": 30}""", "field 'duration' must be a number")]
    [InlineData("""{"duration": 9, "location": {}, "fps": 0}""", "field 'fps' is 0, not above 0")]
    [InlineData("""{"duration": 9, "fps": 30}""", "field 'location' is missing")]
    [InlineData("""{"duration": 9, "location": {"4": [[3, 2]]}, "fps": 30}""", "field 'location' has at question '4' no list of [start, end]")]
    [InlineData("""{"duration": 9, "location": {"4": [3, 2]}, "fps": 30}""", "field 'location' has at question '4'")]
    [InlineData("""{"duration": 9, "location": {"4": 3}, "fps": 30}""", "field 'location' has at question '4'")]
    public void A_malformed_video_of_spans_is_named_by_file_record_and_field(string video, string expected)
    {
        var spans = NextGqaSpans.Load($$"""{"v1": {"duration": 9, "location": {}, "fps": 30}, "v2": {{video}}}""");
        Assert.Equal("v1", Assert.Single(spans.Videos).Key);
        var problem = Assert.Single(spans.Problems);
        Assert.StartsWith("gsub_test.json: record 2 ('v2'), ", problem);
        Assert.Contains(expected, problem);
        Assert.Contains("must be an object of videos", Assert.Single(NextGqaSpans.Load("[]").Problems));
        Assert.Contains("no JSON (line 1)", Assert.Single(NextGqaSpans.Load("{").Problems));
    }

    [BenchmarkGoldenFact(Published + "test.csv", Published + "val.csv", Published + "gsub_test.json", Published + "gsub_val.json")]
    public void The_published_files_load_whole_and_every_question_has_its_spans()
    {
        (string Split, int Questions, int Videos, int Spanned, int Segments, string Types)[] counts =
        [
            ("test", 5553, 990, 999, 6600, "CH 796, CW 2456, TC 852, TN 1356, TP 93"), ("val", 3358, 567, 570, 3931, "CH 481, CW 1474, TC 472, TN 879, TP 52"),
        ];
        foreach (var (split, questions, videos, spanned, segments, types) in counts)
        {
            var file = NextGqa.Load(BenchmarkGoldenFactAttribute.Read($"{Published}{split}.csv"), $"{split}.csv");
            var spans = NextGqaSpans.Load(BenchmarkGoldenFactAttribute.Read($"{Published}gsub_{split}.json"), $"gsub_{split}.json");
            Assert.Empty(file.Problems);
            Assert.Empty(spans.Problems);
            Assert.Equal((questions, videos), (file.Questions.Count, file.Questions.Select(q => q.VideoId).Distinct().Count()));
            Assert.Equal(types, string.Join(", ", file.Questions.CountBy(q => q.Groups[0].Name).OrderBy(t => t.Key).Select(t => $"{t.Key} {t.Value}")));
            Assert.Equal((spanned, segments), (spans.Videos.Count, spans.Videos.Values.Sum(v => v.Spans.Values.Sum(s => s.Count))));
            Assert.All(file.Questions, q => Assert.NotEmpty(spans.Videos[q.VideoId].Spans[q.Id[(q.VideoId.Length + 1)..]]));
        }
    }

    [BenchmarkGoldenFact(Goldens, Published + "gsub_test.json")]
    public void Whole_videos_overlap_the_published_spans_as_the_official_script_prints()
    {
        var golden = BenchmarkGoldenFactAttribute.Case(Goldens, "sanity_on_the_real_test_file").GetProperty("expected").GetProperty("whole").GetProperty("mIoU");
        var overlaps = NextGqaSpans.Load(BenchmarkGoldenFactAttribute.Read(Published + "gsub_test.json")).Videos.Values
            .SelectMany(video => video.Spans.Values.Select(spans => spans.Max(span => Overlap(new TimeSpanSeconds(0, video.Duration), span))));
        Assert.Equal(golden.GetDouble().ToString("F1", CultureInfo.InvariantCulture), (100 * overlaps.Average()).ToString("F1", CultureInfo.InvariantCulture));
    }

    private static double Overlap(TimeSpanSeconds a, TimeSpanSeconds b) =>
        (Math.Min(a.End, b.End) - Math.Max(a.Start, b.Start)) / (Math.Max(a.End, b.End) - Math.Min(a.Start, b.Start));

    private static BenchmarkQuestion Only(string row)
    {
        var file = NextGqa.Load(Header + row);
        Assert.Empty(file.Problems);
        return Assert.Single(file.Questions);
    }
}
