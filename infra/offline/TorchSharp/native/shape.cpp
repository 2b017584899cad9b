// Views, copies, joins, splits, selection and assignment.
#include "tpo.h"
#include <ATen/TensorIndexing.h>
#include <limits>

#define DIMS const int64_t* dims, int n

TPO Handle tpo_view(Handle x, DIMS) { return make([&] { return x->view(ints(dims, n)); }); }
TPO Handle tpo_reshape(Handle x, DIMS) { return make([&] { return x->reshape(ints(dims, n)); }); }
TPO Handle tpo_expand(Handle x, DIMS, int implicit) { return make([&] { return x->expand(ints(dims, n), implicit != 0); }); }
TPO Handle tpo_repeat(Handle x, DIMS) { return make([&] { return x->repeat(ints(dims, n)); }); }
TPO Handle tpo_tile(Handle x, DIMS) { return make([&] { return x->tile(ints(dims, n)); }); }
TPO Handle tpo_permute(Handle x, DIMS) { return make([&] { return x->permute(ints(dims, n)); }); }
TPO Handle tpo_flip(Handle x, DIMS) { return make([&] { return x->flip(ints(dims, n)); }); }
TPO Handle tpo_unflatten(Handle x, int64_t dim, DIMS) {
    return make([&] {
        auto shape = x->sizes().vec();
        auto at = (size_t)(dim < 0 ? dim + x->dim() : dim);
        TORCH_CHECK(at < shape.size(), "unflatten: the tensor has ", x->dim(), " dimensions, not a dimension ", dim);
        std::vector<int64_t> out(shape.begin(), shape.begin() + at);
        out.insert(out.end(), dims, dims + n);
        out.insert(out.end(), shape.begin() + at + 1, shape.end());
        return x->reshape(out);
    });
}
TPO Handle tpo_roll(Handle x, DIMS, const int64_t* axes, int axis_count) { return make([&] { return x->roll(ints(dims, n), ints(axes, axis_count)); }); }
TPO Handle tpo_movedim(Handle x, DIMS, const int64_t* to, int count) { return make([&] { return x->movedim(ints(dims, n), ints(to, count)); }); }
TPO Handle tpo_transpose(Handle x, int64_t a, int64_t b) { return make([&] { return x->transpose(a, b); }); }
TPO Handle tpo_t(Handle x) { return make([&] { return x->t(); }); }
TPO Handle tpo_mT(Handle x) { return make([&] { return x->mT(); }); }
TPO Handle tpo_unsqueeze(Handle x, int64_t dim) { return make([&] { return x->unsqueeze(dim); }); }
TPO Handle tpo_squeeze(Handle x) { return make([&] { return x->squeeze(); }); }
TPO Handle tpo_squeeze_dim(Handle x, int64_t dim) { return make([&] { return x->squeeze(dim); }); }
TPO Handle tpo_flatten(Handle x, int64_t from, int64_t to) { return make([&] { return x->flatten(from, to); }); }
TPO Handle tpo_contiguous(Handle x) { return make([&] { return x->contiguous(); }); }
TPO Handle tpo_clone(Handle x) { return make([&] { return x->clone(); }); }
TPO Handle tpo_detach(Handle x) { return make([&] { return x->detach(); }); }
TPO int tpo_detach_(Handle x) { return run([&] { x->detach_(); }); }
TPO Handle tpo_alias(Handle x) { return make([&] { return at::alias(*x); }); }
TPO Handle tpo_tril(Handle x, int64_t diagonal) { return make([&] { return at::tril(*x, diagonal); }); }
TPO Handle tpo_triu(Handle x, int64_t diagonal) { return make([&] { return at::triu(*x, diagonal); }); }
TPO Handle tpo_to(Handle x, Kind k, int non_blocking, int copy) { return make([&] { return x->to(options(k), non_blocking != 0, copy != 0); }); }
TPO Handle tpo_pin_memory(Handle x) { return make([&] { return x->pin_memory(); }); }
TPO int tpo_copy_(Handle x, Handle y, int non_blocking) { return run([&] { x->copy_(*y, non_blocking != 0); }); }
TPO int tpo_set_(Handle x, Handle y) { return run([&] { x->set_(*y); }); }

TPO Handle tpo_cat(const Handle* xs, int n, int64_t dim) { return make([&] { return at::cat(list(xs, n), dim); }); }
TPO Handle tpo_stack(const Handle* xs, int n, int64_t dim) { return make([&] { return at::stack(list(xs, n), dim); }); }
// The pieces go to `out`, which has room for `room`; the answer is their number, -1 an error.
TPO int tpo_chunk(Handle x, int64_t chunks, int64_t dim, Handle* out, int room) { int c = -1; run([&] { c = hand_out(x->chunk(chunks, dim), out, room); }); return c; }
TPO int tpo_split(Handle x, DIMS, int64_t dim, Handle* out, int room) { int c = -1; run([&] { c = hand_out(x->split_with_sizes(ints(dims, n), dim), out, room); }); return c; }
TPO int tpo_unbind(Handle x, int64_t dim, Handle* out, int room) { int c = -1; run([&] { c = hand_out(x->unbind(dim), out, room); }); return c; }

