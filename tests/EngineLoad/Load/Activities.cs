using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace Tpo.Tests.EngineLoad.Load;

/// <summary>Activities whose results follow from their inputs alone, in whatever process and however often they run.</summary>
public sealed class Activities(RunLog runs, IConfiguration settings)
{
    public const string Digest = "LoadDigest", Slow = "LoadSlow", Text = "LoadText", Flaky = "LoadFlaky", Fails = "LoadFails",
        Gate = "LoadGate";

    [Function(Digest)]
    public string RunDigest([ActivityTrigger] string text, string instanceId)
    {
        runs.Add(instanceId, Digest, text);
        return RunLog.Digest(text);
    }

    /// <summary>Takes from 0 to 150 ms, so that a kill often finds it running.</summary>
    [Function(Slow)]
    public async Task<string> RunSlow([ActivityTrigger] string text, string instanceId)
    {
        runs.Add(instanceId, Slow, text);
        var digest = RunLog.Digest(text);
        await Task.Delay(Convert.ToInt32(digest[..2], 16) * 150 / 255);
        return digest;
    }

    /// <summary>A text of that many letters.</summary>
    [Function(Text)]
    public string RunText([ActivityTrigger] int length, string instanceId)
    {
        runs.Add(instanceId, Text, $"{length}");
        return string.Create(length, 0, (letters, _) =>
        {
            for (var i = 0; i < letters.Length; i++) letters[i] = (char)('a' + i * 31L % 26);
        });
    }

    public sealed record Attempt(string Of, int Number, int FirstGood);

    /// <summary>Fails until the attempt that its caller says is good.</summary>
    [Function(Flaky)]
    public string RunFlaky([ActivityTrigger] Attempt attempt, string instanceId)
    {
        runs.Add(instanceId, Flaky, attempt.ToString());
        return attempt.Number >= attempt.FirstGood
            ? $"{attempt.Of} at attempt {attempt.Number}"
            : throw new InvalidOperationException($"{attempt.Of} is not ready at attempt {attempt.Number}");
    }

    [Function(Fails)]
    public string RunFails([ActivityTrigger] string text, string instanceId)
    {
        runs.Add(instanceId, Fails, text);
        throw new InvalidOperationException($"'{text}' always fails", new ArgumentException("as it must"));
    }

    /// <summary>Fails until somebody puts a file of the instance's name into the folder of setting `Load:Gates`.</summary>
    [Function(Gate)]
    public string RunGate([ActivityTrigger] string text, string instanceId)
    {
        runs.Add(instanceId, Gate, text);
        return File.Exists(Path.Combine(settings["Load:Gates"] ?? ".", instanceId))
            ? text
            : throw new InvalidOperationException($"the gate of {instanceId} is closed");
    }
}
