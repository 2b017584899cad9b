using System.Globalization;
using System.Text;
using System.Text.Json;
using Tpo.GpuJob.Model;
using Tpo.Shared;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>`train --dry-run`: what a run's first step would learn, token by token, and what the run takes. Trains nothing and changes nothing in storage.</summary>
public static class DryRun
{
    /// <summary>Around each token that is scored.</summary>
    public const char Open = '⟦', Close = '⟧';

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="requestFile">a training request as `POST /api/training` takes it</param>
    /// <exception cref="InvalidDataException">the request asks for what cannot be, or its dataset is not there</exception>
    /// <exception cref="FileNotFoundException">there is no such base model</exception>
    public static async Task<int> RunAsync(TpoStorage storage, string requestFile, TextWriter output, CancellationToken stop)
    {
        TrainingRequest request = await ReadAsync(requestFile, stop);
        string folder = Directory.CreateTempSubdirectory("tpo-dry-run-").FullName;
        try
        {
            await RunOutline.DownloadModelAsync(storage, request.BaseModel, folder, stop);
            RunOutline outline = await RunOutline.ReadAsync(storage, request, folder, stop);
            if (request.Dataset != outline.Request.Dataset)
                await output.WriteLineAsync($"'{request.Dataset}' is looked at in its newest version; a run builds a new one where pairs have been kept since.");
            foreach (string line in Lines(outline))
                await output.WriteLineAsync(line);
            await output.WriteLineAsync(await RoomAsync(outline, stop));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The first step's pairs and the run's numbers.</summary>
    public static IEnumerable<string> Lines(RunOutline outline)
    {
        TrainingRequest request = outline.Request;
        double At(int step) => LearningRate.At(step, request.Steps, request.LearningRate, request.WarmupRatio);
        yield return $"base model {request.BaseModel}, dataset {request.Dataset}: {outline.Pairs.Count} pairs of {outline.Videos} videos, {request.FramesPerVideo} frames of each";
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{request.Steps} steps of {request.BatchSize} pairs: {(double)request.Steps * request.BatchSize / outline.Pairs.Count:0.##} epochs; learning rate {At(0):G3} at the first step, {At(request.Steps - 1):G3} at the last");
        foreach ((int index, PreferencePair pair) in outline.Batch(0).Index())
        {
            yield return "";
            yield return $"first step, pair {index + 1} of {request.BatchSize}: {pair.PairId}, video {pair.VideoBlob}";
            foreach (string line in Pair(outline.Sequence(pair), outline.Tokenizer, outline.Config))
                yield return "  " + line;
        }
        yield return "";
    }

    /// <summary>One row as the model sees it, each scored token in brackets.</summary>
    public static IEnumerable<string> Pair(BranchedSequence sequence, Tokenizer tokenizer, CheckpointConfig config)
    {
        var scored = sequence.Targets.Select(target => (target.Row, target.Branch)).ToHashSet();
        int behind = sequence.Before.Length + sequence.VideoTokens;
        yield return "prompt    " + Text(sequence.Before, row => scored.Contains((row - 1, AnswerTarget.Shared)), tokenizer);
        yield return $"video     {sequence.VideoTokens} tokens";
        yield return "question  " + Text(sequence.After, row => scored.Contains((behind + row - 1, AnswerTarget.Shared)), tokenizer);
        int start = sequence.PrefixLength, longest = 0;
        for (int branch = 0; branch < sequence.Branches.Count; branch++)
        {
            (Branch own, int first) = (sequence.Branches[branch], start);
            int[] tokens = [.. own.Context, .. own.Answer];
            yield return $"{(branch == 0 ? "chosen  " : "rejected")}  " + Text(tokens, row => scored.Contains((row == 0 ? sequence.PrefixLength - 1 : first + row - 1, branch)), tokenizer);
            (start, longest) = (start + tokens.Length - 1, Math.Max(longest, sequence.PrefixLength + tokens.Length - 1));
        }
        int Of(int branch) => sequence.Targets.Count(target => target.Branch == branch);
        yield return $"tokens    prefix {sequence.PrefixLength}, scored {sequence.SharedTargets} of the prefix, {Of(0)} of chosen, {Of(1)} of rejected; one row of {sequence.Length}; "
            + $"{longest} of the {config.MaxLength} that the model reads{(longest > config.MaxLength ? ": TOO LONG, training refuses it" : "")}";
    }

    /// <summary>Text with line breaks written as \n; a scored token alone in brackets, as its bytes where they are no whole characters.</summary>
    private static string Text(IReadOnlyList<int> ids, Func<int, bool> isScored, Tokenizer tokenizer)
    {
        var text = new StringBuilder();
        for (int row = 0, end; row < ids.Count; row = end)
        {
            for (end = row + 1; !isScored(row) && end < ids.Count && !isScored(end); end++) { }
            text.Append(isScored(row) ? $"{Open}{One(tokenizer.BytesOf(ids[row]))}{Close}" : tokenizer.Decode(ids.Skip(row).Take(end - row)));
        }
        return text.ToString().Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
    }

    private static string One(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return string.Concat(bytes.ToArray().Select(value => $"\\x{value:x2}"));
        }
    }

    private static async Task<TrainingRequest> ReadAsync(string file, CancellationToken stop)
    {
        try
        {
            var request = JsonSerializer.Deserialize<TrainingRequest>(await File.ReadAllTextAsync(file, stop), TpoJson.Options)
                ?? throw new InvalidDataException($"'{file}' is no training request.");
            var wrong = TrainingRules.Check(request);
            return wrong.Count == 0 ? request : throw new InvalidDataException(string.Join('\n', wrong.Select(error => $"{error.Field}: {error.Sentence}")));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{file}' is no training request: {e.Message}", e);
        }
    }

    /// <summary>What the run takes, and whether this machine has it.</summary>
    private static async Task<string> RoomAsync(RunOutline outline, CancellationToken stop)
    {
        TrainingMemoryPlan plan = outline.Plan(cuda.is_available());
        (long? device, long host) = await TrainingRoom.FreeAsync(stop);
        try
        {
            TrainingFit.Require(plan, device, host);
            return $"memory    {plan}; it fits this machine";
        }
        catch (InsufficientMemoryException refusal)
        {
            return $"memory    on this machine: {refusal.Message}";
        }
    }
}
