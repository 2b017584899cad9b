using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text;

namespace Tpo.Shared.Models;

/// <summary>
/// Picks the next token: the likeliest at temperature 0, else by softmax(logits / temperature) over the smallest set of likeliest tokens
/// that reaches topP. The dice depend on the seed and the question alone, so an answer never depends on which other questions were asked.
/// </summary>
public sealed class TokenSampler(GenerationOptions options, string question)
{
    private readonly Random _dice = new(options.Seed ^ BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(question))));

    /// <summary>Of equals the first.</summary>
    public static int Likeliest(ReadOnlySpan<float> logits) => TensorPrimitives.IndexOfMax(logits);

    public int Pick(ReadOnlySpan<float> logits)
    {
        var best = Likeliest(logits);
        if (options.Temperature <= 0)
            return best;

        var weights = new double[logits.Length];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = Math.Exp((logits[i] - logits[best]) / options.Temperature);
        var mark = _dice.NextDouble() * KeepNucleus(weights, options.TopP);
        for (var i = 0; i < weights.Length; i++)
        {
            mark -= weights[i];
            if (mark < 0)
                return i;
        }
        return best;
    }

    /// <summary>Sets all weights but those of the nucleus to 0 and returns the sum of the rest.</summary>
    private static double KeepNucleus(double[] weights, double topP)
    {
        var all = weights.Sum();
        if (topP >= 1)
            return all;
        var kept = 0.0;
        foreach (var token in Enumerable.Range(0, weights.Length).OrderByDescending(i => weights[i]).ThenBy(i => i).ToArray())
        {
            if (kept > 0 && kept >= topP * all)
                weights[token] = 0;
            else
                kept += weights[token];
        }
        return kept;
    }
}
