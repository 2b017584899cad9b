using System.Text;

namespace Tpo.Shared.Models;

/// <summary>
/// GPT-2's printable alphabet for bytes: printable Latin-1 bytes stand for themselves, the other 68 for U+0100 onwards, in order.
/// </summary>
public static class ByteAlphabet
{
    private static readonly char[] Chars = CreateChars();
    private static readonly Dictionary<char, byte> Bytes = Enumerable.Range(0, 256).ToDictionary(value => Chars[value], value => (byte)value);

    public static char CharOf(byte value) => Chars[value];

    /// <summary>The bytes a token of the vocabulary stands for; a token that is not wholly of the alphabet stands for its UTF-8.</summary>
    public static byte[] ToBytes(string token) =>
        token.All(Bytes.ContainsKey) ? [.. token.Select(letter => Bytes[letter])] : Encoding.UTF8.GetBytes(token);

    private static char[] CreateChars()
    {
        var chars = new char[256];
        var spare = '\u0100';
        for (var value = 0; value < 256; value++)
            chars[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : spare++;
        return chars;
    }
}
