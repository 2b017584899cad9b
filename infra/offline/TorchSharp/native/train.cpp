// Backward, gradients, the AdamW step and gradient clipping: each one call over all tensors.
#include "tpo.h"
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <cmath>

TPO int tpo_backward(const Handle* xs, int n, const Handle* grads, int grad_count, int retain, int create, const Handle* inputs, int input_count) {
    return run([&] { torch::autograd::backward(list(xs, n), list(grads, grad_count), retain != 0, create != 0, list(inputs, input_count)); });
}
// `out` has room for one gradient an input; an unused input's stays null.
TPO int tpo_grad(const Handle* xs, int n, const Handle* inputs, int input_count, const Handle* grads, int grad_count, int retain, int create, int allow_unused, Handle* out) {
    return run([&] {
        auto found = torch::autograd::grad(list(xs, n), list(inputs, input_count), list(grads, grad_count), retain != 0, create != 0, allow_unused != 0);
        for (int i = 0; i < input_count; i++) out[i] = found[i].defined() ? new at::Tensor(found[i]) : nullptr;
    });
}
// Null without an error: there is no gradient.
TPO Handle tpo_get_grad(Handle x) {
    return x->is_leaf() || x->retains_grad() ? (x->grad().defined() ? new at::Tensor(x->grad()) : nullptr) : nullptr;
}
TPO int tpo_set_grad(Handle x, Handle grad) { return run([&] { x->mutable_grad() = maybe(grad); }); }
TPO int tpo_retain_grad(Handle x) { return run([&] { x->retain_grad(); }); }

TPO int tpo_zero_grads(const Handle* xs, int n, int to_none) {
    return run([&] {
        for (int i = 0; i < n; i++) {
            auto& grad = xs[i]->mutable_grad();
            if (!grad.defined()) continue;
            if (to_none) grad = at::Tensor(); else grad.detach_().zero_();
        }
    });
}

struct AdamW { double lr, beta1, beta2, eps, weight_decay; int64_t amsgrad, maximize; };

// One foreach call on a GPU covers many tensors at the price of temporaries as large as they are together, so they go in parcels.
static constexpr size_t parcel_bytes = 64 << 20;

struct Parcel {
    std::vector<at::Tensor> p, g, m, v, top;
    std::vector<at::Scalar> step_sizes, roots;
    size_t bytes = 0;

    void step(const AdamW& o) {
        if (p.empty()) return;
        if (o.weight_decay != 0) at::_foreach_mul_(p, at::Scalar(1 - o.lr * o.weight_decay));
        at::_foreach_mul_(m, at::Scalar(o.beta1));
        at::_foreach_add_(m, g, at::Scalar(1 - o.beta1));
        at::_foreach_mul_(v, at::Scalar(o.beta2));
        at::_foreach_addcmul_(v, g, g, at::Scalar(1 - o.beta2));
        for (size_t i = 0; i < top.size(); i++) at::maximum_out(top[i], top[i], v[i]);
        auto denominators = at::_foreach_sqrt(o.amsgrad ? top : v);
        at::_foreach_div_(denominators, at::ArrayRef<at::Scalar>(roots));
        at::_foreach_add_(denominators, at::Scalar(o.eps));
        at::_foreach_addcdiv_(p, m, denominators, at::ArrayRef<at::Scalar>(step_sizes));
        *this = Parcel();
    }
};

// Decoupled weight decay (Loshchilov, Hutter 2019), for tensor i at its own step t = ++steps[i]; one without a gradient is left alone:
//   p ← p (1 - lr·wd);  m ← β₁ m + (1-β₁) g;  v ← β₂ v + (1-β₂) g²;  p ← p - lr/(1-β₁ᵗ) · m / (√v / √(1-β₂ᵗ) + ε)
TPO int tpo_adamw(const Handle* params, const Handle* ms, const Handle* vs, const Handle* largest, int64_t* steps, int n, AdamW o) {
    return run([&] {
        at::NoGradGuard no_grad;
        Parcel parcel;
        for (int i = 0; i < n; i++) {
            const auto& grad = params[i]->grad();
            if (!grad.defined()) continue;
            auto t = (double)++steps[i];
            parcel.p.push_back(*params[i]); parcel.m.push_back(*ms[i]); parcel.v.push_back(*vs[i]);
            parcel.g.push_back(o.maximize ? grad.neg() : grad);
            if (o.amsgrad) parcel.top.push_back(*largest[i]);
            parcel.step_sizes.emplace_back(-o.lr / (1 - std::pow(o.beta1, t)));
            parcel.roots.emplace_back(std::sqrt(1 - std::pow(o.beta2, t)));
            if ((parcel.bytes += params[i]->nbytes()) >= parcel_bytes) parcel.step(o);
        }
        parcel.step(o);
    });
}

// The norm of all gradients together, as if of one vector; they are scaled by max_norm / (norm + 1e-6) where that is below one.
TPO int tpo_clip_grad_norm(const Handle* params, int n, double max_norm, double type, double* norm) {
    return run([&] {
        at::NoGradGuard no_grad;
        std::vector<at::Tensor> grads;
        for (int i = 0; i < n; i++) if (params[i]->grad().defined()) grads.push_back(params[i]->grad());
        *norm = 0;
        if (grads.empty()) return;
        std::vector<at::Tensor> norms;
        auto device = grads[0].device();
        for (auto& grad : grads) {
            // A sum of squares in half precision would be none; what is f32 or f64 keeps its own.
            auto wide = grad.element_size() < 4 ? at::kFloat : grad.scalar_type();
            norms.push_back((std::isinf(type) ? grad.abs().max().to(wide) : wide == grad.scalar_type() ? at::norm(grad, type) : at::norm(grad, type, wide)).to(device));
        }
        auto all = at::stack(norms);
        *norm = (std::isinf(type) ? all.max() : at::norm(all, type)).item().to<double>();
        auto scale = max_norm / (*norm + 1e-6);
        if (scale < 1) at::_foreach_mul_(grads, at::Scalar(scale));
    });
}
