using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// The path of a blob trigger: `container` or `container/pattern`, where `{name}` stands for one or more characters, slashes included,
/// and `{{` for a brace.
/// </summary>
internal sealed class BlobPath
{
    private readonly Regex? pattern;

    private BlobPath(string container, Regex? pattern)
    {
        Container = container;
        this.pattern = pattern;
    }

    public string Container { get; }

    public IEnumerable<string> Names => pattern?.GetGroupNames().Where(n => !char.IsAsciiDigit(n[0])) ?? [];

    public static BlobPath Parse(string function, string text, IConfiguration settings)
    {
        var path = SettingText.Expand(text, settings, $"the blob path of function '{function}'");
        var slash = path.IndexOf('/');
        var container = slash < 0 ? path : path[..slash];
        if (container.Length == 0 || container.Contains('{'))
            throw new StartupException($"Function '{function}': the blob path '{text}' must begin with the name of a container.");
        return new BlobPath(container, slash < 0 ? null : Pattern(function, path[(slash + 1)..]));
    }

    /// <summary>The values of the pattern's names, or null where the blob's name does not match.</summary>
    public IReadOnlyDictionary<string, object?>? Match(string blobName)
    {
        var names = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        if (pattern is null)
            return names;
        var match = pattern.Match(blobName);
        if (!match.Success)
            return null;
        foreach (var name in Names)
            names[name] = match.Groups[name].Value;
        return names;
    }

    private static Regex Pattern(string function, string template)
    {
        var regex = new StringBuilder("^");
        for (var i = 0; i < template.Length; i++)
        {
            var twice = i + 1 < template.Length && template[i + 1] == template[i];
            if (template[i] is not ('{' or '}') || twice)
            {
                i += template[i] is '{' or '}' ? 1 : 0;
                regex.Append(Regex.Escape(template[i].ToString()));
                continue;
            }
            var end = template.IndexOf('}', i);
            var name = template[i] == '{' && end > i + 1 ? template[(i + 1)..end] : "";
            if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
                throw new StartupException($"Function '{function}': the braces in the blob path '{template}' do not hold a name.");
            regex.Append($"(?<{name}>.+)");
            i = end;
        }
        return new Regex(regex.Append('$').ToString(), RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }
}