TPO Handle tpo_narrow(Handle x, int64_t dim, int64_t start, int64_t length) { return make([&] { return x->narrow(dim, start, length); }); }
TPO Handle tpo_select(Handle x, int64_t dim, int64_t index) { return make([&] { return x->select(dim, index); }); }
TPO Handle tpo_index_select(Handle x, int64_t dim, Handle index) { return make([&] { return x->index_select(dim, *index); }); }
TPO Handle tpo_gather(Handle x, int64_t dim, Handle index) { return make([&] { return x->gather(dim, *index); }); }
TPO Handle tpo_take_along_dim(Handle x, Handle index, int64_t dim) { return make([&] { return at::take_along_dim(*x, *index, dim); }); }
TPO Handle tpo_masked_select(Handle x, Handle mask) { return make([&] { return x->masked_select(*mask); }); }
TPO Handle tpo_where(Handle condition, Handle x, Handle y) { return make([&] { return at::where(*condition, *x, *y); }); }
TPO Handle tpo_repeat_interleave(Handle x, int64_t repeats, int has_dim, int64_t dim) {
    return make([&] { return has_dim ? at::repeat_interleave(*x, repeats, dim) : at::repeat_interleave(*x, repeats); });
}
TPO Handle tpo_repeat_interleave_by(Handle x, Handle repeats, int has_dim, int64_t dim) {
    return make([&] { return has_dim ? at::repeat_interleave(*x, *repeats, dim) : at::repeat_interleave(*x, *repeats, {}); });
}
TPO Handle tpo_scatter(Handle x, int64_t dim, Handle index, Handle source) { return make([&] { return x->scatter(dim, *index, *source); }); }
TPO int tpo_scatter_(Handle x, int64_t dim, Handle index, Handle source) { return run([&] { x->scatter_(dim, *index, *source); }); }
TPO Handle tpo_scatter_add(Handle x, int64_t dim, Handle index, Handle source) { return make([&] { return x->scatter_add(dim, *index, *source); }); }
TPO int tpo_scatter_add_(Handle x, int64_t dim, Handle index, Handle source) { return run([&] { x->scatter_add_(dim, *index, *source); }); }
TPO int tpo_index_add_(Handle x, int64_t dim, Handle index, Handle source, Number alpha) { return run([&] { x->index_add_(dim, *index, *source, scalar(alpha)); }); }
TPO int tpo_index_copy_(Handle x, int64_t dim, Handle index, Handle source) { return run([&] { x->index_copy_(dim, *index, *source); }); }
TPO Handle tpo_masked_fill(Handle x, Handle mask, Number value) { return make([&] { return x->masked_fill(*mask, scalar(value)); }); }
TPO int tpo_masked_fill_(Handle x, Handle mask, Number value) { return run([&] { x->masked_fill_(*mask, scalar(value)); }); }

// One entry of an index: which form it has, and its numbers or tensor.
struct Index { int64_t form, start, stop, step; Handle tensor; };  // form: 0 none, 1 ellipsis, 2 single, 3 bool, 4 slice, 5 tensor
static constexpr int64_t not_given = std::numeric_limits<int64_t>::min();

static std::vector<at::indexing::TensorIndex> entries(const Index* index, int n) {
    using namespace at::indexing;
    std::vector<TensorIndex> out;
    for (int i = 0; i < n; i++) {
        const auto& e = index[i];
        switch (e.form) {
            case 0: out.emplace_back(at::indexing::None); break;
            case 1: out.emplace_back(at::indexing::Ellipsis); break;
            case 2: out.emplace_back(e.start); break;
            case 3: out.emplace_back(e.start != 0); break;
            case 5: out.emplace_back(*e.tensor); break;
            default: {
                auto step = e.step == not_given ? 1 : e.step;
                out.emplace_back(Slice(e.start == not_given ? 0 : e.start, e.stop == not_given ? std::numeric_limits<int64_t>::max() : e.stop, step));
            }
        }
    }
    return out;
}
TPO Handle tpo_index(Handle x, const Index* index, int n) { return make([&] { return x->index(entries(index, n)); }); }
TPO int tpo_index_put_(Handle x, const Index* index, int n, Handle value) { return run([&] { x->index_put_(entries(index, n), *value); }); }
