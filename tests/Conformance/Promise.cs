using Xunit.Sdk;

namespace Tpo.Tests.Conformance;

/// <summary>
/// Says which promises of the real Functions host and Durable engine a test shows, by their numbers in <see cref="Promises"/>.
/// <c>dotnet test --filter Promise=3.4.2</c> runs the tests of one promise.
/// </summary>
[TraitDiscoverer("Tpo.Tests.Conformance.PromiseDiscoverer", "Tpo.ConformanceTests")]
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
public sealed class PromiseAttribute(params string[] ids) : Attribute, ITraitAttribute
{
    public IReadOnlyList<string> Ids { get; } = ids;
}

public sealed class PromiseDiscoverer : ITraitDiscoverer
{
    public IEnumerable<KeyValuePair<string, string>> GetTraits(Xunit.Abstractions.IAttributeInfo attribute) =>
        attribute.GetConstructorArguments().Single() is IEnumerable<object> ids
            ? ids.Select(id => KeyValuePair.Create("Promise", (string)id))
            : throw new InvalidOperationException("[Promise] takes numbers of promises.");
}
