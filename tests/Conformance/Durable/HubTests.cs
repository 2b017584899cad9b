namespace Tpo.Tests.Conformance.Durable;

/// <summary>Tests with a task hub of their own, killed at their end.</summary>
[Collection(AzuriteCollection.Name)]
public abstract class HubTests(AzuriteFixture azurite) : IAsyncLifetime
{
    protected TestHub Hub { get; } = new(azurite);

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync() => await Hub.DisposeAsync();
}
