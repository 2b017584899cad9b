// The C boundary of the shim. A tensor crosses it as a pointer to a heap-held at::Tensor; no exception crosses it:
// its message is kept per thread and the call answers nullptr (a tensor was asked for) or 0 (anything else).
// Written for libtorch 1.13 and 2.x: no optional type by name, no symbolic sizes, nothing of CUDA's headers.
#pragma once
#include <ATen/ATen.h>
#include <torch/version.h>

#define TPO extern "C" __attribute__((visibility("default")))

using Handle = at::Tensor*;

struct Number { int64_t kind; union { int64_t integer; double real; }; };  // kind: 0 integer, 1 real, 2 bool
struct Kind { int32_t dtype, device_type, device_index; };                 // -1: not given

void remember_error() noexcept;

template <class Body> Handle make(Body&& body) noexcept {
    try { return new at::Tensor(body()); } catch (...) { remember_error(); return nullptr; }
}

template <class Body> int run(Body&& body) noexcept {
    try { body(); return 1; } catch (...) { remember_error(); return 0; }
}

template <class Pair> int make_pair_of(Handle* first, Handle* second, Pair&& body) noexcept {
    return run([&] { auto both = body(); *first = new at::Tensor(std::get<0>(both)); *second = new at::Tensor(std::get<1>(both)); });
}

inline int hand_out(const std::vector<at::Tensor>& tensors, Handle* room, int capacity) {
    TORCH_CHECK((int)tensors.size() <= capacity, "room for ", capacity, " tensors, got ", tensors.size());
    for (size_t i = 0; i < tensors.size(); i++) room[i] = new at::Tensor(tensors[i]);
    return (int)tensors.size();
}

inline at::Scalar scalar(Number n) {
    return n.kind == 1 ? at::Scalar(n.real) : n.kind == 2 ? at::Scalar(n.integer != 0) : at::Scalar(n.integer);
}
inline at::Tensor maybe(Handle h) { return h ? *h : at::Tensor(); }
inline at::IntArrayRef ints(const int64_t* p, int n) { return at::IntArrayRef(p, (size_t)n); }
inline std::vector<at::Tensor> list(const Handle* p, int n) {
    std::vector<at::Tensor> out; out.reserve(n);
    for (int i = 0; i < n; i++) out.push_back(maybe(p[i]));
    return out;
}
inline at::ScalarType type_of(int dtype) { return static_cast<at::ScalarType>(dtype); }
inline at::TensorOptions options(Kind k) {
    at::TensorOptions o;
    if (k.dtype >= 0) o = o.dtype(type_of(k.dtype));
    if (k.device_type >= 0) o = o.device(at::Device(static_cast<at::DeviceType>(k.device_type), (int8_t)k.device_index));
    return o;
}
// An "optional dtype": calls `with(type)` when given, `without()` when not, so the optional's own name is never needed.
template <class With, class Without> at::Tensor typed(int dtype, With&& with, Without&& without) {
    return dtype >= 0 ? with(type_of(dtype)) : without();
}
