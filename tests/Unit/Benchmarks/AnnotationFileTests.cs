using Parquet.Serialization;
using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class AnnotationFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tpo-annotations-").FullName;

    [Fact]
    public async Task Video_MME_is_read_from_its_parquet_file()
    {
        var file = await WriteAsync("test-00000-of-00001.parquet", new MmeRow
        {
            video_id = "901", duration = "short", domain = "Knowledge", sub_category = "Geography", url = "u", videoID = "x-Y_z", question_id = "901-1", task_type = "OCR Problems",
            question = "What does the sign say?", options = ["A. Stop.", "B. Go.", "C. Left.", "D. Exit."], answer = "D",
        });
        var question = Assert.Single(Sound(VideoMme.Benchmark.Load([file])));
        Assert.Equal(("901-1", "x-Y_z", "D"), (question.Id, question.VideoId, question.Gold));
        Assert.Contains("\nB. Go.\n", question.Prompt);
    }

    [Fact]
    public async Task LongVideoBench_is_read_from_its_parquet_twin_without_the_padding()
    {
        var file = await WriteAsync("validation-00000-of-00001.parquet", new LvbRow
        {
            id = "aB3_0", video_id = "aB3", video_path = "aB3.mp4", question = "What is red?", option0 = "hat", option1 = "car", option2 = "cup", option3 = "N/A", option4 = "N/A",
            correct_choice = 2, question_category = "T2O", level = "L1-Perception", duration_group = 60,
        });
        var question = Assert.Single(Sound(LongVideoBench.Benchmark.Load([file])));
        Assert.Equal((3, "C"), (question.Options, question.Gold));
        Assert.EndsWith("\nC. cup\nAnswer with the option's letter from the given choices directly.\n", question.Prompt);
    }

    [Fact]
    public async Task A_parquet_file_that_is_none_is_named()
    {
        var path = Path.Combine(_folder, "broken.parquet");
        await File.WriteAllTextAsync(path, "no such thing");
        Assert.StartsWith($"{path}: is no parquet file", (await Assert.ThrowsAsync<InvalidDataException>(() => AnnotationFile.ReadAsync(path))).Message);
    }

    private static IReadOnlyList<BenchmarkQuestion> Sound(BenchmarkFile file)
    {
        Assert.Empty(file.Problems);
        return file.Questions;
    }

    private async Task<AnnotationFile> WriteAsync<T>(string name, params T[] rows) where T : class, new()
    {
        var path = Path.Combine(_folder, name);
        await using (var stream = File.Create(path))
            await ParquetSerializer.SerializeAsync(rows, stream);
        return await AnnotationFile.ReadAsync(path);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

#pragma warning disable IDE1006 // The columns' names.
    private sealed class MmeRow
    {
        public string video_id { get; set; } = "";
        public string duration { get; set; } = "";
        public string domain { get; set; } = "";
        public string sub_category { get; set; } = "";
        public string url { get; set; } = "";
        public string videoID { get; set; } = "";
        public string question_id { get; set; } = "";
        public string task_type { get; set; } = "";
        public string question { get; set; } = "";
        public List<string> options { get; set; } = [];
        public string answer { get; set; } = "";
    }

    private sealed class LvbRow
    {
        public string id { get; set; } = "";
        public string video_id { get; set; } = "";
        public string video_path { get; set; } = "";
        public string question { get; set; } = "";
        public string option0 { get; set; } = "";
        public string option1 { get; set; } = "";
        public string option2 { get; set; } = "";
        public string option3 { get; set; } = "";
        public string option4 { get; set; } = "";
        public int correct_choice { get; set; }
        public string question_category { get; set; } = "";
        public string level { get; set; } = "";
        public int duration_group { get; set; }
    }
#pragma warning restore IDE1006
}
