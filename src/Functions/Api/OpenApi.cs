using System.ComponentModel;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Tpo.Shared;

namespace Tpo.Functions.Api;

/// <summary>`/api/openapi.json`: written from the functions themselves, so that it cannot say anything else than what is there.</summary>
public sealed partial class OpenApi
{
    private static readonly Lazy<JsonObject> Document = new(Describe);

    [Function("OpenApi")]
    [Description("This document.")]
    public IActionResult Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "openapi.json")] HttpRequest http) =>
        new ContentResult { Content = Document.Value.ToJsonString(TpoJson.Indented), ContentType = "application/json" };

    private static JsonObject Describe()
    {
        var paths = new JsonObject();
        var functions = from method in typeof(OpenApi).Assembly.GetTypes().SelectMany(type => type.GetMethods())
                        let name = method.GetCustomAttribute<FunctionAttribute>()?.Name
                        let trigger = method.GetParameters().Select(p => p.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(t => t is not null)
                        where name is not null && trigger is not null
                        orderby trigger.Route, name
                        select (method, name, trigger);
        foreach (var (method, name, trigger) in functions)
        {
            var path = "/api/" + RouteConstraint().Replace(trigger.Route ?? name, "{$1}");
            var operations = (JsonObject)(paths[path] ??= new JsonObject());
            foreach (var verb in trigger.Methods ?? ["get"])
                operations[verb.ToLowerInvariant()] = Operation(method, name, path, trigger.AuthLevel);
        }
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "TPO Serverless",
                ["version"] = typeof(OpenApi).Assembly.GetName().Version!.ToString(3),
                ["description"] = "Temporal Preference Optimization of video language models. Errors are RFC 9457 problem details; long work answers 202 with a Location.",
            },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["key"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "x-functions-key" },
                },
            },
        };
    }

    private static JsonObject Operation(MethodInfo method, string name, string path, AuthorizationLevel level)
    {
        var operation = new JsonObject
        {
            ["operationId"] = name,
            ["summary"] = method.GetCustomAttribute<DescriptionAttribute>()?.Description
                ?? throw new InvalidOperationException($"The function '{name}' needs a [Description]: it is its line in openapi.json."),
            ["parameters"] = new JsonArray([.. RouteParameter().Matches(path).Select(match => (JsonNode)new JsonObject
            {
                ["name"] = match.Groups[1].Value,
                ["in"] = "path",
                ["required"] = true,
                ["schema"] = new JsonObject { ["type"] = "string" },
            })]),
            ["responses"] = new JsonObject { ["default"] = new JsonObject { ["description"] = "The result, or problem details." } },
        };
        if (method.GetParameters().FirstOrDefault(p => p.GetCustomAttribute<FromBodyAttribute>() is not null) is { } body)
            operation["requestBody"] = new JsonObject
            {
                ["content"] = new JsonObject
                {
                    ["application/json"] = new JsonObject { ["schema"] = TpoJson.Options.GetJsonSchemaAsNode(body.ParameterType) },
                },
            };
        if (level != AuthorizationLevel.Anonymous)
            operation["security"] = new JsonArray(new JsonObject { ["key"] = new JsonArray() });
        return operation;
    }

    [GeneratedRegex(@"\{\*?(\w+)(?:[:?][^}]*)?\}")]
    private static partial Regex RouteConstraint();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex RouteParameter();
}
