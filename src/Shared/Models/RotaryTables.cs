using Microsoft.ML.OnnxRuntime;

namespace Tpo.Shared.Models;

/// <summary>cos and sin of p·θ^(−2i/h), [positions, h/2] each: one pair for all caches of a model, made longer when one asks for more.</summary>
internal sealed class RotaryTables(double theta, int headSize) : IDisposable
{
    private OrtValue? _cosines, _sines;
    private int _positions;

    public (OrtValue Cosines, OrtValue Sines) For(int positions)
    {
        if (positions > _positions)
        {
            Dispose();
            (_cosines, _sines) = Compute(_positions = positions);
        }
        return (_cosines!, _sines!);
    }

    public void Dispose()
    {
        _cosines?.Dispose();
        _sines?.Dispose();
    }

    private (OrtValue Cosines, OrtValue Sines) Compute(int positions)
    {
        var half = headSize / 2;
        var cosines = new float[positions * half];
        var sines = new float[positions * half];
        for (var i = 0; i < half; i++)
        {
            var frequency = Math.Pow(theta, -2.0 * i / headSize);
            for (var position = 0; position < positions; position++)
            {
                var (sine, cosine) = Math.SinCos(position * frequency);
                cosines[position * half + i] = (float)cosine;
                sines[position * half + i] = (float)sine;
            }
        }
        long[] shape = [positions, half];
        return (OrtValue.CreateTensorValueFromMemory(cosines, shape), OrtValue.CreateTensorValueFromMemory(sines, shape));
    }
}
