using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Tpo.Functions.Api;

/// <summary>One page of a list. `Next` goes into `?after=` for the following page; null on the last.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, int Total, string? Next)
{
    private const int DefaultLimit = 50;
    private const int GreatestLimit = 500;

    /// <summary>Cuts the page that `?limit=&amp;after=` ask for out of a whole list, newest first as given.</summary>
    public static IActionResult Of(IReadOnlyList<T> all, HttpRequest request)
    {
        if (!TryNumber(request, "limit", DefaultLimit, out var limit) || limit is < 1 or > GreatestLimit)
            return Problems.Invalid(("limit", $"Give a whole number from 1 to {GreatestLimit}."));
        if (!TryNumber(request, "after", 0, out var start) || start < 0)
            return Problems.Invalid(("after", "Give the 'next' of the previous page."));
        var items = all.Skip(start).Take(limit).ToList();
        var end = start + items.Count;
        return new OkObjectResult(new Page<T>(items, all.Count, end < all.Count ? end.ToString() : null));
    }

    private static bool TryNumber(HttpRequest request, string name, int fallback, out int number)
    {
        var text = request.Query[name].ToString();
        number = fallback;
        return text.Length == 0 || int.TryParse(text, out number);
    }
}
