using Microsoft.Extensions.AI;

namespace Tpo.Shared.Benchmarks;

/// <summary>Judges free answers of benchmarks. Deterministic: asked twice, it says the same.</summary>
public interface IBenchmarkJudge
{
    /// <summary>Name of the model that judges; part of every result that it judged.</summary>
    string Id { get; }

    /// <summary>The judge's words; null where it was cut off.</summary>
    Task<string?> AskAsync(JudgeRequest request, CancellationToken cancellation);
}

/// <summary>Any chat model as a judge, at temperature 0.</summary>
public sealed class ChatBenchmarkJudge(IChatClient client, string modelId) : IBenchmarkJudge
{
    private static readonly ChatOptions Deterministic = new() { Temperature = 0, MaxOutputTokens = 256 };

    public string Id => modelId;

    public async Task<string?> AskAsync(JudgeRequest request, CancellationToken cancellation)
    {
        var response = await client.GetResponseAsync([new(ChatRole.System, request.System), new(ChatRole.User, request.User)], Deterministic, cancellation);
        return response.FinishReason is { } end && end != ChatFinishReason.Stop ? null : response.Text;
    }
}

/// <param name="Words">what the judge said, by the question's id</param>
public sealed record Judgements(string JudgeId, IReadOnlyDictionary<string, string> Words);

public static class BenchmarkJudging
{
    /// <summary>Asks a judge about those answers that no rule can read, in the order of the questions.</summary>
    /// <exception cref="NotSupportedException">The protocol has nothing to be judged.</exception>
    public static async Task<Judgements> JudgeAsync(
        BenchmarkProtocol protocol, IReadOnlyList<BenchmarkQuestion> questions, IReadOnlyDictionary<string, string> answers, IBenchmarkJudge judge,
        CancellationToken cancellation)
    {
        if (protocol.Judge is not { } rules)
            throw new NotSupportedException($"'{protocol.Name}' reads every answer by rules: there is nothing to judge.");
        var words = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var question in questions)
        {
            if (answers.TryGetValue(question.Id, out var answer) && protocol.Read(question, answer).Credit is null
                && await judge.AskAsync(rules.Ask(question, answer), cancellation) is { } said)
                words[question.Id] = said;
        }
        return new Judgements(judge.Id, words);
    }
}
