using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Tpo.Shared.Models;

/// <summary>
/// Picks the next token: the likeliest at temperature 0, else by softmax(logits / temperature). The dice depend on the seed and the
/// question alone, so an answer never depends on which other questions were asked.
/// </summary>
public sealed class TokenSampler(double temperature, int seed, string question)
{
    private readonly Random _dice = new(seed ^ BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(question))));

    public int Pick(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best])
                best = i;
        }
        if (temperature <= 0)
            return best;

        var weights = new double[logits.Length];
        var total = 0.0;
        for (var i = 0; i < weights.Length; i++)
            total += weights[i] = Math.Exp((logits[i] - logits[best]) / temperature);
        var mark = _dice.NextDouble() * total;
        for (var i = 0; i < weights.Length; i++)
        {
            mark -= weights[i];
            if (mark < 0)
                return i;
        }
        return best;
    }
}
