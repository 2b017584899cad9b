using Microsoft.Extensions.Configuration;
using Tpo.Shared;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training.Backends;

/// <summary>The places where jobs can be, by name.</summary>
public sealed class BackendChoice(IEnumerable<ITrainingBackend> backends, TpoSettings settings, IConfiguration configuration)
{
    private readonly Dictionary<string, ITrainingBackend> _byName = backends.ToDictionary(backend => backend.Name, StringComparer.Ordinal);

    /// <exception cref="InvalidOperationException">there is no such backend</exception>
    public ITrainingBackend this[string name] => _byName.TryGetValue(name, out var backend)
        ? backend
        : throw new InvalidOperationException($"There is no training backend '{name}': give one of {string.Join(", ", TrainingBackends.All)}.");

    /// <returns>a sentence that names the setting that the backend lacks; null = it can be used</returns>
    public string? Problem(string name) => BackendSettings.Problem(name, settings, storageByName: StorageConnection.AccountName(configuration) is not null)
        ?? (name == TrainingBackends.Container ? ContainerTool.Problem(settings) : null);
}
