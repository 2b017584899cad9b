using Azure.Core.Serialization;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>How the worker behaves; set with `services.Configure&lt;WorkerOptions&gt;`.</summary>
public class WorkerOptions
{
    /// <summary>
    /// The serializer of Durable inputs and outputs. Null = System.Text.Json with the app's configured JsonSerializerOptions
    /// (names ignored in case when read, written as declared).
    /// </summary>
    public ObjectSerializer? Serializer { get; set; }
}
