using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Tpo.Functions.Api;

/// <summary>RFC 9457 problem details: every error of the API names what is wrong and the way out.</summary>
internal static class Problems
{
    /// <summary>400: the request is wrong in the named fields (camelCase JSON names or query names).</summary>
    public static IActionResult Invalid(params (string Field, string Sentence)[] errors) =>
        Result(new ValidationProblemDetails(errors.GroupBy(e => e.Field).ToDictionary(g => g.Key, g => g.Select(e => e.Sentence).ToArray()))
        {
            Status = StatusCodes.Status400BadRequest,
            Title = "The request is not valid.",
            Detail = string.Join(' ', errors.Select(e => $"{e.Field}: {e.Sentence}")),
        });

    public static IActionResult NotFound(string sentence) => Of(StatusCodes.Status404NotFound, "Not found.", sentence);

    public static IActionResult Conflict(string sentence) => Of(StatusCodes.Status409Conflict, "Conflict.", sentence);

    private static IActionResult Of(int status, string title, string sentence) =>
        Result(new ProblemDetails { Status = status, Title = title, Detail = sentence });

    private static ObjectResult Result(ProblemDetails problem) =>
        new(problem) { StatusCode = problem.Status, ContentTypes = { "application/problem+json" } };
}
