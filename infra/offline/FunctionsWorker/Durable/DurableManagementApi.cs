using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Tpo.Offline.FunctionsWorker.Durable;

/// <summary>The HTTP API of the durable extension under /runtime/webhooks/durabletask. (Its routes follow with the engine.)</summary>
internal static class DurableManagementApi
{
    public static void Map(IEndpointRouteBuilder routes, DurableEngine engine, Func<HttpContext, bool> authorize)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(authorize);
    }
}
