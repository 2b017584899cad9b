// Birth, death and properties of tensors; errors; grad mode; threads; random state; devices.
#include "tpo.h"
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <atomic>
#include <string>

static thread_local std::string last_error;

void remember_error() noexcept {
    try { throw; }
    catch (const c10::Error& e) { last_error = e.what_without_backtrace(); }
    catch (const std::exception& e) { last_error = e.what(); }
    catch (...) { last_error = "libtorch threw something that is not an exception."; }
}

TPO const char* tpo_last_error() { return last_error.c_str(); }
TPO const char* tpo_version() { return TORCH_VERSION; }
TPO void tpo_free(Handle x) { delete x; }

TPO Handle tpo_share(Handle x) { return make([&] { return *x; }); }
TPO int tpo_swap(Handle x, Handle y) { return run([&] { std::swap(*x, *y); }); }
TPO void* tpo_data_ptr(Handle x) { void* p = nullptr; run([&] { p = x->data_ptr(); }); return p; }
TPO int64_t tpo_numel(Handle x) { return x->numel(); }
TPO int tpo_dim(Handle x) { return (int)x->dim(); }
TPO int tpo_sizes(Handle x, int64_t* out) { return run([&] { auto s = x->sizes(); std::copy(s.begin(), s.end(), out); }); }
TPO int tpo_strides(Handle x, int64_t* out) { return run([&] { auto s = x->strides(); std::copy(s.begin(), s.end(), out); }); }
TPO int tpo_dtype(Handle x) { return (int)x->scalar_type(); }
TPO int64_t tpo_element_size(Handle x) { return (int64_t)x->element_size(); }
TPO int tpo_device_type(Handle x) { return (int)x->device().type(); }
TPO int tpo_device_index(Handle x) { return (int)x->device().index(); }
TPO int tpo_is_contiguous(Handle x) { return x->is_contiguous(); }
TPO int tpo_requires_grad(Handle x) { return x->requires_grad(); }
TPO int tpo_set_requires_grad(Handle x, int on) { return run([&] { x->set_requires_grad(on != 0); }); }
TPO int tpo_is_leaf(Handle x) { return x->is_leaf(); }

TPO int tpo_item_integer(Handle x, int64_t* out) { return run([&] { *out = x->item().to<int64_t>(); }); }
TPO int tpo_item_real(Handle x, double* out) { return run([&] { *out = x->item().to<double>(); }); }

TPO int tpo_grad_enabled() { return at::GradMode::is_enabled(); }
TPO void tpo_set_grad_enabled(int on) { at::GradMode::set_enabled(on != 0); }
TPO int tpo_inference_enabled() { return c10::InferenceMode::is_enabled(); }
TPO void* tpo_inference_enter(int on) { return new c10::InferenceMode(on != 0); }
TPO void tpo_inference_leave(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

TPO int tpo_num_threads() { return at::get_num_threads(); }
TPO int tpo_set_num_threads(int n) { return run([&] { at::set_num_threads(n); }); }
TPO int tpo_num_interop_threads() { return (int)at::get_num_interop_threads(); }
TPO int tpo_set_num_interop_threads(int n) { return run([&] { at::set_num_interop_threads(n); }); }

TPO int tpo_set_default_dtype(int dtype) { return run([&] { at::set_default_dtype(c10::scalarTypeToTypeMeta(type_of(dtype))); }); }
TPO int tpo_default_dtype() { return (int)at::typeMetaToScalarType(at::get_default_dtype()); }

TPO int tpo_has_cuda() { return at::globalContext().hasCUDA() && at::getNumGPUs() > 0; }
TPO int tpo_cuda_count() { return at::globalContext().hasCUDA() ? (int)at::getNumGPUs() : 0; }

TPO int tpo_manual_seed(int64_t seed) { return run([&] { at::manual_seed((uint64_t)seed); }); }
TPO at::Generator* tpo_generator_default() { return new at::Generator(at::detail::getDefaultCPUGenerator()); }
TPO at::Generator* tpo_generator_new(int64_t seed) { return new at::Generator(at::make_generator<at::CPUGeneratorImpl>((uint64_t)seed)); }
TPO void tpo_generator_free(at::Generator* g) { delete g; }
TPO int64_t tpo_generator_initial_seed(at::Generator* g) { return (int64_t)g->current_seed(); }
TPO int64_t tpo_generator_seed(at::Generator* g) { std::lock_guard<std::mutex> lock(g->mutex()); return (int64_t)g->seed(); }
TPO int tpo_generator_manual_seed(at::Generator* g, int64_t seed) {
    return run([&] { std::lock_guard<std::mutex> lock(g->mutex()); g->set_current_seed((uint64_t)seed); });
}
TPO Handle tpo_generator_state(at::Generator* g) { return make([&] { std::lock_guard<std::mutex> lock(g->mutex()); return g->get_state(); }); }
TPO int tpo_generator_set_state(at::Generator* g, Handle state) {
    return run([&] { std::lock_guard<std::mutex> lock(g->mutex()); g->set_state(*state); });
}
