// What layers are made of.
#include "tpo.h"

TPO Handle tpo_linear(Handle x, Handle weight, Handle bias) { return make([&] { return at::linear(*x, *weight, maybe(bias)); }); }
TPO Handle tpo_embedding(Handle weight, Handle x, int64_t padding) { return make([&] { return at::embedding(*weight, *x, padding); }); }
TPO Handle tpo_layer_norm(Handle x, const int64_t* shape, int n, Handle weight, Handle bias, double eps) {
    return make([&] { return at::layer_norm(*x, ints(shape, n), maybe(weight), maybe(bias), eps); });
}
TPO Handle tpo_gelu(Handle x, int tanh_form) { return make([&] { return at::gelu(*x, tanh_form ? "tanh" : "none"); }); }
TPO Handle tpo_silu(Handle x) { return make([&] { return at::silu(*x); }); }
TPO Handle tpo_softplus(Handle x, double beta, double threshold) { return make([&] { return at::softplus(*x, beta, threshold); }); }
TPO Handle tpo_dropout(Handle x, double p, int training) { return make([&] { return at::dropout(*x, p, training != 0); }); }

// softmax(Q Kᵀ / √d + mask) V; a boolean mask keeps where it is true.
TPO Handle tpo_attention(Handle q, Handle k, Handle v, Handle mask, double p, int causal) {
    return make([&] {
#if TORCH_VERSION_MAJOR >= 2
        if (mask) return at::scaled_dot_product_attention(*q, *k, *v, *mask, p, causal != 0);
        return at::scaled_dot_product_attention(*q, *k, *v, {}, p, causal != 0);
#else
        if (mask) return std::get<0>(at::_scaled_dot_product_attention(*q, *k, *v, *mask, p, false, causal != 0));
        return std::get<0>(at::_scaled_dot_product_attention(*q, *k, *v, {}, p, false, causal != 0));
#endif
    });
}

TPO Handle tpo_cross_entropy(Handle x, Handle target, Handle weight, int64_t ignore, int64_t reduction, double smoothing) {
    return make([&] { return at::cross_entropy_loss(*x, *target, maybe(weight), reduction, ignore, smoothing); });
}
TPO Handle tpo_nll_loss(Handle x, Handle target, Handle weight, int64_t reduction) { return make([&] { return at::nll_loss(*x, *target, maybe(weight), reduction); }); }
TPO Handle tpo_mse_loss(Handle x, Handle target, int64_t reduction) { return make([&] { return at::mse_loss(*x, *target, reduction); }); }
TPO Handle tpo_bce_logits(Handle x, Handle target, Handle weight, Handle pos, int64_t reduction) {
    return make([&] { return at::binary_cross_entropy_with_logits(*x, *target, maybe(weight), maybe(pos), reduction); });
}

