using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>Functions with a backward of their own: native/function.cpp.</summary>
internal static unsafe partial class Native
{
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial void tpo_refuse(string words);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int tpo_function(
        string title, ReadOnlySpan<nint> inputs, int n, ReadOnlySpan<nint> outputs, int m, ReadOnlySpan<nint> saved, int s,
        nint context, delegate* unmanaged<nint, nint*, int, nint*, int, nint*, int, int> backward, delegate* unmanaged<nint, void> release);
}
