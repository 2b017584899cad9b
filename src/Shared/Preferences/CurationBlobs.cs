namespace Tpo.Shared.Preferences;

/// <summary>
/// Blob names inside the `curation` container. A stage's output carries a hash of everything that went into it, so a name that exists is
/// that very work, done; `pairs.jsonl`, `rejected.jsonl` and `manifest.json` are the newest curation's.
/// </summary>
public static class CurationBlobs
{
    public static string Asset(string videoId) => $"{videoId}/asset.json";
    public static string Owner(string videoId) => $"{videoId}/owner.json";
    public static string Plan(string videoId, string hash) => $"{videoId}/plan-{hash}.json";
    public static string Captions(string videoId, string view, string hash) => $"{videoId}/captions/{view}-{hash}.json";
    public static string Queries(string videoId, string hash) => $"{videoId}/queries-{hash}.json";
    public static string Answers(string videoId, string view, string hash) => $"{videoId}/answers/{view}-{hash}.json";
    public static string Judged(string videoId, string hash) => $"{videoId}/judged-{hash}.jsonl";
    public static string Pairs(string videoId) => $"{videoId}/pairs.jsonl";
    public static string Rejected(string videoId) => $"{videoId}/rejected.jsonl";
    public static string Review(string pairId, string reviewer) => $"reviews/{pairId}/{reviewer}.json";
    /// <summary>What the video's questions became when another model answered them, for one round of a training run.</summary>
    public static string Round(string videoId, string runId) => $"{videoId}/rounds/{runId}.json";
    public static string Manifest(string videoId) => $"{videoId}/manifest.json";
}
