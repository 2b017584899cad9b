using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Tpo.Shared.Preferences;

/// <summary>
/// A pair's identity: a hash of everything that decides it (video bytes, views, query, answers, prompts, model revision, seed, verdict)
/// and of nothing that differs between two runs of the same work (what it cost, under which of its names the video was uploaded, what others said of it).
/// </summary>
public static class PairIds
{
    /// <summary>The pair under its id.</summary>
    public static PreferencePair Sign(PreferencePair pair) => pair with { PairId = Of(pair) };

    public static string Of(PreferencePair pair) => Hash(JsonSerializer.Serialize(WithoutCircumstances(pair) with { PairId = "" }, TpoJson.Options));

    /// <summary>The pair as two runs of the same work must both write it, to the bit.</summary>
    public static PreferencePair WithoutCircumstances(PreferencePair pair) => pair with { Cost = Cost.None, VideoBlob = "", Review = null, SecondOpinion = null };

    /// <summary>The first 24 hex digits (96 bits) of the SHA-256 of the parts.</summary>
    public static string Hash(params IEnumerable<string> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))))[..24];
}
