using System.Text;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Groups, states and their saving, which all optimisers share.</summary>
public abstract class OptimizerHelper : optim.Optimizer
{
    private protected readonly Dictionary<Parameter, OptimizerState> States = new(ReferenceEqualityComparer.Instance);

    private protected OptimizerHelper() { }

    /// <summary>Writes every group's settings and every parameter's state, in the order of the groups. An own format: only this build reads it.</summary>
    public void save_state_dict(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(Groups.Count);
        foreach (var group in Groups)
        {
            var parameters = group.Parameters.ToList();
            group.Options.SaveStateDict(writer);
            writer.Write7BitEncodedInt(parameters.Count);
            foreach (var parameter in parameters) States[parameter].SaveStateDict(writer);
        }
    }

    public void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location), Encoding.UTF8);
        save_state_dict(writer);
    }

    /// <summary>Reads what <see cref="save_state_dict(BinaryWriter)"/> wrote, into an optimiser of the same groups.</summary>
    public virtual void load_state_dict(BinaryReader reader)
    {
        MustMatch("groups", Groups.Count, reader.Read7BitEncodedInt());
        foreach (var group in Groups)
        {
            var parameters = group.Parameters.ToList();
            group.Options.LoadStateDict(reader);
            MustMatch("parameters in a group", parameters.Count, reader.Read7BitEncodedInt());
            foreach (var parameter in parameters) States[parameter].LoadStateDict(reader);
        }
    }

    public void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location), Encoding.UTF8);
        load_state_dict(reader);
    }

    /// <summary>Moves the states; parameters are moved by their module.</summary>
    public void to(Device device)
    {
        foreach (var state in States.Values) state.to(device);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) foreach (var state in States.Values) (state as IDisposable)?.Dispose();
        base.Dispose(disposing);
    }

    private static void MustMatch(string what, int own, int stored)
    {
        if (own != stored) throw new InvalidDataException($"The stored optimiser state has {stored} {what}, this optimiser {own}: it was saved for another model.");
    }
}
