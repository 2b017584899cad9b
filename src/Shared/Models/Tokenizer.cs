using System.Buffers;
using System.Collections.Concurrent;
using System.Text;

namespace Tpo.Shared.Models;

/// <summary>
/// The byte-level BPE of a Hugging Face `tokenizer.json` as Qwen2 publishes it: NFC, the pre-tokenizer pattern, merges by rank.
/// Safe for several threads.
/// </summary>
public sealed class Tokenizer
{
    private const int CachedWords = 100_000;
    private const int LongestCachedWord = 32;

    private readonly bool _normalize;
    private readonly BytePairMerges _merges;
    private readonly SpecialTokens _specials;
    private readonly byte[]?[] _bytesOfId;
    private readonly ConcurrentDictionary<string, int[]> _cache = new();
    private int _cached;

    internal Tokenizer(bool normalize, BytePairMerges merges, IReadOnlyCollection<SpecialToken> specials, byte[]?[] bytesOfId)
    {
        _normalize = normalize;
        _merges = merges;
        _specials = new SpecialTokens(specials);
        _bytesOfId = bytesOfId;
    }

    /// <summary>Reads `tokenizer.json` of a model's folder.</summary>
    /// <exception cref="FileNotFoundException">there is none</exception>
    /// <exception cref="InvalidDataException">it is not a byte-level BPE of the Qwen2 kind; the message says in what</exception>
    public static Tokenizer Load(string modelFolder) => TokenizerFile.Read(Path.Combine(modelFolder, "tokenizer.json"));

    /// <summary>One more than the largest id, special tokens included.</summary>
    public int Size => _bytesOfId.Length;

    /// <summary>Every token that only <see cref="SpecialId"/> and <see cref="EncodeWithSpecials"/> can make.</summary>
    public IReadOnlyCollection<string> SpecialTokens => _specials.Ids.Keys;

    /// <summary>Text to ids. Text that looks like a special token is text: nothing a user writes becomes a role, an image or an end of turn.</summary>
    public int[] Encode(string text)
    {
        var ids = new List<int>(text.Length / 3 + 4);
        AddWords(NormalForm(text), ids);
        return [.. ids];
    }

    /// <summary>Text to ids where special tokens in the text are parsed, as the Python libraries do. For checks against them; never for text from users.</summary>
    public int[] EncodeWithSpecials(string text)
    {
        var ids = new List<int>();
        foreach (var (piece, special) in _specials.Split(text, NormalForm))
        {
            if (special is { } id)
                ids.Add(id);
            else
                AddWords(piece, ids);
        }
        return [.. ids];
    }

    /// <summary>Ids to text, special tokens as they are written; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">an id the tokenizer does not have</exception>
    public string Decode(IEnumerable<int> ids)
    {
        var bytes = new MemoryStream();
        foreach (var id in ids)
            bytes.Write(BytesOf(id));
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>A token's bytes: not always whole characters. A vocabulary may have holes; they have none, as in the published tokenizer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">an id the tokenizer does not have</exception>
    public ReadOnlySpan<byte> BytesOf(int id) => id >= 0 && id < _bytesOfId.Length
        ? _bytesOfId[id]
        : throw new ArgumentOutOfRangeException(nameof(id), $"Token id {id} is outside this tokenizer's 0 to {_bytesOfId.Length - 1}.");

    /// <summary>The id of a special token such as `&lt;|im_end|&gt;`.</summary>
    /// <exception cref="KeyNotFoundException">this tokenizer has no such token</exception>
    public int SpecialId(string token) => _specials.Ids.TryGetValue(token, out var id)
        ? id
        : throw new KeyNotFoundException($"This tokenizer has no special token '{token}'; it has {string.Join(", ", _specials.Ids.Keys)}.");

    private string NormalForm(string text) => _normalize ? UnicodeNfc.Normalize(text) : text;

    private void AddWords(ReadOnlySpan<char> text, List<int> ids)
    {
        var known = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = PreTokenizer.End(text, start);
            var word = text[start..end];
            if (word.Length == 1 && char.IsAscii(word[0]))
                ids.Add(_merges.IdOf((byte)word[0]));
            else if (known.TryGetValue(word, out var cached))
                ids.AddRange(cached);
            else
                ids.AddRange(MergeNew(word));
        }
    }

    /// <summary>Merges a word that is not in the cache, and puts it there while there is room.</summary>
    private int[] MergeNew(ReadOnlySpan<char> word)
    {
        var most = Encoding.UTF8.GetMaxByteCount(word.Length);
        byte[]? rented = most > 512 ? ArrayPool<byte>.Shared.Rent(most) : null;
        Span<byte> bytes = rented ?? stackalloc byte[512];
        var merged = _merges.Merge(bytes[..Encoding.UTF8.GetBytes(word, bytes)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        if (word.Length <= LongestCachedWord && Volatile.Read(ref _cached) < CachedWords && _cache.TryAdd(word.ToString(), merged))
            Interlocked.Increment(ref _cached);
        return merged;
    }
}
