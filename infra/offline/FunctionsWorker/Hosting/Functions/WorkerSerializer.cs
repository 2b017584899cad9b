using System.Text.Json;
using Azure.Core.Serialization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>Durable inputs and outputs through WorkerOptions.Serializer; values are written by their runtime type.</summary>
internal sealed class WorkerSerializer(IOptions<WorkerOptions> worker, IOptions<JsonSerializerOptions> json) : DataConverter
{
    private readonly ObjectSerializer serializer = worker.Value.Serializer ?? new JsonObjectSerializer(json.Value);

    public static WorkerSerializer Of(FunctionContext call) => call.InstanceServices.GetRequiredService<WorkerSerializer>();

    public override string? Serialize(object? value) =>
        value is null ? null : serializer.Serialize(value, value.GetType(), default).ToString();

    public override object? Deserialize(string? data, Type targetType) =>
        data is null ? Default(targetType) : serializer.Deserialize(BinaryData.FromString(data).ToStream(), targetType, default);

    private static object? Default(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;
}
