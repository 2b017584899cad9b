// Functions whose backward is written outside: a node of the graph that keeps saved tensors and calls back.
#include "tpo.h"
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>
#include <stdexcept>
#include <string>

// The caller owns what it is handed and hands over what it answers; 0 = failed, its words lie in tpo_refuse.
using BackwardCall = int (*)(void* context, const Handle* saved, int s, const Handle* grads, int m, Handle* answer, int n);
using ReleaseCall = void (*)(void* context);

static thread_local std::string refusal;
TPO void tpo_refuse(const char* words) { refusal = words; }

struct OutsideNode : torch::autograd::Node {
    std::string title;
    void* context;
    BackwardCall backward;
    ReleaseCall release;
    int inputs;
    std::vector<torch::autograd::SavedVariable> saved;
    bool released = false;

    ~OutsideNode() override { release(context); }

    std::string name() const override { return title; }

    void release_variables() override { saved.clear(); released = true; }

    torch::autograd::variable_list apply(torch::autograd::variable_list&& grads) override {
        TORCH_CHECK(!released, title, " cannot go backward a second time: its saved tensors were freed (retain_graph keeps them).");
        std::vector<Handle> kept, given, answer(inputs, nullptr);
        for (auto& one : saved) kept.push_back(new at::Tensor(one.unpack(shared_from_this())));
        for (size_t i = 0; i < grads.size(); i++)
            given.push_back(new at::Tensor(grads[i].defined() ? grads[i] : input_metadata((uint32_t)i).zeros_like()));
        int ok = backward(context, kept.data(), (int)kept.size(), given.data(), (int)given.size(), answer.data(), inputs);
        torch::autograd::variable_list found(inputs);
        for (int i = 0; i < inputs; i++)
            if (answer[i]) { found[i] = *answer[i]; delete answer[i]; }
        if (!ok) throw std::runtime_error(refusal);
        return found;
    }
};

// Makes the outputs, which were computed without a graph, depend on the inputs. The context is released with the last who can go backward.
TPO int tpo_function(const char* title, const Handle* inputs, int n, const Handle* outputs, int m, const Handle* saved, int s,
                     void* context, BackwardCall backward, ReleaseCall release) {
    std::shared_ptr<OutsideNode> node(new OutsideNode(), torch::autograd::deleteNode);
    node->title = title; node->context = context; node->backward = backward; node->release = release; node->inputs = n;
    return run([&] {
        node->set_next_edges(torch::autograd::collect_next_edges(list(inputs, n)));
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++)
                TORCH_CHECK(!outputs[i]->is_same(*inputs[j]), node->title, " answers one of its inputs; answer a fresh tensor, such as its alias().");
            torch::autograd::set_history(*outputs[i], node);
        }
        for (int i = 0; i < s; i++) {
            bool own = false;
            for (int j = 0; j < m; j++) own = own || saved[i]->is_same(*outputs[j]);
            node->saved.emplace_back(*saved[i], own);
        }
    });
}
