using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>Chooses, once at start, how each parameter is filled; a parameter that nothing can fill stops the start.</summary>
internal static class ParameterBinding
{
    public static ParameterBinder For(LocalFunction function, ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (parameter == function.TriggerParameter)
            return ForTrigger(function, parameter);
        if (type == typeof(FunctionContext))
            return call => new(call);
        if (type == typeof(CancellationToken))
            return call => new(call.CancellationToken);
        if (parameter.IsDefined(typeof(DurableClientAttribute)))
            return type == typeof(DurableTaskClient)
                ? call => new(((IDurableClientSource)call.InstanceServices.GetService(typeof(IDurableClientSource))!).Client)
                : throw Unbindable(function, parameter, "[DurableClient] fills a DurableTaskClient");
        if (function.Trigger is HttpTriggerAttribute && HttpBinding.TryFor(function, parameter) is { } http)
            return http;
        if (function.Trigger is OrchestrationTriggerAttribute && !function.Names.Contains(parameter.Name!))
            return OrchestrationInput(type);
        if (function.Names.Contains(parameter.Name!))
            return ByName(parameter);
        throw Unbindable(function, parameter, "it is no trigger, no FunctionContext, no CancellationToken and no "
            + (function.Trigger is HttpTriggerAttribute ? "route or query value" : "name that the trigger brings"));
    }

    private static ParameterBinder ForTrigger(LocalFunction function, ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        return function.Trigger switch
        {
            HttpTriggerAttribute when type == typeof(HttpRequest) => call => new(((HttpArrival)call.Arrival).Http.Request),
            HttpTriggerAttribute => throw Unbindable(function, parameter, "[HttpTrigger] fills a Microsoft.AspNetCore.Http.HttpRequest"),
            BlobTriggerAttribute => BlobContent.BinderFor(type)
                ?? throw Unbindable(function, parameter, "[BlobTrigger] fills a string, byte[], Stream, BinaryData or BlobClient"),
            QueueTriggerAttribute => QueueBody.BinderFor(type),
            TimerTriggerAttribute when type == typeof(TimerInfo) => call => new(((TimerArrival)call.Arrival).Info),
            TimerTriggerAttribute => throw Unbindable(function, parameter, "[TimerTrigger] fills a TimerInfo"),
            OrchestrationTriggerAttribute when type == typeof(TaskOrchestrationContext) =>
                call => new(((OrchestrationArrival)call.Arrival).Orchestration),
            OrchestrationTriggerAttribute => throw Unbindable(function, parameter, "[OrchestrationTrigger] fills a TaskOrchestrationContext"),
            ActivityTriggerAttribute => call => new(WorkerSerializer.Of(call).Deserialize(((ActivityArrival)call.Arrival).InputJson, type)),
            _ => throw Unbindable(function, parameter, $"the local host has no {function.Trigger.GetType().Name}"),
        };
    }

    /// <summary>An orchestrator's second parameter is its input, read by the orchestration's own converter.</summary>
    private static ParameterBinder OrchestrationInput(Type type)
    {
        var getInput = typeof(TaskOrchestrationContext).GetMethod(nameof(TaskOrchestrationContext.GetInput))!.MakeGenericMethod(type);
        return call => new(MethodResult.Call(getInput, ((OrchestrationArrival)call.Arrival).Orchestration, []));
    }

    private static ParameterBinder ByName(ParameterInfo parameter) => call =>
        new(call.Arrival.Names.TryGetValue(parameter.Name!, out var value) && value is not null
            ? TextValue.Convert(value, parameter)
            : TextValue.Missing(parameter));

    public static StartupException Unbindable(LocalFunction function, ParameterInfo parameter, string why) =>
        new($"Function '{function.Name}': parameter '{parameter.Name}' of type {parameter.ParameterType} cannot be filled: {why}.");
}

/// <summary>Gives [DurableClient] parameters their client; internal, since the official worker registers no client as a service.</summary>
internal interface IDurableClientSource
{
    DurableTaskClient Client { get; }
}
