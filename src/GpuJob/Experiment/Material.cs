using Tpo.GpuJob.Synthetic;
using Tpo.GpuJob.Synthetic.Suites;
using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Experiment;

/// <summary>One question in the words and letters of one benchmark, as its ordinary loader read it from the suite's file.</summary>
public sealed record AskedQuestion(SuiteQuestion Question, ChoiceFormat Format, string Prompt, string Gold, int Options);

/// <summary>Real H.264 videos of the world and their questions in four benchmarks' files, made once and kept.</summary>
/// <param name="Name">short or long</param>
/// <param name="Frames">uniform frames in which the videos are shown</param>
public sealed record Material(string Name, int Frames, string Folder, IReadOnlyList<SyntheticVideo> Videos, IReadOnlyList<AskedQuestion> Asked)
{
    private const int Side = 128;

    public string PathOf(SyntheticVideo video) => Path.Combine(Folder, "videos", $"{video.Name}.mp4");

    /// <summary>Renders the videos where they are not there yet; half-made folders never pass for whole ones.</summary>
    public static async Task<Material> MakeAsync(
        string home, string name, WorldShape shape, string split, uint seed, int count, int perVideo, CancellationToken cancel)
    {
        SyntheticVideo[] videos = [.. Enumerable.Range(0, count).Select(index => World.Video(split, seed, index, shape))];
        var questions = SuiteQuestions.Of(videos, perVideo, seed);
        // The videos' names are hashes of their seeds alone, so the folder's name says the shape too: another world never finds this one's files.
        var folder = Path.Combine(home, $"{split}-{name}-{seed}-{shape.MinScenes}-{shape.MaxScenes}-{shape.MinSceneSeconds}-{shape.MaxSceneSeconds}-{count}");
        if (!Directory.Exists(folder))
        {
            Console.WriteLine($"rendering {count} {name} videos, {videos.Sum(video => video.DurationSeconds) / 60:F0} minutes of them ...");
            var partial = $"{folder}.partial";
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
            await VideoWriter.WriteAllAsync(videos, Side, Path.Combine(partial, "videos"), cancel);
            Directory.Move(partial, folder);
        }
        await SuiteWriter.WriteAsync(questions, Side, folder, cancel);
        return new Material(name, shape.Frames, folder, videos, Load(folder, questions));
    }

    /// <summary>Reads the four files back with the loaders that read the benchmarks' own.</summary>
    private static IReadOnlyList<AskedQuestion> Load(string folder, IReadOnlyList<SuiteQuestion> questions)
    {
        var byId = questions.ToDictionary(question => question.Id);
        string Read(string file) => File.ReadAllText(Path.Combine(folder, file));
        return
        [
            .. Join(LongVideoBench.Load(Read(LongVideoBench.FileName)), ChoiceFormat.LongVideoBench, byId),
            .. Join(MlvuFiles.Load(folder), ChoiceFormat.Mlvu, MlvuFiles.ById(questions)),
            .. Join(VideoMme.Load(Read(VideoMme.FileName)), ChoiceFormat.VideoMme, byId),
            .. Join(NextGqa.Load(Read(NextGqa.FileName)), ChoiceFormat.NextGqa, byId),
        ];
    }

    private static IEnumerable<AskedQuestion> Join(BenchmarkFile file, ChoiceFormat format, IReadOnlyDictionary<string, SuiteQuestion> byId) =>
        file.Problems.Count > 0 ? throw new InvalidDataException(file.Problems[0])
            : file.Questions.Select(loaded => new AskedQuestion(byId[loaded.Id], format, loaded.Prompt, loaded.Gold, loaded.Options));
}
