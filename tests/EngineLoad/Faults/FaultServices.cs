using Azure.Core.Pipeline;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Tpo.Tests.EngineLoad.Faults;

public static class FaultServices
{
    /// <summary>Setting `Load:Fault` (kind:moment:n) names the point of death, `Load:FaultFile` the file that tells of it.</summary>
    public static IServiceCollection AddFaultPoint(this IServiceCollection services, IConfiguration settings) =>
        settings["Load:Fault"] is { Length: > 0 } fault
            ? services.AddSingleton<HttpPipelinePolicy>(new FaultPolicy(FaultPoint.Parse(fault), settings["Load:FaultFile"]!))
            : services;
}
