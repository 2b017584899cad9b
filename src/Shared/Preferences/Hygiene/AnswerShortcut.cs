namespace Tpo.Shared.Preferences.Hygiene;

/// <summary>
/// How well somebody tells chosen from rejected who reads the two answers alone, without video and question: the share a model could gain by learning
/// a manner of speaking. A linear preference over words and word pairs (Bradley-Terry: P(chosen ≻ rejected) = σ(w·(f(chosen) − f(rejected)))),
/// fitted on some videos and asked about the others.
/// </summary>
public static class AnswerShortcut
{
    private const int Folds = 5;
    private const int Rounds = 60;
    private const double Rate = 0.5, Decay = 1e-3;

    /// <summary>Share of held-out pairs told right, 0.5 = by chance; null with pairs of fewer than two videos.</summary>
    public static double? Accuracy(IReadOnlyList<PreferencePair> pairs)
    {
        var videos = pairs.Select(pair => pair.VideoId).Distinct().Order(StringComparer.Ordinal).Index().ToDictionary(video => video.Item, video => video.Index);
        if (videos.Count < 2)
            return null;
        var folds = Math.Min(Folds, videos.Count);
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        var rows = pairs.Select(pair => (Fold: videos[pair.VideoId] % folds, Difference: Difference(pair, vocabulary))).ToList();
        return Enumerable.Range(0, folds).Sum(fold =>
        {
            var weights = Fit([.. rows.Where(row => row.Fold != fold).Select(row => row.Difference)], vocabulary.Count);
            return rows.Where(row => row.Fold == fold).Sum(row => Score(weights, row.Difference) switch { > 0 => 1, 0 => 0.5, _ => 0.0 });
        }) / pairs.Count;
    }

    /// <summary>Stochastic gradient ascent of the mean log-likelihood, in the pairs' order; the rate falls as 1/round.</summary>
    private static double[] Fit(IReadOnlyList<(int Feature, int Count)[]> differences, int features)
    {
        var weights = new double[features];
        for (var round = 0; round < Rounds; round++)
        {
            var rate = Rate / (1 + round);
            foreach (var difference in differences)
            {
                var surprise = 1 / (1 + Math.Exp(Score(weights, difference)));
                foreach (var (feature, count) in difference)
                    weights[feature] += rate * (surprise * count - Decay * weights[feature]);
            }
        }
        return weights;
    }

    private static double Score(double[] weights, (int Feature, int Count)[] difference) => difference.Sum(part => weights[part.Feature] * part.Count);

    /// <summary>f(chosen) − f(rejected): how many times more the chosen answer has each word and each pair of neighbouring words.</summary>
    private static (int Feature, int Count)[] Difference(PreferencePair pair, Dictionary<string, int> vocabulary)
    {
        var counts = new SortedDictionary<int, int>();
        foreach (var (text, sign) in new[] { (pair.Chosen, 1), (pair.Rejected, -1) })
        {
            string[] words = ["<", .. text.ToLowerInvariant().Split((char[])[' ', '\n', '\t', ',', '.', ';', ':', '!', '?', '"'], StringSplitOptions.RemoveEmptyEntries), ">"];
            foreach (var feature in words[1..^1].Concat(words.Zip(words.Skip(1), (left, right) => $"{left} {right}")))
            {
                if (!vocabulary.TryGetValue(feature, out var index))
                    vocabulary[feature] = index = vocabulary.Count;
                counts[index] = counts.GetValueOrDefault(index) + sign;
            }
        }
        return [.. counts.Where(count => count.Value != 0).Select(count => (count.Key, count.Value))];
    }
}
