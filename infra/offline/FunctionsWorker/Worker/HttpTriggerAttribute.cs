using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Who may call an HTTP function. The local host checks keys only when the setting TPO_REQUIRE_KEYS is true.</summary>
public enum AuthorizationLevel
{
    Anonymous = 0,
    User = 1,
    Function = 2,
    System = 3,
    Admin = 4,
}

/// <summary>Starts the function by an HTTP request; without a Route the function's name is the route.</summary>
public sealed class HttpTriggerAttribute : TriggerBindingAttribute
{
    public HttpTriggerAttribute()
    {
    }

    public HttpTriggerAttribute(params string[] methods) => Methods = methods;

    public HttpTriggerAttribute(AuthorizationLevel authLevel) => AuthLevel = authLevel;

    public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods)
    {
        AuthLevel = authLevel;
        Methods = methods;
    }

    /// <summary>ASP.NET Core route template below the route prefix of host.json, such as `orders/{id:guid}`.</summary>
    public string? Route { get; set; }

    /// <summary>HTTP methods that match; null = all.</summary>
    public string[]? Methods { get; }

    public AuthorizationLevel AuthLevel { get; } = AuthorizationLevel.Function;
}
