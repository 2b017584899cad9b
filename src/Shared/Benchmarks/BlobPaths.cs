namespace Tpo.Shared.Benchmarks;

/// <summary>Names out of annotation files become parts of blob names: these keep them inside their folder.</summary>
internal static class BlobPaths
{
    public static bool IsSegment(string name) =>
        name is { Length: > 0 and <= 255 } and not ("." or "..") && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@');

    public static bool IsPath(string path) => path.Length <= 800 && path.Split('/').All(segment => IsSegment(segment.Replace(' ', '_').Replace('+', '_')));
}
