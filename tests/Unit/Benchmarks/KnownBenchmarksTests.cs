using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class KnownBenchmarksTests
{
    /// <summary>Of each benchmark a sound file, and the same with its third line broken.</summary>
    public static TheoryData<string, string, string, string> Broken => new()
    {
        { "longvideobench", "a/lvb_val.json", "[\n\n{\"id\":\"x\"}]", "a/lvb_val.json: record 1 ('x'), field 'question' is missing (line 3)." },
        { "mlvu", "a/2_needle.json", "[\n\n{\"video\":7}]", "a/2_needle.json: record 1, field 'video' must be a text, is number (line 3)." },
        { "video-mme", "a/t.json", "\n[\n{\"video_id\":\"001\"}]", "a/t.json: record 1 ('001'), field 'duration' is missing (line 3)." },
        { "videohallucer", "a/temporal.json", "[\n\n{\"type\":\"subject\"}]", "a/temporal.json: record 1, field 'type' is 'subject', which is none of temporal's (line 3)." },
        { "next-gqa", "a/test.csv", "video_id,question,answer,qid,type,a0,a1,a2,a3,a4\nv,q,b,1,TN,b,c,,,\nv,q,b,2,XX,b,c,,,", "a/test.csv: record 2 ('v_2'), field 'type' is 'XX', which is none of CW, CH, TN, TC, TP (line 3)." },
        { "mvbench", "a/action_count.json", "[\n\n{\"video\":\"v.mp4\",\"question\":\"q\",\"candidates\":[\"1\",\"2\"],\"answer\":\"3\"}]", "a/action_count.json: record 1 ('v.mp4'), field 'answer' is '3', which is none of the candidates (line 3)." },
        { "tempcompass", "a/yes_no.json", "{\"v\":{\"action\":[\n\n{\"question\":\"q\",\"answer\":\"maybe\"}]}}", "a/yes_no.json: record 1 ('v'), 'action', question 1, field 'answer' is 'maybe', not yes or no (line 3)." },
        { "tvbench", "a/object_count.json", "[\n\n{\"video\":\"v.mp4\",\"question\":\"q\",\"candidates\":[\"1\",\"2\"],\"answer\":\"2\",\"start\":1}]", "a/object_count.json: record 1 ('v.mp4'), field 'end' must be there where 'start' is, and only there (line 3)." },
        { "vidhalluc", "a/tsh.json", "{\n\n\"5\":{\"video\":\"v\",\"Question\":\"q\",\"Correct Answer\":\"C\"}}", "a/tsh.json: record 1 ('5'), field 'Correct Answer' is 'C', not A, B, AB or BA (line 3)." },
        { "eventhallusion", "a/entire_questions.json", "[\n\n{\"id\":\"e\",\"category\":\"c\",\"event_info\":{\"caption\":\"x\"},\"questions\":[{\"type\":\"hallucination\",\"question\":\"q\",\"answer\":\"Yes\"}]}]", "a/entire_questions.json: record 1 ('e'), question 1, field 'answer' is 'Yes', not 'Yes.' or 'No.' (line 3)." },
        { "lvbench", "a/m.jsonl", "\n\n{\"key\":\"v\",\"type\":\"t\",\"qa\":[{\"uid\":\"1\"}]}", "a/m.jsonl: record 1 ('v'), question 1 ('1'), field 'question' is missing (line 3)." },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Every_benchmark_names_what_is_malformed_by_file_record_field_and_line(string slug, string file, string text, string expected) =>
        Assert.Contains(expected, KnownBenchmarks.Find(slug)!.Load([new AnnotationFile(file, text)]).Problems);

    [Theory]
    [InlineData("videohallucer", "spatial.json", "'spatial' is none of the subsets")]
    [InlineData("mvbench", "spatial.json", "'spatial' is none of the tasks")]
    [InlineData("tvbench", "action_prediction.json", "'action_prediction' is none of the tasks")]
    [InlineData("tempcompass", "open.json", "'open' is none of the tasks")]
    [InlineData("vidhalluc", "ach.json", "'ach' is none of the tasks")]
    [InlineData("eventhallusion", "mix_questions.json", "'mix' is none of the splits")]
    public void A_file_of_an_unknown_category_is_named(string slug, string file, string expected)
    {
        var loaded = KnownBenchmarks.Find(slug)!.Load([new AnnotationFile(file, "[]")]);
        Assert.Empty(loaded.Questions);
        Assert.Contains(expected, Assert.Single(loaded.Problems));
    }

    [Fact]
    public void The_ten_and_one_more_each_have_a_name_of_their_own_and_protocols_that_name_them()
    {
        Assert.Equal(11, KnownBenchmarks.All.Select(benchmark => benchmark.Slug).Distinct().Count());
        var protocols = KnownBenchmarks.All.SelectMany(benchmark => benchmark.Protocols.Select(protocol => (benchmark, protocol))).ToList();
        Assert.Equal(protocols.Count, protocols.Select(each => each.protocol.Name).Distinct().Count());
        Assert.All(protocols, each => Assert.StartsWith(each.benchmark.Name, each.protocol.Name));
        Assert.All(protocols, each => Assert.True(each.protocol.MaxNewTokens > 0));
    }

    [Fact]
    public void A_file_given_twice_gives_its_questions_once_and_says_so()
    {
        var file = new AnnotationFile("count.json", """[{"video":"v.mp4","question":"How many?","candidates":["1","2","3","4"],"answer":"2","question_type":"count"}]""");
        var loaded = Mlvu.Benchmark.Load([file, file]);
        Assert.Single(loaded.Questions);
        Assert.Contains("'count_1' stands in 2 of the files", Assert.Single(loaded.Problems));
    }
}
