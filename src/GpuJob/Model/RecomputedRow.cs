using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// <see cref="BranchedRow"/> for little memory (Chen et al. 2016, one segment a layer): forward keeps nothing but each layer's input; backward goes from
/// the last layer to the first and runs each once more before its gradient. The same gradients for a third more products.
/// </summary>
public sealed class RecomputedRow
{
    private readonly LlavaQwenForCausalLM _model;
    private readonly LlavaQwenModel.RowContexts _contexts;
    private readonly Tensor _embeds;
    private readonly List<Tensor> _inputs = [];
    private readonly Tensor _top;

    private RecomputedRow(LlavaQwenForCausalLM model, BranchedSequence sequence, Tensor? video)
    {
        _model = model;
        _embeds = SharedPrefixBatch.EmbedRow(model, sequence, video, sequence.Length).unsqueeze(0);
        RowPlan plan = RowPlan.Of(model, sequence);
        _contexts = model.Decoder.Contexts(plan, _embeds.dtype);
        _top = Climb().requires_grad_(is_grad_enabled());
        LogProbs = plan.Score(model, model.Decoder.Norm(_top));
    }

    /// <summary>log π of every scored token [N]; its graph ends at the last layer's output.</summary>
    public Tensor LogProbs { get; }

    /// <summary>Everything it makes lives in the caller's scope, until <see cref="Backward"/> is done.</summary>
    public static RecomputedRow Forward(LlavaQwenForCausalLM model, BranchedSequence sequence, Tensor? video) => new(model, sequence, video);

    /// <summary>The rest of the way back, after a loss of <see cref="LogProbs"/> went backward.</summary>
    public void Backward()
    {
        using var scope = NewDisposeScope();
        Tensor gradient = _top.grad ?? throw new InvalidOperationException("The loss of these log-probabilities has not gone backward yet.");
        for (int index = _inputs.Count - 1; index >= 0; index--)
        {
            using var layer = NewDisposeScope();
            Tensor input = _inputs[index].detach().requires_grad_();
            _model.Decoder.Layer(index, input, _contexts).backward([gradient]);
            gradient = input.grad!.MoveToOuterDisposeScope();
            _inputs[index].Dispose();
        }
        if (_embeds.requires_grad)
            _embeds.backward([gradient]);
    }

    private Tensor Climb()
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        Tensor hidden = _embeds.detach();
        for (var index = 0; index < _model.Config.Layers; index++)
        {
            _inputs.Add(hidden.MoveToOuterDisposeScope());
            hidden = _model.Decoder.Layer(index, hidden, _contexts);
        }
        return hidden.MoveToOuterDisposeScope();
    }
}
