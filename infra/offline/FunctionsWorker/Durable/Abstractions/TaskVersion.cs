namespace Microsoft.DurableTask;

/// <summary>The version of an orchestration, such as `2.1`; compared ignoring case.</summary>
public readonly struct TaskVersion(string? version) : IEquatable<TaskVersion>
{
    private readonly string? text = version;

    public static readonly TaskVersion Unversioned = new("");

    public string Version => text ?? "";

    public static implicit operator string(TaskVersion value) => value.Version;

    public static implicit operator TaskVersion(string? value) => new(value);

    public static bool operator ==(TaskVersion a, TaskVersion b) => a.Equals(b);

    public static bool operator !=(TaskVersion a, TaskVersion b) => !a.Equals(b);

    public bool Equals(TaskVersion other) => string.Equals(Version, other.Version, StringComparison.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => obj is TaskVersion other && Equals(other);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Version);

    /// <summary>None is older than any; two that read as numbers (`1.10`, `1.9`) are compared as such, others as text.</summary>
    internal static int Compare(string a, string b) =>
        string.IsNullOrWhiteSpace(a) || string.IsNullOrWhiteSpace(b)
            ? (string.IsNullOrWhiteSpace(a) ? 0 : 1) - (string.IsNullOrWhiteSpace(b) ? 0 : 1)
        : System.Version.TryParse(a, out var one) && System.Version.TryParse(b, out var other) ? one.CompareTo(other)
        : string.Compare(a, b, StringComparison.OrdinalIgnoreCase);
}
