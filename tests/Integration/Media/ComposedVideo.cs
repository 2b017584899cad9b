using System.Globalization;
using Tpo.Shared;
using Tpo.Shared.Media;

namespace Tpo.Tests.Integration.Media;

/// <summary>Pieces of video one after the other: where each begins is known, and what is said in it.</summary>
/// <param name="Starts">seconds; of every piece</param>
/// <param name="Seconds">of the whole</param>
/// <param name="Kinds">of every piece: which clip or source it is from</param>
public sealed record ComposedVideo(string Path, string Subtitles, IReadOnlyList<double> Starts, double Seconds, IReadOnlyList<int> Kinds)
{
    private const int FramesPerSecond = 24;
    /// <summary>One description of the pictures for all pieces: a file has one.</summary>
    private const string Same = "scale=640:360:out_color_matrix=bt709:out_range=tv,setsar=1,setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709";
    private static readonly string[] Clips =
    [
        "one-by-one-person-detection.mp4", "bottle-detection.mp4", "display-dual-monitors.webm", "big_buck_bunny_0_30.webm", "sintel_trailer_480p_30s.mp4",
        "nasa_13013.mp4", "movie-hello.mp4", "cityCC0.mpg", "friday.mp4", "flower.mp4",
    ];
    private static readonly double[] ClipSeconds = [139, 39, 37, 30, 30, 12.5, 8.3, 7.5, 6.1, 5];
    private static readonly string[] Sources =
    [
        "testsrc2=size=640x360:rate=24", "mandelbrot=size=640x360:rate=24:start_scale=0.5", "life=size=160x90:rate=24:random_seed=SEED:mold=20:ratio=0.2:death_color=blue:life_color=yellow,scale=640:360:flags=neighbor",
        "yuvtestsrc=size=640x360:rate=24,scroll=v=0.004", "gradients=size=640x360:rate=24:seed=SEED:speed=0.02:c0=navy:c1=orange:c2=white:nb_colors=3", "smptebars=size=640x360:rate=24,scroll=h=0.004",
        "nullsrc=size=640x360:rate=24,geq=lum='128+90*sin((X+4*N)/23)*cos((Y+2*N)/31)':cb=100:cr=150",
    ];

    public IReadOnlyList<double> Joins => [.. Starts.Skip(1)];

    public static string Cue(int piece) => $"This is piece {piece}.";

    /// <summary>Pieces of the real clips, neighbours from different ones. Real clips have cuts of their own.</summary>
    public static Task<ComposedVideo> OfRealClipsAsync(TestVideos videos, string name, double seconds, int seed) => JoinAsync(videos, name, seconds, seed, Clips.Length, (clip, frames, random) =>
    {
        var start = random.NextDouble() * (ClipSeconds[clip] - (double)frames / FramesPerSecond);
        return string.Create(CultureInfo.InvariantCulture, $"-ss {Math.Max(0, start):F3} -i \"{System.IO.Path.Combine(Repository.Shared, "videos", Clips[clip])}\"");
    });

    /// <summary>Pieces that ffmpeg draws, in changing colours, from their third second on (some begin as noise that dies at once): there are no other cuts.</summary>
    public static Task<ComposedVideo> OfDrawnScenesAsync(TestVideos videos, string name, double seconds, int seed) => JoinAsync(videos, name, seconds, seed, Sources.Length,
        (source, _, random) => $"-ss 2 -f lavfi -i \"{Sources[source].Replace("SEED", $"{random.Next(10_000)}", StringComparison.Ordinal)},hue=h={random.Next(360)}\"");

    private static async Task<ComposedVideo> JoinAsync(TestVideos videos, string name, double seconds, int seed, int kinds, Func<int, int, Random, string> input)
    {
        var random = new Random(seed);
        var made = new List<(int Kind, string Path, int Frames)>();
        for (var i = 0; i < 3 * kinds; i++)
        {
            var (kind, frames) = (i % kinds, random.Next(3 * FramesPerSecond, i % kinds == Clips.Length - 1 ? 4 * FramesPerSecond : 5 * FramesPerSecond));
            made.Add((kind, await videos.MakeAsync($"{name}-{i}.ts",
                $"{input(kind, frames, random)} -map 0:V:0 -vf fps={FramesPerSecond},{Same} -frames:v {frames} -c:v libx264 -preset ultrafast -bf 2 -g 48 -pix_fmt yuv420p"), frames));
        }
        var (pieces, total) = (new List<(int Kind, string Path, int Frames)>(), 0);
        while (total < seconds * FramesPerSecond)
        {
            var next = made[random.Next(made.Count)];
            if (pieces.Count > 0 && pieces[^1].Kind == next.Kind)
                continue;
            pieces.Add(next);
            total += next.Frames;
        }
        double[] starts = [.. pieces.Select((_, i) => (double)pieces.Take(i).Sum(piece => piece.Frames) / FramesPerSecond)];
        var subtitles = videos.Write($"{name}.srt", System.Text.Encoding.UTF8.GetBytes(string.Concat(pieces.Select((piece, i) =>
            $"{i + 1}\n{Time(starts[i] + 0.5)} --> {Time(starts[i] + (double)piece.Frames / FramesPerSecond - 0.5)}\n{Cue(i)}\n\n"))));
        var list = videos.Write($"{name}.txt", System.Text.Encoding.UTF8.GetBytes(string.Concat(pieces.Select(piece => $"file '{piece.Path}'\n"))));
        var path = await videos.MakeAsync($"{name}.mp4", $"-f concat -safe 0 -i \"{list}\" -i \"{subtitles}\" -map 0:v -map 1:s -c:v copy -c:s mov_text");
        return new ComposedVideo(path, subtitles, starts, (double)total / FramesPerSecond, [.. pieces.Select(piece => piece.Kind)]);
    }

    private static string Time(double seconds) => TimeSpan.FromSeconds(seconds).ToString(@"hh\:mm\:ss\,fff", CultureInfo.InvariantCulture);
}
