using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>The parameters of HTTP functions: body, route values, query values.</summary>
internal static class HttpBinding
{
    /// <summary>Null where the parameter is none of HTTP's.</summary>
    public static ParameterBinder? TryFor(LocalFunction function, ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (type == typeof(HttpRequest))
            return call => new(Http(call).Request);
        if (parameter.IsDefined(typeof(FromBodyAttribute)))
            return call => ReadBodyAsync(Http(call), parameter, call.CancellationToken);
        var query = parameter.GetCustomAttribute<FromQueryAttribute>();
        var route = parameter.GetCustomAttribute<FromRouteAttribute>();
        var name = query?.Name ?? route?.Name ?? parameter.Name!;
        if (!TextValue.CanConvert(type))
            return null;
        if (route is not null && !function.Names.Contains(name))
            throw ParameterBinding.Unbindable(function, parameter, $"the route has no '{{{name}}}'");
        return call => new(Value(Http(call), name, query is null, route is null) is { } value
            ? TextValue.Convert(value, parameter)
            : TextValue.Missing(parameter));
    }

    private static object? Value(HttpContext http, string name, bool fromRoute, bool fromQuery)
    {
        if (fromRoute && http.Request.RouteValues.TryGetValue(name, out var value) && value is not null)
            return value;
        return fromQuery && http.Request.Query.TryGetValue(name, out var values) ? values.ToString() : null;
    }

    private static async ValueTask<object?> ReadBodyAsync(HttpContext http, ParameterInfo parameter, CancellationToken cancellation)
    {
        var request = http.Request;
        var options = http.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.JsonSerializerOptions;
        if (request.ContentType is not null && !request.HasJsonContentType())
            throw new BadRequestException("body", $"Send JSON (Content-Type: application/json), not '{request.ContentType}'.", 415);
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellation);
        if (body.Length == 0)
            return TextValue.MayBeNull(parameter) || parameter.HasDefaultValue
                ? null
                : throw new BadRequestException("body", "A JSON body is required.");
        body.Position = 0;
        try
        {
            return await JsonSerializer.DeserializeAsync(body, parameter.ParameterType, options, cancellation)
                ?? (TextValue.MayBeNull(parameter) ? null : throw new BadRequestException("body", "A JSON body other than null is required."));
        }
        catch (JsonException e)
        {
            var field = e.Path is null or "$" ? "body" : e.Path.Replace("$.", "");
            throw new BadRequestException(field, $"The body is not valid JSON for this request: {e.Message.Split(" Path: ")[0]}");
        }
    }

    private static HttpContext Http(LocalFunctionContext call) => ((HttpArrival)call.Arrival).Http;
}
