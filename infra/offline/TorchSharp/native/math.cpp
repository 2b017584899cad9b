// Arithmetic, comparison, reduction and matrix products.
#include "tpo.h"

#define UNARY(name) TPO Handle tpo_##name(Handle x) { return make([&] { return at::name(*x); }); }
#define UNARY_(name) TPO int tpo_##name##_(Handle x) { return run([&] { x->name##_(); }); }
#define BINARY(name) TPO Handle tpo_##name(Handle x, Handle y) { return make([&] { return at::name(*x, *y); }); }
#define BINARY_(name) TPO int tpo_##name##_(Handle x, Handle y) { return run([&] { x->name##_(*y); }); }
#define WITH_NUMBER(name) TPO Handle tpo_##name##_scalar(Handle x, Number y) { return make([&] { return at::name(*x, scalar(y)); }); }
#define WITH_NUMBER_(name) TPO int tpo_##name##_scalar_(Handle x, Number y) { return run([&] { x->name##_(scalar(y)); }); }

UNARY(exp) UNARY(expm1) UNARY(log) UNARY(log1p) UNARY(sqrt) UNARY(rsqrt) UNARY(square) UNARY(sin) UNARY(cos) UNARY(tanh) UNARY(sigmoid) UNARY(relu)
UNARY(erf) UNARY(abs) UNARY(neg) UNARY(floor) UNARY(ceil) UNARY(isnan) UNARY(isfinite) UNARY(logical_not) UNARY(bitwise_not) UNARY(nonzero)
UNARY(log_sigmoid) UNARY(all) UNARY(any)
UNARY_(zero) UNARY_(sqrt) UNARY_(rsqrt)
TPO Handle tpo_round(Handle x, int64_t decimals) { return make([&] { return at::round(*x, decimals); }); }

BINARY(mul) BINARY(div) BINARY(remainder) BINARY(pow) BINARY(maximum) BINARY(minimum) BINARY(fmax)
BINARY(eq) BINARY(ne) BINARY(lt) BINARY(le) BINARY(gt) BINARY(ge)
BINARY(logical_and) BINARY(logical_or) BINARY(bitwise_and) BINARY(bitwise_or) BINARY(bitwise_xor)
BINARY(matmul) BINARY(bmm) BINARY(mm) BINARY(mv) BINARY(dot) BINARY(outer)
BINARY_(mul) BINARY_(div) BINARY_(pow)
TPO Handle tpo_add(Handle x, Handle y, Number alpha) { return make([&] { return at::add(*x, *y, scalar(alpha)); }); }
TPO Handle tpo_sub(Handle x, Handle y) { return make([&] { return at::sub(*x, *y); }); }
TPO int tpo_add_(Handle x, Handle y, Number alpha) { return run([&] { x->add_(*y, scalar(alpha)); }); }
TPO int tpo_sub_(Handle x, Handle y) { return run([&] { x->sub_(*y); }); }

WITH_NUMBER(add) WITH_NUMBER(sub) WITH_NUMBER(mul) WITH_NUMBER(div) WITH_NUMBER(remainder) WITH_NUMBER(pow) WITH_NUMBER(rsub)
WITH_NUMBER(eq) WITH_NUMBER(ne) WITH_NUMBER(lt) WITH_NUMBER(le) WITH_NUMBER(gt) WITH_NUMBER(ge)
WITH_NUMBER_(add) WITH_NUMBER_(sub) WITH_NUMBER_(mul) WITH_NUMBER_(div) WITH_NUMBER_(pow) WITH_NUMBER_(fill)
TPO Handle tpo_scalar_div(Number x, Handle y) { return make([&] { return at::mul(at::reciprocal(*y), scalar(x)); }); }
TPO Handle tpo_scalar_pow(Number x, Handle y) { return make([&] { return at::pow(scalar(x), *y); }); }

