using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>An instance as the client API shows it.</summary>
internal static class InstanceStatusNames
{
    public static OrchestrationRuntimeStatus RuntimeStatus(this Instance instance) => instance.Suspended
        ? OrchestrationRuntimeStatus.Suspended
        : Enum.Parse<OrchestrationRuntimeStatus>(instance.Status.ToString());

    public static string StatusName(this Instance instance) => instance.RuntimeStatus().ToString();

    public static OrchestrationMetadata ToMetadata(this Instance instance, DataConverter converter, bool withData) =>
        new(instance.Name, instance.Id)
        {
            RuntimeStatus = instance.RuntimeStatus(), CreatedAt = instance.CreatedAt, LastUpdatedAt = instance.UpdatedAt,
            Tags = instance.Tags ?? new Dictionary<string, string>(),
            DataConverter = withData ? converter : null,
            SerializedInput = withData ? instance.Input : null,
            SerializedOutput = withData ? instance.Output : null,
            SerializedCustomStatus = withData ? instance.CustomStatus : null,
            FailureDetails = withData ? instance.Failure : null,
        };
}
