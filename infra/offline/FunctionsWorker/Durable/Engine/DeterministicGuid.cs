using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>Version-5 GUIDs (RFC 9562: SHA-1 of namespace and name): the same place in the same orchestration gives the same one.</summary>
internal static class DeterministicGuid
{
    private static readonly byte[] space = Guid.Parse("9e952958-5e33-4daf-827f-2fa12937b875").ToByteArray(bigEndian: true);

    public static Guid Create(string instanceId, DateTime time, int counter)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{instanceId}_{time:o}_{counter}");
        var hash = SHA1.HashData([.. space, .. Encoding.UTF8.GetBytes(name)]);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
