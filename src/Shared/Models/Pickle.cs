namespace Tpo.Shared.Models;

/// <summary>PyTorch's own weight files (`.bin`, `.pt`, `.pth`) are pickles: programs that run when they are read. They are refused.</summary>
internal static class Pickle
{
    public const string WhatToDo =
        "A pickle runs code when it is read, so it never is here. Convert it once, where PyTorch and the safetensors package are: "
        + "python3 -c \"import sys, torch; from safetensors.torch import save_file; weights = {}; "
        + "[weights.update(torch.load(f, map_location='cpu', weights_only=True)) for f in sys.argv[1:]]; "
        + "save_file({name: tensor.clone().contiguous() for name, tensor in weights.items()}, 'model.safetensors', {'format': 'pt'})\" pytorch_model*.bin "
        + "(a head that is tied to the embeddings must be left out).";

    private static readonly string[] Endings = [".bin", ".pt", ".pth", ".ckpt", ".pkl"];

    /// <summary>The beginning of a zip archive, as torch.save writes since 1.6, or of a bare pickle (protocol 2 and later), as before.</summary>
    public static bool Begins(ReadOnlySpan<byte> bytes) =>
        bytes is [(byte)'P', (byte)'K', 3, 4, ..] or [0x80, >= 2 and <= 5, ..];

    public static bool IsName(string fileName) => Endings.Any(ending => fileName.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>The weight files of that kind in a folder, in ordinal order.</summary>
    public static string[] In(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)).Where(IsName).Where(name => name != "training_args.bin").Order(StringComparer.Ordinal)] : [];
}
