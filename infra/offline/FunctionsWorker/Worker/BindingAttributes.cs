namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

/// <summary>What every binding attribute is.</summary>
public abstract class BindingAttribute : Attribute;

/// <summary>Marks the one parameter whose arrival starts the function.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public abstract class TriggerBindingAttribute : BindingAttribute;

/// <summary>Marks a parameter that the host fills beside the trigger.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public abstract class InputBindingAttribute : BindingAttribute;
