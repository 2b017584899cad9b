using System.Diagnostics;
using System.Text;
using Tpo.Cli.Verbs;
using Tpo.Shared.Models;

namespace Tpo.Cli.Benches;

/// <summary>
/// How fast text becomes tokens, on one thread: 8 MB of prose, subtitles, numbers, code and other scripts; every word is new to the tokenizer
/// when it first comes. With the real Qwen2.5 tokenizer where setup has fetched it, else with the shipped model's small one.
/// </summary>
internal static class TokenizerSpeed
{
    private const int Bytes = 8_000_000;
    private const int Runs = 5;

    public static Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellation)
    {
        var qwen = Path.Combine(Surroundings.Root, "infra", "offline", "node_modules", "@lenml", "tokenizer-qwen2_5", "models");
        var folder = File.Exists(Path.Combine(qwen, "tokenizer.json")) ? qwen : Path.Combine(Surroundings.Root, "infra", "local", "models", "tpo-nano");
        string[] lines = [.. Lines()];
        var megabytes = lines.Sum(Encoding.UTF8.GetByteCount) / 1e6;
        var speeds = new List<double>();
        long tokens = 0;
        for (var run = 0; run <= Runs; run++)
        {
            cancellation.ThrowIfCancellationRequested();
            // A tokenizer of its own each time: no run finds the words that another has merged.
            var tokenizer = Tokenizer.Load(folder);
            var clock = Stopwatch.StartNew();
            tokens = lines.Sum(line => (long)tokenizer.Encode(line).Length);
            // The first run compiles.
            if (run > 0)
                speeds.Add(megabytes / clock.Elapsed.TotalSeconds);
        }
        Console.WriteLine($"{megabytes:F1} MB in {lines.Length} texts to {tokens} tokens with {Path.GetRelativePath(Surroundings.Root, folder)}: {speeds.Min():F1} to {speeds.Max():F1} MB/s in {Runs} runs, one thread");
        return Task.FromResult<IReadOnlyList<Figure>>([new Figure("encode_mb_per_s", speeds.Order().ElementAt(Runs / 2), '>', 5)]);
    }

    /// <summary>Words of each script are drawn with a few common and many rare ones; one word in twenty is made up and comes once.</summary>
    private static IEnumerable<string> Lines()
    {
        string[][] scripts =
        [
            "the a of and to in is video man woman opens door after before shows camera red blue circle walks what happens first then appears while holding another person near table".Split(' '),
            "he'll don't it's we've 12.5 3601 00:12:41,500 --> [Music] (B) frames, seconds; \"quote\" https://example.com/a?b=1 foo_bar() => {x:1}; // end".Split(' '),
            "Привет мир камера человек открывает дверь после красный круг сначала потом появляется женщина держит".Split(' '),
            "動画 最初に 何が 映り ますか 赤い 円 の 後に 人物 が ドアを 開け 视频 里 首先 出现 什么 之后 男人 打开 门".Split(' '),
            "안녕하세요 비디오 에서 먼저 나오는 것은 무엇 الرجل يفتح الباب بعد ذلك वीडियो में पहले क्या 😀 🎬 👩‍👩‍👧 é à ñ œuvre cafe\u0301".Split(' '),
        ];
        var random = new Random(3);
        var line = new StringBuilder();
        for (var written = 0; written < Bytes; written += Encoding.UTF8.GetByteCount(line.ToString()))
        {
            line.Clear();
            var words = scripts[random.Next(8) < 4 ? 0 : random.Next(scripts.Length)];
            for (var i = 0; i < 40; i++)
            {
                line.Append(i == 0 ? "" : random.Next(15) == 0 ? "\n" : " ");
                if (random.Next(20) == 0)
                    for (var letters = random.Next(3, 12); letters > 0; letters--)
                        line.Append((char)('a' + random.Next(26)));
                else
                    line.Append(words[Math.Min(random.Next(words.Length), random.Next(words.Length))]);
            }
            yield return line.ToString();
        }
    }
}
