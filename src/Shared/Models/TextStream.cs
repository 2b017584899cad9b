using System.Text;

namespace Tpo.Shared.Models;

/// <summary>Tokens to text as they come: a character whose bytes are not all there yet waits for the next token.</summary>
public sealed class TextStream(Tokenizer tokenizer)
{
    private readonly System.Text.Decoder _utf8 = Encoding.UTF8.GetDecoder();

    /// <summary>The text that this token completes; often empty in scripts whose characters take several tokens.</summary>
    public string Add(int token) => token < tokenizer.Size ? Text(tokenizer.BytesOf(token), flush: false) : "";

    /// <summary>What is left when no token follows.</summary>
    public string End() => Text([], flush: true);

    private string Text(ReadOnlySpan<byte> bytes, bool flush)
    {
        var characters = new char[_utf8.GetCharCount(bytes, flush)];
        _utf8.GetChars(bytes, characters, flush);
        return new string(characters);
    }
}
