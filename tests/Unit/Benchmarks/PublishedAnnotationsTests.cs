using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

/// <summary>The annotation files as their authors publish them load whole, with the counts of their manifest.</summary>
public sealed class PublishedAnnotationsTests
{
    private const string Folder = "benchmarks/";

    private static readonly string[] MvBenchTasks =
    [
        "action_antonym", "action_prediction", "action_sequence", "counterfactual_inference", "egocentric_navigation", "fine_grained_action", "moving_attribute",
        "moving_direction", "object_existence", "object_interaction", "state_change", "unexpected_action",
    ];

    [BenchmarkGoldenFact(Folder + "LongVideoBench/lvb_val.json")]
    public void LongVideoBench() => Assert.Equal((1337, 753), Loaded("longvideobench", "LongVideoBench/lvb_val.json"));

    [BenchmarkGoldenFact(Folder + "MLVU/1_plotQA.json", Folder + "MLVU/8_sub_scene.json", Folder + "MLVU/9_summary.json")]
    public void MLVU_with_its_free_answers()
    {
        (string File, int Questions, int Videos)[] counts =
        [
            ("1_plotQA", 539, 160), ("2_needle", 355, 129), ("4_count", 206, 206), ("5_order", 259, 259), ("6_anomaly_reco", 200, 200), ("8_sub_scene", 201, 201), ("9_summary", 217, 216),
        ];
        Assert.All(counts, file => Assert.Equal((file.Questions, file.Videos), Loaded("mlvu", $"MLVU/{file.File}.json")));
        Assert.Equal(1977, Loaded("mlvu", [.. counts.Select(file => $"MLVU/{file.File}.json")]).Questions);
    }

    [BenchmarkGoldenFact(Folder + "VideoHallucer/temporal/temporal.json", Folder + "VideoHallucer/fact_detect/fact_detect_yn.json")]
    public void VideoHallucer_two_questions_a_pair()
    {
        (string Subset, string File, int Pairs, int Videos)[] counts =
        [
            ("object_relation", "object_relation", 200, 183), ("temporal", "temporal", 176, 165), ("external_factual", "external_factual", 200, 200),
            ("external_nonfactual", "external_nonfactual", 200, 200), ("fact_detect", "fact_detect", 50, 50), ("fact_detect", "fact_detect_yn", 50, 50),
        ];
        Assert.All(counts, file => Assert.Equal((2 * file.Pairs, file.Videos), Loaded("videohallucer", $"VideoHallucer/{file.Subset}/{file.File}.json")));
    }

    [BenchmarkGoldenFact(Folder + "NExT-GQA/test.csv", Folder + "NExT-GQA/gsub_test.json", Folder + "NExT-GQA/val.csv", Folder + "NExT-GQA/gsub_val.json")]
    public void NExT_GQA_a_second_question_about_the_moment_of_each()
    {
        Assert.Equal((2 * 5553, 990), Loaded("next-gqa", "NExT-GQA/test.csv", "NExT-GQA/gsub_test.json"));
        Assert.Equal((2 * 3358, 567), Loaded("next-gqa", "NExT-GQA/val.csv", "NExT-GQA/gsub_val.json"));
        Assert.Equal((5553, 990), Loaded("next-gqa", "NExT-GQA/test.csv"));
    }

    [BenchmarkGoldenFact(Folder + "MVBench/action_antonym.json", Folder + "MVBench/unexpected_action.json")]
    public void MVBench_two_hundred_a_task()
    {
        Assert.All(MvBenchTasks, task => Assert.Equal(200, Loaded("mvbench", $"MVBench/{task}.json").Questions));
        Assert.Equal(2400, Loaded("mvbench", [.. MvBenchTasks.Select(task => $"MVBench/{task}.json")]).Questions);
    }

    [BenchmarkGoldenFact(Folder + "TempCompass/multi-choice.json", Folder + "TempCompass/captioning.json", Folder + "TempCompass/meta_info.json")]
    public void TempCompass_all_four_tasks_by_dimension()
    {
        var file = Load("tempcompass", "multi-choice", "yes_no", "caption_matching", "captioning", "meta_info");
        Assert.Empty(file.Problems);
        Assert.Equal((7540, 410), (file.Questions.Count, file.Questions.Select(question => question.VideoId).Distinct().Count()));
        (string Task, int[] Dimensions)[] counts =
        [
            ("multi-choice", [338, 335, 317, 302, 288]), ("yes_no", [592, 494, 537, 382, 448]), ("caption_matching", [297, 327, 291, 300, 288]), ("captioning", [396, 436, 388, 400, 384]),
        ];
        foreach (var (task, dimensions) in counts)
            Assert.Equal(dimensions, new[] { "action", "direction", "speed", "order", "attribute_change" }.Select(dimension =>
                file.Questions.Count(question => question.Task == task && question.Groups[1].Name == dimension)));
        Assert.All(file.Questions.Where(question => question.Task == "captioning"), question => Assert.NotNull(question.Reference));
        Assert.All(file.Questions.Where(question => question.Groups[1].Name is "action"), question => Assert.Contains(question.Groups, group => group.Kind == "aspect"));

        static BenchmarkFile Load(string slug, params string[] stems) => Read(slug, [.. stems.Select(stem => $"TempCompass/{stem}.json")]);
    }

    private static (int Questions, int Videos) Loaded(string slug, params string[] files)
    {
        var file = Read(slug, files);
        Assert.Empty(file.Problems);
        Assert.All(file.Questions, question => Assert.False(string.IsNullOrWhiteSpace(question.Prompt)));
        return (file.Questions.Count, file.Questions.Select(question => question.VideoId).Distinct().Count());
    }

    private static BenchmarkFile Read(string slug, params string[] files) =>
        KnownBenchmarks.Find(slug)!.Load([.. files.Select(file => new AnnotationFile(file, BenchmarkGoldenFactAttribute.Read(Folder + file)))]);
}
