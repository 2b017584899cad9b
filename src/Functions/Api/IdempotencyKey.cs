using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Tpo.Functions.Api;

/// <summary>Run ids: fresh ones, or the one that an `Idempotency-Key` header always gives, so that a repeated POST starts nothing twice.</summary>
internal static class IdempotencyKey
{
    public static string RunId(HttpRequest request, string prefix)
    {
        var key = request.Headers["Idempotency-Key"].ToString();
        return key.Length == 0
            ? $"{prefix}-{Guid.NewGuid().ToString("N")[..12]}"
            : $"{prefix}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{prefix}:{key}")))[..12]}";
    }
}
