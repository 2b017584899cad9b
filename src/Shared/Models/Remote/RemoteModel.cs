using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenAI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Tpo.Shared.Models.Remote;

/// <summary>
/// A model behind an OpenAI-compatible endpoint as a chat client. It takes the same user message as <see cref="VideoLanguageModel"/>, frames and
/// text, and fails with a <see cref="RemoteModelException"/>.
/// </summary>
public sealed class RemoteModel : DelegatingChatClient
{
    private readonly RemoteModelSettings _settings;
    private readonly HttpClient _http;
    private readonly RemoteCalls _calls;

    private RemoteModel(RemoteModelSettings settings, HttpClient http, IChatClient endpoint, RemoteCalls calls) : base(new ResilientChatClient(endpoint, calls)) =>
        (_settings, _http, _calls) = (settings, http, calls);

    /// <param name="section">where the settings stand, for messages about them</param>
    /// <param name="identity">signs in where <see cref="RemoteModelSettings.EntraId"/> is set; every Azure TokenCredential is one</param>
    /// <exception cref="InvalidOperationException">a setting cannot be used</exception>
    public static RemoteModel Connect(
        RemoteModelSettings settings, string section, AuthenticationTokenProvider? identity = null, TimeProvider? clock = null, ILogger? log = null)
    {
        settings.Check(section);
        var http = NewHttpClient();
        var options = new OpenAIClientOptions
        {
            Endpoint = new Uri(settings.Endpoint),
            Transport = new HttpClientPipelineTransport(http),
            // Retries and time limits are RemoteCalls' alone.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        };
        options.AddPolicy(new FinishReasonPolicy(), PipelinePosition.PerCall);
#pragma warning disable OPENAI001 // The constructor that takes a way to sign in is marked experimental; Azure's documentation uses it for Entra.
        var client = new ChatClient(settings.Model, SignIn(settings, section, identity), options);
#pragma warning restore OPENAI001
        return new RemoteModel(settings, http, client.AsIChatClient(), new RemoteCalls(settings, clock ?? TimeProvider.System, log ?? NullLogger.Instance));
    }

    /// <summary>The model's name at its service.</summary>
    public string ModelId => _settings.Model;
    public string Endpoint => _settings.Endpoint;
    /// <summary>What was asked so far; a snapshot.</summary>
    public ModelUsage Usage => _calls.Usage;

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(FrameImages.In(messages, _settings.ImageDetail), Taken(options), cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(FrameImages.In(messages, _settings.ImageDetail), Taken(options), cancellationToken);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing)
            return;
        _calls.Dispose();
        _http.Dispose();
    }

    private ChatOptions? Taken(ChatOptions? options)
    {
        if (options is null || _settings.SendsTemperature)
            return options;
        var taken = options.Clone();
        taken.Temperature = null;
        return taken;
    }

    private static AuthenticationPolicy SignIn(RemoteModelSettings settings, string section, AuthenticationTokenProvider? identity)
    {
        if (settings.EntraId)
        {
            return new BearerTokenPolicy(
                identity ?? throw new InvalidOperationException($"{section}:EntraId is set, but there is no identity to sign in with."), settings.TokenScope);
        }
        if (settings.Key.Length == 0)
            return new NoSignIn();
        var key = new ApiKeyCredential(settings.Key);
        return settings.KeyHeader.Equals("Authorization", StringComparison.OrdinalIgnoreCase)
            ? ApiKeyAuthenticationPolicy.CreateBearerAuthorizationPolicy(key)
            : ApiKeyAuthenticationPolicy.CreateHeaderApiKeyPolicy(key, settings.KeyHeader);
    }

    /// <summary>No redirects, which would carry a gateway's key header along; connections are renewed, so that a moved address is found.</summary>
    private static HttpClient NewHttpClient() =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>For servers that ask for no key, as vLLM does unless told to.</summary>
    private sealed class NoSignIn : AuthenticationPolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) => ProcessNext(message, pipeline, currentIndex);

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) =>
            ProcessNextAsync(message, pipeline, currentIndex);
    }
}