static const char* const rounding[] = { "", "trunc", "floor" };
TPO Handle tpo_div_rounded(Handle x, Handle y, int mode) { return make([&] { return at::div(*x, *y, rounding[mode]); }); }
TPO Handle tpo_div_rounded_scalar(Handle x, Number y, int mode) { return make([&] { return at::div(*x, scalar(y), rounding[mode]); }); }

TPO Handle tpo_clamp(Handle x, int has_min, Number min, int has_max, Number max) {
    return make([&] {
        if (has_min && has_max) return at::clamp(*x, scalar(min), scalar(max));
        return has_min ? at::clamp_min(*x, scalar(min)) : has_max ? at::clamp_max(*x, scalar(max)) : *x;
    });
}
TPO int tpo_clamp_(Handle x, int has_min, Number min, int has_max, Number max) {
    return run([&] { if (has_min) x->clamp_min_(scalar(min)); if (has_max) x->clamp_max_(scalar(max)); });
}
TPO Handle tpo_lerp(Handle x, Handle end, Handle weight) { return make([&] { return at::lerp(*x, *end, *weight); }); }
TPO int tpo_lerp_(Handle x, Handle end, Handle weight) { return run([&] { x->lerp_(*end, *weight); }); }
TPO int tpo_addcmul_(Handle x, Handle a, Handle b, Number value) { return run([&] { x->addcmul_(*a, *b, scalar(value)); }); }
TPO int tpo_addcdiv_(Handle x, Handle a, Handle b, Number value) { return run([&] { x->addcdiv_(*a, *b, scalar(value)); }); }
TPO Handle tpo_addmm(Handle x, Handle a, Handle b, float beta, float alpha) { return make([&] { return at::addmm(*x, *a, *b, beta, alpha); }); }
TPO int tpo_addmm_(Handle x, Handle a, Handle b, float beta, float alpha) { return run([&] { x->addmm_(*a, *b, beta, alpha); }); }
TPO Handle tpo_baddbmm(Handle x, Handle a, Handle b, float beta, float alpha) { return make([&] { return at::baddbmm(*x, *a, *b, beta, alpha); }); }
TPO Handle tpo_einsum(const char* equation, const Handle* xs, int n) { return make([&] { return at::einsum(equation, list(xs, n)); }); }

