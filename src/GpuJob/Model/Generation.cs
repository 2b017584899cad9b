using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>How a continuation is chosen.</summary>
/// <param name="MaxNewTokens">the continuation's greatest length</param>
/// <param name="Temperature">0 = always the likeliest token</param>
/// <param name="TopP">the smallest set of likeliest tokens that together have at least this probability is drawn from; 1 = all</param>
/// <param name="Seed">the same seed gives the same continuation</param>
/// <param name="StopTokens">ends the continuation and is not part of it</param>
public sealed record GenerationChoices(int MaxNewTokens, double Temperature = 0, double TopP = 1, int Seed = 0, params int[] StopTokens);

/// <summary>
/// Token after token, the whole sequence anew for each: slow and simple, with no cache that could be wrong. What the serving engine is
/// compared with.
/// </summary>
public static class Generation
{
    /// <summary>The prompt's rows [T, d] → the tokens that follow.</summary>
    public static IReadOnlyList<int> Generate(LlavaQwenForCausalLM model, Tensor prompt, GenerationChoices choices)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var dice = new Random(choices.Seed);
        var tokens = new List<int>();
        Tensor rows = prompt;
        while (tokens.Count < choices.MaxNewTokens)
        {
            using var step = NewDisposeScope();
            float[] logits = PlainSequence.LastLogits(model, rows).to_type(ScalarType.Float32).cpu().data<float>().ToArray();
            int next = Pick(logits, choices.Temperature, choices.TopP, dice);
            if (choices.StopTokens.Contains(next))
                break;
            tokens.Add(next);
            Tensor newest = model.Embed(tensor(new long[] { next }).to(model.Device));
            rows = cat(new Tensor[] { rows, newest }, 0).MoveToOuterDisposeScope();
        }
        return tokens;
    }

    /// <summary>One token of logits [vocabulary]: the likeliest (of equals the first), or a throw of the dice by <see cref="Probabilities"/>.</summary>
    public static int Pick(ReadOnlySpan<float> logits, double temperature, double topP, Random dice)
    {
        if (temperature <= 0)
        {
            var best = 0;
            for (var i = 1; i < logits.Length; i++)
                best = logits[i] > logits[best] ? i : best;
            return best;
        }
        double[] probabilities = Probabilities(logits, temperature, topP);
        double mark = dice.NextDouble();
        for (var i = 0; i < probabilities.Length; i++)
        {
            mark -= probabilities[i];
            if (mark < 0)
                return i;
        }
        // Rounding may leave a crumb of the dice's range behind the last token.
        return Array.FindLastIndex(probabilities, probability => probability > 0);
    }

    /// <summary>
    /// softmax(logits / temperature), then only the smallest set of likeliest tokens that reaches topP (always the likeliest), scaled to
    /// sum to 1. [vocabulary] → [vocabulary]
    /// </summary>
    public static double[] Probabilities(ReadOnlySpan<float> logits, double temperature, double topP)
    {
        double[] weights = new double[logits.Length];
        float largest = logits[0];
        foreach (float logit in logits)
            largest = Math.Max(largest, logit);
        for (var i = 0; i < weights.Length; i++)
            weights[i] = Math.Exp((logits[i] - (double)largest) / temperature);
        double all = weights.Sum();

        double kept = 0;
        foreach (int token in Enumerable.Range(0, weights.Length).OrderByDescending(i => weights[i]).ThenBy(i => i))
        {
            if (kept > 0 && kept >= topP * all)
                weights[token] = 0;
            else
                kept += weights[token];
        }
        return [.. weights.Select(weight => weight / kept)];
    }
}
