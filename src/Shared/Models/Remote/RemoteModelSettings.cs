using System.Text.Json.Serialization;

namespace Tpo.Shared.Models.Remote;

/// <summary>
/// One model behind an OpenAI-compatible endpoint: OpenAI (`https://api.openai.com/v1`), Azure OpenAI (`https://NAME.openai.azure.com/openai/v1/`,
/// its deployment as the model), vLLM (`http://HOST:8000/v1`). Endpoint and Model are needed, the rest has defaults.
/// </summary>
public sealed record RemoteModelSettings
{
    private const string UnresolvedKeyVault = "@Microsoft.KeyVault(";

    /// <summary>Base address; `chat/completions` is appended.</summary>
    public string Endpoint { get; init; } = "";
    public string Model { get; init; } = "";

    /// <summary>API key; empty where the endpoint asks for none. In Azure an app setting may be a Key Vault reference, which the platform resolves.</summary>
    [JsonIgnore]
    public string Key { get; init; } = "";
    /// <summary>Header that carries the key: `Authorization` (as `Bearer`), or a gateway's own such as `api-key`, bare.</summary>
    public string KeyHeader { get; init; } = "Authorization";
    /// <summary>Signs in with the app's own identity (Microsoft Entra) and needs no key.</summary>
    public bool EntraId { get; init; }
    public string TokenScope { get; init; } = "https://ai.azure.com/.default";

    /// <summary>Longest side, in pixels, of the frames of a video that are sent.</summary>
    public int ImageSide { get; init; } = 512;
    /// <summary>`low`, `high` or `auto`: how closely the service looks at pictures, and what it charges for them; empty = its default.</summary>
    public string ImageDetail { get; init; } = "";
    /// <summary>False for models that take no temperature but their own (reasoning models).</summary>
    public bool SendsTemperature { get; init; } = true;

    /// <summary>Longest that one attempt may take, its whole answer included.</summary>
    public double TimeoutSeconds { get; init; } = 120;
    /// <summary>Attempts a request, the first included.</summary>
    public int MaxAttempts { get; init; } = 5;
    /// <summary>About the wait before the second attempt; it doubles from attempt to attempt, with jitter, up to <see cref="MaxBackoffSeconds"/>.</summary>
    public double BackoffSeconds { get; init; } = 1;
    public double MaxBackoffSeconds { get; init; } = 30;
    /// <summary>Where the service asks (Retry-After) for a longer wait than this, the request fails at once and says so.</summary>
    public double MaxRetryAfterSeconds { get; init; } = 120;
    /// <summary>Attempts in flight at once; others wait for their turn.</summary>
    public int MaxInFlight { get; init; } = 4;

    /// <summary>The circuit opens where half of at least so many attempts of the last <see cref="BreakerWindowSeconds"/> failed.</summary>
    public int BreakerAttempts { get; init; } = 10;
    public double BreakerWindowSeconds { get; init; } = 60;
    /// <summary>How long an open circuit refuses at once before it lets one attempt try again.</summary>
    public double BreakerOpenSeconds { get; init; } = 30;

    /// <summary>Something is set; a section without anything is no model.</summary>
    [JsonIgnore]
    public bool IsSet => this != new RemoteModelSettings();

    /// <exception cref="InvalidOperationException">a setting cannot be used; the message names it and never shows the key</exception>
    public void Check(string section)
    {
        Require(Uri.TryCreate(Endpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address is { UserInfo: "", Query: "" },
            "Endpoint", "must be an http or https address without user, password and query, such as https://api.openai.com/v1");
        Require(Model.Length > 0, "Model", "is empty: name the model, or in Azure the deployment");
        Require(!Key.StartsWith(UnresolvedKeyVault, StringComparison.Ordinal), "Key",
            "is a Key Vault reference that was not resolved: give the app's identity the role Key Vault Secrets User, and look at the reference's status in the portal");
        Require(Key.All(letter => letter is > ' ' and <= '~'), "Key", "has a blank, a line break or a letter outside ASCII: it was pasted with something around it");
        Require(KeyHeader.Length > 0 && KeyHeader.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'),
            "KeyHeader", "must be a header's name, such as Authorization or api-key");
        Require(!EntraId || Key.Length == 0, "Key", "is set, and so is EntraId: one of the two signs in, not both");
        Require(!EntraId || address!.Scheme == "https", "Endpoint", "must begin with https where EntraId signs in: a token is not sent in the clear");
        Require(ImageSide is >= 16 and <= 8192, "ImageSide", "must lie in 16 to 8192 pixels");
        Require(ImageDetail is "" or "low" or "high" or "auto", "ImageDetail", "must be low, high, auto or empty");
        Require(MaxAttempts is >= 1 and <= 20, "MaxAttempts", "must lie in 1 to 20");
        Require(MaxInFlight is >= 1 and <= 1000, "MaxInFlight", "must lie in 1 to 1000");
        Require(BreakerAttempts >= 2, "BreakerAttempts", "must be at least 2");
        foreach (var (name, seconds, least) in new[]
        {
            ("TimeoutSeconds", TimeoutSeconds, 0.01), ("BackoffSeconds", BackoffSeconds, 0), ("MaxBackoffSeconds", MaxBackoffSeconds, 0),
            ("MaxRetryAfterSeconds", MaxRetryAfterSeconds, 0), ("BreakerWindowSeconds", BreakerWindowSeconds, 0.5), ("BreakerOpenSeconds", BreakerOpenSeconds, 0.5),
        })
            Require(seconds >= least && seconds <= 3600, name, $"must lie in {least} to 3600 seconds");

        void Require(bool holds, string name, string otherwise)
        {
            if (!holds)
                throw new InvalidOperationException($"The setting {section}:{name} {otherwise}.");
        }
    }

    /// <summary>Without the key, wherever settings are printed.</summary>
    public override string ToString() => $"'{Model}' at {Endpoint}";
}