#define TRIPLE const int64_t* stride, int ns, const int64_t* padding, int np, const int64_t* dilation, int nd
TPO Handle tpo_conv2d(Handle x, Handle weight, Handle bias, TRIPLE, int64_t groups) {
    return make([&] { return at::conv2d(*x, *weight, maybe(bias), ints(stride, ns), ints(padding, np), ints(dilation, nd), groups); });
}
TPO Handle tpo_conv3d(Handle x, Handle weight, Handle bias, TRIPLE, int64_t groups) {
    return make([&] { return at::conv3d(*x, *weight, maybe(bias), ints(stride, ns), ints(padding, np), ints(dilation, nd), groups); });
}
TPO Handle tpo_conv2d_named(Handle x, Handle weight, Handle bias, const int64_t* stride, int ns, int same, const int64_t* dilation, int nd, int64_t groups) {
    return make([&] { return at::conv2d(*x, *weight, maybe(bias), ints(stride, ns), same ? "same" : "valid", ints(dilation, nd), groups); });
}
TPO Handle tpo_avg_pool2d(Handle x, const int64_t* kernel, int nk, const int64_t* stride, int ns, const int64_t* padding, int np, int ceil_mode, int count_padding, int64_t divisor) {
    return make([&] {
        if (divisor > 0) return at::avg_pool2d(*x, ints(kernel, nk), ints(stride, ns), ints(padding, np), ceil_mode != 0, count_padding != 0, divisor);
        return at::avg_pool2d(*x, ints(kernel, nk), ints(stride, ns), ints(padding, np), ceil_mode != 0, count_padding != 0);
    });
}
TPO Handle tpo_adaptive_avg_pool2d(Handle x, const int64_t* size, int n) { return make([&] { return at::adaptive_avg_pool2d(*x, ints(size, n)); }); }
TPO Handle tpo_one_hot(Handle x, int64_t classes) { return make([&] { return at::one_hot(*x, classes); }); }
TPO Handle tpo_unfold(Handle x, const int64_t* kernel, const int64_t* dilation, const int64_t* padding, const int64_t* stride) {
    return make([&] { return at::im2col(*x, ints(kernel, 2), ints(dilation, 2), ints(padding, 2), ints(stride, 2)); });
}
TPO Handle tpo_pad(Handle x, const int64_t* pad, int n, int mode, double value) {
    static const char* const names[] = { "constant", "constant", "reflect", "replicate", "circular" };
    return make([&] { return mode < 2 ? at::constant_pad_nd(*x, ints(pad, n), value) : at::pad(*x, ints(pad, n), names[mode]); });
}

// mode: 0 nearest, 1 linear, 2 bilinear, 3 bicubic, 4 trilinear, 5 area, 6 nearest-exact. Each takes the size of the result.
// x: (N, C, spatial…). `scales` is null, or one factor for each spatial dimension, used for the source coordinates.
TPO Handle tpo_interpolate(Handle x, const int64_t* size, const double* scales, int n, int mode, int corners, int antialias) {
    return make([&]() -> at::Tensor {
        auto to = ints(size, n);
        bool c = corners != 0;
        if (mode == 5) return n == 1 ? at::adaptive_avg_pool1d(*x, to) : n == 2 ? at::adaptive_avg_pool2d(*x, to) : at::adaptive_avg_pool3d(*x, to);
        if (mode == 0 && n == 1) return scales ? at::upsample_nearest1d(*x, to, scales[0]) : at::upsample_nearest1d(*x, to);
        if (mode == 0 && n == 2) return scales ? at::upsample_nearest2d(*x, to, scales[0], scales[1]) : at::upsample_nearest2d(*x, to);
        if (mode == 0) return scales ? at::upsample_nearest3d(*x, to, scales[0], scales[1], scales[2]) : at::upsample_nearest3d(*x, to);
        if (mode == 6 && n == 2) return scales ? at::_upsample_nearest_exact2d(*x, to, scales[0], scales[1]) : at::_upsample_nearest_exact2d(*x, to);
        if (mode == 1) return scales ? at::upsample_linear1d(*x, to, c, scales[0]) : at::upsample_linear1d(*x, to, c);
        if (mode == 4) return scales ? at::upsample_trilinear3d(*x, to, c, scales[0], scales[1], scales[2]) : at::upsample_trilinear3d(*x, to, c);
        if (mode == 2 && antialias) return scales ? at::_upsample_bilinear2d_aa(*x, to, c, scales[0], scales[1]) : at::_upsample_bilinear2d_aa(*x, to, c);
        if (mode == 2) return scales ? at::upsample_bilinear2d(*x, to, c, scales[0], scales[1]) : at::upsample_bilinear2d(*x, to, c);
        if (mode == 3 && antialias) return scales ? at::_upsample_bicubic2d_aa(*x, to, c, scales[0], scales[1]) : at::_upsample_bicubic2d_aa(*x, to, c);
        if (mode == 3) return scales ? at::upsample_bicubic2d(*x, to, c, scales[0], scales[1]) : at::upsample_bicubic2d(*x, to, c);
        TORCH_CHECK(false, "interpolate: no such mode for ", n, " spatial dimensions");
    });
}