TPO Handle tpo_sum(Handle x, int dtype) {
    return make([&] { return typed(dtype, [&](auto t) { return at::sum(*x, t); }, [&] { return at::sum(*x); }); });
}
TPO Handle tpo_sum_dims(Handle x, const int64_t* dims, int n, int keep, int dtype) {
    return make([&] {
        return typed(dtype, [&](auto t) { return at::sum(*x, ints(dims, n), keep != 0, t); }, [&] { return at::sum(*x, ints(dims, n), keep != 0); });
    });
}
TPO Handle tpo_mean(Handle x) { return make([&] { return at::mean(*x); }); }
TPO Handle tpo_mean_dims(Handle x, const int64_t* dims, int n, int keep, int dtype) {
    return make([&] {
        return typed(dtype, [&](auto t) { return at::mean(*x, ints(dims, n), keep != 0, t); }, [&] { return at::mean(*x, ints(dims, n), keep != 0); });
    });
}
TPO Handle tpo_var_dims(Handle x, const int64_t* dims, int n, int unbiased, int keep) {
    return make([&] { return n == 0 ? at::var(*x, unbiased != 0) : at::var(*x, ints(dims, n), unbiased != 0, keep != 0); });
}
TPO Handle tpo_std_dims(Handle x, const int64_t* dims, int n, int unbiased, int keep) {
    return make([&] { return n == 0 ? at::std(*x, unbiased != 0) : at::std(*x, ints(dims, n), unbiased != 0, keep != 0); });
}
TPO Handle tpo_prod(Handle x) { return make([&] { return at::prod(*x); }); }
TPO Handle tpo_prod_dim(Handle x, int64_t dim, int keep) { return make([&] { return at::prod(*x, dim, keep != 0); }); }
TPO Handle tpo_cumsum(Handle x, int64_t dim, int dtype) {
    return make([&] { return typed(dtype, [&](auto t) { return at::cumsum(*x, dim, t); }, [&] { return at::cumsum(*x, dim); }); });
}
TPO Handle tpo_all_dim(Handle x, int64_t dim, int keep) { return make([&] { return at::all(*x, dim, keep != 0); }); }
TPO Handle tpo_any_dim(Handle x, int64_t dim, int keep) { return make([&] { return at::any(*x, dim, keep != 0); }); }
TPO Handle tpo_max(Handle x) { return make([&] { return at::max(*x); }); }
TPO Handle tpo_min(Handle x) { return make([&] { return at::min(*x); }); }
TPO int tpo_max_dim(Handle x, int64_t dim, int keep, Handle* values, Handle* indexes) { return make_pair_of(values, indexes, [&] { return at::max(*x, dim, keep != 0); }); }
TPO int tpo_min_dim(Handle x, int64_t dim, int keep, Handle* values, Handle* indexes) { return make_pair_of(values, indexes, [&] { return at::min(*x, dim, keep != 0); }); }
TPO Handle tpo_argmax(Handle x) { return make([&] { return at::argmax(*x); }); }
TPO Handle tpo_argmin(Handle x) { return make([&] { return at::argmin(*x); }); }
TPO Handle tpo_argmax_dim(Handle x, int64_t dim, int keep) { return make([&] { return at::argmax(*x, dim, keep != 0); }); }
TPO Handle tpo_argmin_dim(Handle x, int64_t dim, int keep) { return make([&] { return at::argmin(*x, dim, keep != 0); }); }
TPO int tpo_topk(Handle x, int64_t k, int64_t dim, int largest, int sorted, Handle* values, Handle* indexes) {
    return make_pair_of(values, indexes, [&] { return at::topk(*x, k, dim, largest != 0, sorted != 0); });
}
TPO int tpo_sort(Handle x, int64_t dim, int descending, int stable, Handle* values, Handle* indexes) {
    return make_pair_of(values, indexes, [&] { return at::sort(*x, stable != 0, dim, descending != 0); });
}
TPO Handle tpo_argsort(Handle x, int64_t dim, int descending) { return make([&] { return at::argsort(*x, dim, descending != 0); }); }
TPO Handle tpo_norm(Handle x, double p) { return make([&] { return at::norm(*x, p); }); }
TPO Handle tpo_norm_dim(Handle x, double p, int64_t dim, int keep) { return make([&] { return at::norm(*x, p, at::IntArrayRef(dim), keep != 0); }); }
TPO Handle tpo_logsumexp(Handle x, int64_t dim, int keep) { return make([&] { return at::logsumexp(*x, at::IntArrayRef(dim), keep != 0); }); }
TPO Handle tpo_softmax(Handle x, int64_t dim, int dtype) {
    return make([&] { return typed(dtype, [&](auto t) { return at::softmax(*x, dim, t); }, [&] { return at::softmax(*x, dim); }); });
}
TPO Handle tpo_log_softmax(Handle x, int64_t dim, int dtype) {
    return make([&] { return typed(dtype, [&](auto t) { return at::log_softmax(*x, dim, t); }, [&] { return at::log_softmax(*x, dim); }); });
}
TPO Handle tpo_count_nonzero(Handle x, const int64_t* dims, int n) {
    return make([&] { return n == 0 ? at::count_nonzero(*x) : at::count_nonzero(*x, ints(dims, n)); });
}
TPO int tpo_allclose(Handle x, Handle y, double rtol, double atol, int equal_nan) {
    int same = 0;
    return run([&] { same = at::allclose(*x, *y, rtol, atol, equal_nan != 0); }) ? same : -1;
}
