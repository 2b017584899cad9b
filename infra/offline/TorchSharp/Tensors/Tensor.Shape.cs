namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor view(params long[] shape) => Made(Native.tpo_view(H, shape, shape.Length));
        public Tensor view_as(Tensor other) => view(other.shape);
        public Tensor reshape(params long[] shape) => Made(Native.tpo_reshape(H, shape, shape.Length));
        public Tensor expand(params long[] sizes) => Made(Native.tpo_expand(H, sizes, sizes.Length, 0));
        public Tensor expand(long[] sizes, bool isImplicit = false) => Made(Native.tpo_expand(H, sizes, sizes.Length, Flag(isImplicit)));
        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => Made(Native.tpo_expand(H, sizes, sizes.Length, Flag(isImplicit)));
        public Tensor expand_as(Tensor other) => expand(other.shape, false);
        public Tensor repeat(params long[] sizes) => Made(Native.tpo_repeat(H, sizes, sizes.Length));
        public Tensor tile(params long[] reps) => Made(Native.tpo_tile(H, reps, reps.Length));
        public Tensor permute(params long[] permutation) => Made(Native.tpo_permute(H, permutation, permutation.Length));
        public Tensor flip(params long[] dims) => Made(Native.tpo_flip(H, dims, dims.Length));
        public Tensor unflatten(long dim, params long[] sizes) => Made(Native.tpo_unflatten(H, dim, sizes, sizes.Length));

        public Tensor roll(long shifts, long? dims = null) => roll([shifts], dims is { } dim ? [dim] : []);
        public Tensor roll(long[] shifts, long[] dims) => Made(Native.tpo_roll(H, shifts, shifts.Length, dims, dims.Length));

        public Tensor movedim(long[] source, long[] destination) =>
            source.Length == destination.Length
                ? Made(Native.tpo_movedim(H, source, source.Length, destination, source.Length))
                : throw new ArgumentException($"movedim needs as many destinations as sources: {source.Length} and {destination.Length}.");

        public Tensor transpose(long dim0, long dim1) => Made(Native.tpo_transpose(H, dim0, dim1));
        public Tensor swapaxes(long dim0, long dim1) => transpose(dim0, dim1);
        public Tensor t() => Made(Native.tpo_t(H));
        public Tensor T => permute(Enumerable.Range(0, (int)ndim).Reverse().Select(d => (long)d).ToArray());
        public Tensor mT => Made(Native.tpo_mT(H));
        public Tensor unsqueeze(long dim) => Made(Native.tpo_unsqueeze(H, dim));
        public Tensor squeeze(long? dim = null) => Made(dim is { } one ? Native.tpo_squeeze_dim(H, one) : Native.tpo_squeeze(H));
        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Made(Native.tpo_flatten(H, start_dim, end_dim));
        public Tensor contiguous() => Made(Native.tpo_contiguous(H));
        public Tensor clone() => Made(Native.tpo_clone(H));
        public Tensor alias() => Made(Native.tpo_alias(H));
        public Tensor tril(long diagonal = 0) => Made(Native.tpo_tril(H, diagonal));
        public Tensor triu(long diagonal = 0) => Made(Native.tpo_triu(H, diagonal));

        public Tensor[] chunk(long chunks, long dim = 0)
        {
            var room = new nint[Math.Max(chunks, 1)];
            return Pieces(Native.tpo_chunk(H, chunks, dim, room, room.Length), room);
        }

        /// <summary>Pieces of one size along a dimension; the last may be smaller.</summary>
        public Tensor[] split(long size, int dim = 0)
        {
            if (size < 1) throw new ArgumentOutOfRangeException(nameof(size), size, "split needs pieces of at least one element.");
            var sizes = new List<long>();
            for (var left = this.size(dim); left > 0; left -= size) sizes.Add(Math.Min(size, left));
            return split(sizes.Count == 0 ? [0L] : sizes.ToArray(), dim);
        }

        public Tensor[] split(long[] sizes, long dim = 0)
        {
            var room = new nint[sizes.Length];
            return Pieces(Native.tpo_split(H, sizes, sizes.Length, dim, room, room.Length), room);
        }

        public Tensor[] unbind(long dimension = 0)
        {
            var room = new nint[size((int)dimension)];
            return Pieces(Native.tpo_unbind(H, dimension, room, room.Length), room);
        }

        private static Tensor[] Pieces(int count, nint[] room) => count >= 0 ? room.Take(count).Select(Made).ToArray() : throw Native.Failure();
    }
}
