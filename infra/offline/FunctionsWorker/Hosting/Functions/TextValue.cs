using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Mvc;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>Turns a route, query or pattern value into a parameter's type.</summary>
internal static class TextValue
{
    private static readonly NullabilityInfoContext nullability = new();

    public static bool CanConvert(Type type) =>
        type == typeof(object) || type == typeof(string) || Converter(type).CanConvertFrom(typeof(string));

    public static object? Convert(object value, ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (type.IsInstanceOfType(value))
            return value;
        var text = System.Convert.ToString(value, CultureInfo.InvariantCulture)!;
        if (type == typeof(string))
            return text;
        try
        {
            return Converter(type).ConvertFromInvariantString(text);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new BadRequestException(parameter.Name!, $"'{text}' is not a valid {Plain(type)}.");
        }
    }

    /// <summary>What a parameter gets when its value did not come: its default, null where it may be null, else the request is wrong.</summary>
    public static object? Missing(ParameterInfo parameter) =>
        parameter.HasDefaultValue ? parameter.DefaultValue
        : MayBeNull(parameter) ? null
        : throw new BadRequestException(parameter.Name!, "This value is required.");

    public static bool MayBeNull(ParameterInfo parameter)
    {
        lock (nullability)
            return Nullable.GetUnderlyingType(parameter.ParameterType) is not null
                || !parameter.ParameterType.IsValueType && nullability.Create(parameter).WriteState != NullabilityState.NotNull;
    }

    private static TypeConverter Converter(Type type) => TypeDescriptor.GetConverter(type);

    private static string Plain(Type type) => (Nullable.GetUnderlyingType(type) ?? type).Name;
}

/// <summary>The request cannot be bound to the function's parameters: 400 with the field's name.</summary>
internal sealed class BadRequestException(string field, string sentence, int status = 400) : Exception($"{field}: {sentence}")
{
    public ValidationProblemDetails Problem { get; } = new(new Dictionary<string, string[]> { [field] = [sentence] })
    {
        Status = status,
        Title = "The request is not valid.",
        Detail = $"{field}: {sentence}",
    };
}
