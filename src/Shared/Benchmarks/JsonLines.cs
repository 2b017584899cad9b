using System.Runtime.InteropServices;
using System.Text.Json;

namespace Tpo.Shared.Benchmarks;

/// <summary>In which line of its file a piece of JSON begins.</summary>
internal static class JsonLines
{
    /// <param name="text">the file's text, whose whole JSON is `root`</param>
    /// <returns>the line of an element of `root`, counted from 1; looked up when it is asked for, since mostly nothing is wrong</returns>
    public static Func<JsonElement, int> Of(string text, JsonElement root)
    {
        var before = text.AsSpan(0, text.Length - text.AsSpan().TrimStart().Length).Count('\n') + 1;
        return element =>
        {
            var whole = JsonMarshal.GetRawUtf8Value(root);
            return whole.Overlaps(JsonMarshal.GetRawUtf8Value(element), out var offset) ? before + whole[..offset].Count((byte)'\n') : before;
        };
    }
}
