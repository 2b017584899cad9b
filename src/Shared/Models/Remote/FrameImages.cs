using Microsoft.Extensions.AI;
using Tpo.Shared.Media;

namespace Tpo.Shared.Models.Remote;

/// <summary>The message that a local model takes, as a service takes it: each frame a PNG in its place, text as it is.</summary>
internal static class FrameImages
{
    /// <param name="detail">how closely the service looks at pictures that do not say so themselves; empty = its default</param>
    /// <exception cref="NotSupportedException">a content that would be lost on the way</exception>
    public static ChatMessage[] In(IEnumerable<ChatMessage> messages, string detail) => [.. messages.Select(message =>
    {
        var copy = message.Clone();
        copy.Contents = [.. message.Contents.Select(content => Sendable(content, detail))];
        return copy;
    })];

    private static AIContent Sendable(AIContent content, string detail) => content switch
    {
        FrameContent frame => Looked(new DataContent(PngImage.Encode(frame.Frame), "image/png"), detail),
        TextContent => content,
        DataContent data when data.HasTopLevelMediaType("image") => Looked(new DataContent(data.Data, data.MediaType), detail, data.AdditionalProperties),
        UriContent link when link.HasTopLevelMediaType("image") => Looked(new UriContent(link.Uri, link.MediaType), detail, link.AdditionalProperties),
        _ => throw new NotSupportedException($"A remote model is sent frames, pictures and text, not {content.GetType().Name}."),
    };

    private static AIContent Looked(AIContent picture, string detail, AdditionalPropertiesDictionary? own = null)
    {
        picture.AdditionalProperties = own ?? (detail.Length == 0 ? null : new AdditionalPropertiesDictionary { ["detail"] = detail });
        return picture;
    }
}
