using System.Reflection;
using System.Reflection.Emit;

namespace Tpo.Tests.Conformance.Determinism;

/// <summary>One instruction of compiled code: what it does, and the method, field, type or small number it does it with.</summary>
internal sealed record Instruction(OpCode Code, MemberInfo? Member, int? Number)
{
    private static readonly Dictionary<short, OpCode> codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>The method's body, or nothing where it has none (abstract, extern).</summary>
    public static IReadOnlyList<Instruction> Of(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } il)
            return [];
        var found = new List<Instruction>();
        for (var at = 0; at < il.Length;)
        {
            short value = il[at++];
            if (value == 0xFE)
                value = (short)(0xFE00 | il[at++]);
            var code = codes[value];
            found.Add(new(code, MemberAt(method, code, il, at), NumberAt(code, il, at)));
            at += OperandLength(code, il, at);
        }
        return found;
    }

    // With the type arguments of the method at hand, so that what is generic in the source is exact here.
    private static MemberInfo? MemberAt(MethodBase method, OpCode code, byte[] il, int at)
    {
        if (code.OperandType is not (OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType))
            return null;
        return method.Module.ResolveMember(BitConverter.ToInt32(il, at),
            method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null,
            method.IsGenericMethod ? method.GetGenericArguments() : null);
    }

    private static int? NumberAt(OpCode code, byte[] il, int at)
    {
        if (code.Value >= OpCodes.Ldc_I4_M1.Value && code.Value <= OpCodes.Ldc_I4_8.Value)
            return code.Value - OpCodes.Ldc_I4_0.Value;
        return code == OpCodes.Ldc_I4_S ? (sbyte)il[at] : code == OpCodes.Ldc_I4 ? BitConverter.ToInt32(il, at) : null;
    }

    private static int OperandLength(OpCode code, byte[] il, int at) => code.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(il, at),
        _ => 4,
    };
}
