using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text;
using System.Text.RegularExpressions;

namespace Tpo.Shared.Models;

/// <summary>
/// The byte-level BPE of a Hugging Face `tokenizer.json` as Qwen2 publishes it: NFC, the pre-tokenizer pattern, merges by rank.
/// Safe for several threads.
/// </summary>
public sealed class Tokenizer
{
    private const int CachedWords = 50_000;

    private readonly bool _normalize;
    private readonly BytePairMerges _merges;
    private readonly FrozenDictionary<string, int> _specialIds;
    private readonly byte[]?[] _bytesOfId;
    private readonly Regex? _specialPattern;
    private readonly ConcurrentDictionary<string, int[]> _cache = new();

    internal Tokenizer(bool normalize, BytePairMerges merges, IReadOnlyDictionary<string, int> specialIds, byte[]?[] bytesOfId)
    {
        _normalize = normalize;
        _merges = merges;
        _specialIds = specialIds.ToFrozenDictionary();
        _bytesOfId = bytesOfId;
        if (specialIds.Count > 0)
            _specialPattern = new Regex(string.Join('|', specialIds.Keys.OrderByDescending(token => token.Length).Select(Regex.Escape)));
    }

    /// <summary>Reads `tokenizer.json` of a model's folder.</summary>
    /// <exception cref="FileNotFoundException">there is none</exception>
    /// <exception cref="InvalidDataException">it is not a byte-level BPE of the Qwen2 kind; the message says in what</exception>
    public static Tokenizer Load(string modelFolder) => TokenizerFile.Read(Path.Combine(modelFolder, "tokenizer.json"));

    /// <summary>One more than the largest id, special tokens included.</summary>
    public int Size => _bytesOfId.Length;

    /// <summary>Every token that only <see cref="SpecialId"/> and <see cref="EncodeWithSpecials"/> can make.</summary>
    public IReadOnlyCollection<string> SpecialTokens => _specialIds.Keys;

    /// <summary>Text to ids. Text that looks like a special token is text: nothing a user writes becomes a role, an image or an end of turn.</summary>
    public int[] Encode(string text)
    {
        var ids = new List<int>(text.Length / 3 + 4);
        AddText(text, ids);
        return [.. ids];
    }

    /// <summary>Text to ids where special tokens in the text are parsed, as the Python libraries do. For checks against them; never for text from users.</summary>
    public int[] EncodeWithSpecials(string text)
    {
        if (_specialPattern is null)
            return Encode(text);
        var ids = new List<int>();
        var start = 0;
        foreach (Match match in _specialPattern.Matches(text))
        {
            AddText(text[start..match.Index], ids);
            ids.Add(_specialIds[match.Value]);
            start = match.Index + match.Length;
        }
        AddText(text[start..], ids);
        return [.. ids];
    }

    /// <summary>Ids to text, special tokens as they are written; bytes that are no UTF-8 become U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">an id the tokenizer does not have</exception>
    public string Decode(IEnumerable<int> ids)
    {
        var bytes = new MemoryStream();
        foreach (var id in ids)
        {
            if (id < 0 || id >= _bytesOfId.Length)
                throw new ArgumentOutOfRangeException(nameof(ids), $"Token id {id} is outside this tokenizer's 0 to {_bytesOfId.Length - 1}.");
            // A vocabulary may have holes; they decode to nothing, as they do in the published tokenizer.
            bytes.Write(_bytesOfId[id] ?? []);
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>The id of a special token such as `&lt;|im_end|&gt;`.</summary>
    /// <exception cref="KeyNotFoundException">this tokenizer has no such token</exception>
    public int SpecialId(string token) => _specialIds.TryGetValue(token, out var id)
        ? id
        : throw new KeyNotFoundException($"This tokenizer has no special token '{token}'; it has {string.Join(", ", _specialIds.Keys)}.");

    private void AddText(string text, List<int> ids)
    {
        if (text.Length == 0)
            return;
        foreach (var word in PreTokenizer.Split(_normalize ? UnicodeNfc.Normalize(text) : text))
        {
            if (!_cache.TryGetValue(word, out var known))
            {
                known = _merges.Merge(Encoding.UTF8.GetBytes(word));
                if (_cache.Count < CachedWords && word.Length <= 32)
                    _cache.TryAdd(word, known);
            }
            ids.AddRange(known);
        }
    }
}
