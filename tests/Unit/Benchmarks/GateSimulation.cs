using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Tests.Unit.Benchmarks;

/// <summary>
/// Nights that never were: two models on videos of three questions, with what is true about them known. A video is harder or easier (logit of the base's
/// accuracy: normal around the mean, deviation 1), and changes suit it or not (its questions' chance to differ leans to better or worse, deviation
/// `lean`), so that both the accuracies and the differences hang together within a video.
/// </summary>
/// <param name="discordance">share of questions that one model has right and the other wrong</param>
/// <param name="drop">by how much the candidate is truly worse; a share</param>
internal sealed class GateSimulation(int seed, int videos = 333, int questions = 3, double accuracy = 0.65, double discordance = 0.2, double drop = 0, double lean = 0.1)
{
    private const double LogitDeviation = 1;
    private readonly Random _random = new(seed);
    private readonly string[] _names = [.. Enumerable.Range(0, videos).Select(v => $"v{v:0000}")];
    private readonly double _logit = LogitOf(accuracy);

    /// <summary>One night: what the base has right, and the paired differences.</summary>
    public (Observation[] Base, Observation[] Differences) Night()
    {
        var (right, difference) = (new Observation[videos * questions], new Observation[videos * questions]);
        for (var video = 0; video < videos; video++)
        {
            var baseRight = 1 / (1 + Math.Exp(-(_logit + LogitDeviation * Normal())));
            // Better or worse is drawn apart from right or wrong where it can be: of the discordant, a share (1 + tilt) / 2 is better.
            var tilt = Math.Clamp(-drop / discordance + lean * Normal(), -1, 1);
            var (better, worse) = (discordance * (1 + tilt) / 2, discordance * (1 - tilt) / 2);
            var certain = Math.Clamp(baseRight - worse, 0, 1 - better - worse);
            for (var question = 0; question < questions; question++)
            {
                var draw = _random.NextDouble();
                var at = video * questions + question;
                difference[at] = new Observation(_names[video], draw < better ? 1 : draw < better + worse ? -1 : 0);
                right[at] = new Observation(_names[video], draw >= better && draw < better + worse + certain ? 1 : 0);
            }
        }
        return (right, difference);
    }

    /// <summary>The base's true accuracy, over videos: by many draws of a video's effect, clamped as above.</summary>
    public double TrueAccuracy()
    {
        var sum = 0.0;
        const int draws = 200_000;
        for (var i = 0; i < draws; i++)
        {
            var baseRight = 1 / (1 + Math.Exp(-(_logit + LogitDeviation * Normal())));
            var tilt = Math.Clamp(-drop / discordance + lean * Normal(), -1, 1);
            var (better, worse) = (discordance * (1 + tilt) / 2, discordance * (1 - tilt) / 2);
            sum += worse + Math.Clamp(baseRight - worse, 0, 1 - better - worse);
        }
        return sum / draws;
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    /// <summary>Where the normal must stand so that the mean over videos is the accuracy (MacKay's √(1 + π s²/8)).</summary>
    private static double LogitOf(double accuracy) => Math.Log(accuracy / (1 - accuracy)) * Math.Sqrt(1 + Math.PI * LogitDeviation * LogitDeviation / 8);
}
