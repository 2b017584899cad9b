// New tensors: filled, drawn at random, counted up, or copied from memory.
#include "tpo.h"
#include <cstring>

#define SHAPE const int64_t* size, int n
#define GENERATOR (g ? *g : at::Generator())

TPO Handle tpo_empty(SHAPE, Kind k) { return make([&] { return at::empty(ints(size, n), options(k)); }); }
TPO Handle tpo_zeros(SHAPE, Kind k) { return make([&] { return at::zeros(ints(size, n), options(k)); }); }
TPO Handle tpo_ones(SHAPE, Kind k) { return make([&] { return at::ones(ints(size, n), options(k)); }); }
TPO Handle tpo_full(SHAPE, Number value, Kind k) { return make([&] { return at::full(ints(size, n), scalar(value), options(k)); }); }

TPO Handle tpo_rand(SHAPE, at::Generator* g, Kind k) {
    return make([&] { return g ? at::rand(ints(size, n), *g, options(k)) : at::rand(ints(size, n), options(k)); });
}
TPO Handle tpo_randn(SHAPE, at::Generator* g, Kind k) {
    return make([&] { return g ? at::randn(ints(size, n), *g, options(k)) : at::randn(ints(size, n), options(k)); });
}
TPO Handle tpo_randint(int64_t low, int64_t high, SHAPE, at::Generator* g, Kind k) {
    return make([&] { return g ? at::randint(low, high, ints(size, n), *g, options(k)) : at::randint(low, high, ints(size, n), options(k)); });
}
TPO Handle tpo_randperm(int64_t count, at::Generator* g, Kind k) {
    return make([&] { return g ? at::randperm(count, *g, options(k)) : at::randperm(count, options(k)); });
}
TPO Handle tpo_bernoulli(Handle x, at::Generator* g) { return make([&] { return g ? at::bernoulli(*x, *g) : at::bernoulli(*x); }); }
TPO Handle tpo_multinomial(Handle x, int64_t count, int replacement, at::Generator* g) {
    return make([&] { return g ? at::multinomial(*x, count, replacement != 0, *g) : at::multinomial(*x, count, replacement != 0); });
}
TPO int tpo_normal_(Handle x, double mean, double std, at::Generator* g) {
    return run([&] { if (g) x->normal_(mean, std, *g); else x->normal_(mean, std); });
}
TPO int tpo_uniform_(Handle x, double from, double to, at::Generator* g) {
    return run([&] { if (g) x->uniform_(from, to, *g); else x->uniform_(from, to); });
}

TPO Handle tpo_arange(Number start, Number stop, Number step, Kind k) {
    return make([&] { return at::arange(scalar(start), scalar(stop), scalar(step), options(k)); });
}
TPO Handle tpo_linspace(double start, double end, int64_t steps, Kind k) { return make([&] { return at::linspace(start, end, steps, options(k)); }); }
TPO Handle tpo_eye(int64_t rows, int64_t columns, Kind k) { return make([&] { return at::eye(rows, columns, options(k)); }); }

TPO Handle tpo_empty_like(Handle x, Kind k) { return make([&] { return at::empty_like(*x, options(k)); }); }
TPO Handle tpo_zeros_like(Handle x, Kind k) { return make([&] { return at::zeros_like(*x, options(k)); }); }
TPO Handle tpo_ones_like(Handle x, Kind k) { return make([&] { return at::ones_like(*x, options(k)); }); }
TPO Handle tpo_full_like(Handle x, Number value, Kind k) { return make([&] { return at::full_like(*x, scalar(value), options(k)); }); }
TPO Handle tpo_rand_like(Handle x, Kind k) { return make([&] { return at::rand_like(*x, options(k)); }); }
TPO Handle tpo_randn_like(Handle x, Kind k) { return make([&] { return at::randn_like(*x, options(k)); }); }

// A tensor of `dtype` on the CPU, filled with a copy of `bytes` bytes.
TPO Handle tpo_copy_of(const void* data, int64_t bytes, SHAPE, int dtype) {
    return make([&] {
        auto out = at::empty(ints(size, n), at::TensorOptions().dtype(type_of(dtype)));
        TORCH_CHECK((int64_t)out.nbytes() == bytes, "the shape ", out.sizes(), " asks for ", out.nbytes(), " bytes, the data has ", bytes);
        if (bytes > 0) std::memcpy(out.data_ptr(), data, (size_t)bytes);
        return out;
    });
}
