using System.Text.Json;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// local.settings.json: its Values and ConnectionStrings become settings where the environment has none of that name, its Host section names
/// port and keys.
/// </summary>
internal static class LocalSettings
{
    /// <summary>All settings of the file as flat configuration keys (`A__B` becomes `A:B`); none where there is no file.</summary>
    public static IReadOnlyDictionary<string, string?> Read(string appFolder)
    {
        var path = Path.Combine(appFolder, "local.settings.json");
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (!File.Exists(path))
            return settings;
        try
        {
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            using var json = JsonDocument.Parse(File.ReadAllText(path), options);
            if (json.RootElement.TryGetProperty("IsEncrypted", out var encrypted) && encrypted.ValueKind == JsonValueKind.True)
                throw new StartupException($"'{path}' is encrypted, which the local host cannot read: run `func settings decrypt`.");
            if (json.RootElement.TryGetProperty("Values", out var values))
                foreach (var value in values.EnumerateObject())
                    settings[value.Name.Replace("__", ":")] = value.Value.ValueKind == JsonValueKind.String
                        ? value.Value.GetString()
                        : throw new StartupException($"'Values.{value.Name}' in '{path}' must be a string in quotes.");
            if (json.RootElement.TryGetProperty("Host", out var host))
                Flatten("Host", host, settings);
            if (json.RootElement.TryGetProperty("ConnectionStrings", out var connections))
                Flatten("ConnectionStrings", connections, settings);
            return settings;
        }
        catch (JsonException e)
        {
            throw new StartupException($"The file '{path}' is not valid JSON: {e.Message}", e);
        }
    }

    private static void Flatten(string key, JsonElement value, Dictionary<string, string?> settings)
    {
        if (value.ValueKind == JsonValueKind.Object)
            foreach (var member in value.EnumerateObject())
                Flatten($"{key}:{member.Name}", member.Value, settings);
        else
            settings[key] = value.ToString();
    }
}
