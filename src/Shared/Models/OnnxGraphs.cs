using Microsoft.ML.OnnxRuntime;

namespace Tpo.Shared.Models;

/// <summary>The contract between the exporter and the server: file names, value names, and how a graph is opened.</summary>
public static class OnnxGraphs
{
    public const string Folder = "onnx";
    public const string Vision = "vision.onnx";
    public const string Embed = "embed.onnx";
    public const string Decoder = "decoder.onnx";
    public static readonly string[] All = [Vision, Embed, Decoder];

    public const string PixelValues = "pixel_values";
    public const string VideoTokens = "video_tokens";
    public const string EndOfVideo = "end_of_video";
    public const string InputIds = "input_ids";
    public const string InputsEmbeds = "inputs_embeds";
    public const string LogitRows = "logit_rows";
    public const string LastPosition = "seqlens_k";
    public const string TotalLength = "total_sequence_length";
    public const string Cosines = "cos_cache";
    public const string Sines = "sin_cache";
    public const string Positions = "position_ids";
    public const string AttentionBias = "attention_bias";
    public const string Logits = "logits";

    /// <summary>Whether this process's ONNX Runtime was built with CUDA kernels.</summary>
    public static bool HasCuda => OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider");

    public static string PastKey(int layer) => $"past_key.{layer}";
    public static string PastValue(int layer) => $"past_value.{layer}";
    public static string PresentKey(int layer) => $"present_key.{layer}";
    public static string PresentValue(int layer) => $"present_value.{layer}";

    /// <summary>
    /// Opens a graph from its bytes: only then may the weights lie outside the graph's own folder (ONNX Runtime refuses paths that leave it).
    /// </summary>
    /// <param name="weightFolder">the real folder of the files that the graph points into</param>
    /// <param name="cuda">computes on the first GPU; its attention leaves nothing to the CPU but the graph's ends</param>
    public static InferenceSession Open(string weightFolder, byte[] graph, ServingOptions serving, bool cuda = false)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = serving.Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", Path.GetFullPath(weightFolder));
        if (cuda)
            options.AppendExecutionProvider_CUDA(0);
        if (serving.LowMemory)
            options.AddSessionConfigEntry("session.disable_prepacking", "1");
        return new InferenceSession(graph, options);
    }
}
