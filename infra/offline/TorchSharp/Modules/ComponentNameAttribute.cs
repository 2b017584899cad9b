namespace TorchSharp.Utils;

/// <summary>Gives a field another name in the state dictionary than its own.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class ComponentNameAttribute : Attribute
{
    public string Name { get; set; } = "";
}
