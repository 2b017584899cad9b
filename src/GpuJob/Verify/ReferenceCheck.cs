using System.Globalization;

namespace Tpo.GpuJob.Verify;

/// <summary>What computes: the model in TorchSharp, or the exported graphs in ONNX Runtime. Kinds without a model take no notice.</summary>
public enum VerifyEngine
{
    Torch,
    Onnx,
}

/// <summary>One kind of reference numbers: how to know a path of this kind by its content, and how this build is compared with it.</summary>
public interface IReferenceCheck
{
    /// <summary>What a path of this kind is, for the sentence about one that is of no kind: "a model folder (…)".</summary>
    string Describes { get; }

    bool Recognises(string path);

    /// <summary>Computes and compares; lazily, file after file, so that each line is printed as soon as it is known.</summary>
    /// <exception cref="InvalidDataException">the reference itself cannot be used; the message says why</exception>
    IEnumerable<ReferenceFile> Check(string path, VerifyEngine engine);
}

/// <summary>What came of one file of reference numbers: a printed line.</summary>
/// <param name="File">path</param>
/// <param name="Compared">how much was compared, in words: "18 tensors"</param>
/// <param name="Findings">one for each thing compared; none means that nothing was, which fails</param>
public sealed record ReferenceFile(string File, string Compared, IReadOnlyList<Finding> Findings)
{
    public bool Passed => Findings.Count > 0 && Findings.All(finding => finding.Passed);

    /// <summary>The finding that is nearest to its tolerance or furthest over it.</summary>
    public Finding? Greatest => Findings.MaxBy(finding => finding.Share);
}

/// <summary>One comparison.</summary>
/// <param name="What">the tensor, the image, the lines</param>
/// <param name="Error">greatest error, in the unit of the tolerance; for what must be identical the number of differences</param>
/// <param name="Tolerance">greatest error that passes; 0 = identical</param>
/// <param name="Where">where the greatest error is, with both values; empty where there is no error</param>
public sealed record Finding(string What, double Error, double Tolerance, string Where)
{
    /// <summary>False also for an error that is no number.</summary>
    public bool Passed => Error <= Tolerance;

    /// <summary>The error as a share of the tolerance: comparable between findings of different units.</summary>
    internal double Share => Passed ? (Tolerance > 0 ? Error / Tolerance : 0) : Tolerance > 0 && !double.IsNaN(Error) ? Error / Tolerance : double.PositiveInfinity;

    /// <summary>Something that could not be compared at all.</summary>
    public static Finding Failed(string what, string why) => new(what, double.PositiveInfinity, 0, why);

    /// <summary>Two sequences that must be identical, item by item.</summary>
    public static Finding Identical<T>(string what, IReadOnlyList<T> expected, IReadOnlyList<T> found)
    {
        int common = Math.Min(expected.Count, found.Count);
        int[] different = [.. Enumerable.Range(0, common).Where(i => !EqualityComparer<T>.Default.Equals(expected[i], found[i]))];
        int count = different.Length + Math.Abs(expected.Count - found.Count);
        string where = different.Length > 0 ? $"[{different[0]}] is {found[different[0]]} instead of {expected[different[0]]}"
            : count > 0 ? $"{found.Count} instead of {expected.Count}" : "";
        return new Finding(what, count, 0, where);
    }

    public override string ToString()
    {
        if (Error == 0)
            return $"{What} identical";
        if (!double.IsFinite(Error))
            return $"{What}: {Where}";
        string place = Where.StartsWith('[') ? $"{What}{Where}" : $"{What}: {Where}";
        string measure = Tolerance > 0 ? "error {0:0.0E+00}, tolerance {1:0.##E+00}" : "differences: {0:0}";
        return $"{place} ({string.Format(CultureInfo.InvariantCulture, measure, Error, Tolerance)})";
    }
}
