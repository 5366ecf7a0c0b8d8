// Optimizers: what moves variables along gradients. The arithmetic of each is one op.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lamina/call.h"
#include "lamina/files.h"
#include "lamina/tape.h"

namespace lamina {
inline namespace v1 {

// One optimizer moves the same variables each time: it keeps a state for each of them.
class Optimizer {
  public:
    virtual ~Optimizer() = default;
    Optimizer(const Optimizer&) = delete;
    Optimizer& operator=(const Optimizer&) = delete;

    // One step. An Error where a gradient is missing, or where variables were others before.
    void apply(const std::vector<Variable>& variables, const std::vector<Tensor>& gradients) {
        for (const Tensor& g : gradients)
            if (!g) throw Error(ErrorCode::value, "The loss does not depend on one of the variables.");
        if (slots_.empty())
            for (std::size_t i = 0; i < names_.size(); ++i) slots_.push_back(zerosFor(variables));
        for (const std::vector<Variable>& slot : slots_)
            if (slot.size() != variables.size())
                throw Error(ErrorCode::value, "The optimizer has moved other variables before.");
        step(variables, gradients);
    }

    // One step along the gradient of f(), which is returned.
    Tensor minimize(const std::function<Tensor()>& f, const std::vector<Variable>& variables) {
        const ValueAndGradients found = valueAndGradients(f, variables);
        apply(variables, found.gradients);
        return found.value;
    }

    // What it keeps, by name, for saveTensors; empty before the first step where there is nothing.
    NamedTensors state() const {
        NamedTensors tensors;
        for (std::size_t i = 0; i < slots_.size(); ++i)
            for (std::size_t k = 0; k < slots_[i].size(); ++k)
                tensors.emplace(names_[i] + "/" + std::to_string(k), slots_[i][k].value());
        for (const auto& [name, variable] : scalars_) tensors.emplace(name, variable.value());
        return tensors;
    }

    // Goes on from what state() gave. An Error where something is missing.
    void restore(const NamedTensors& state) {
        slots_.clear();
        for (const std::string& name : names_) {
            std::vector<Variable> slot;
            while (true) {
                const auto found = state.find(name + "/" + std::to_string(slot.size()));
                if (found == state.end()) break;
                slot.emplace_back(found->second);
            }
            slots_.push_back(std::move(slot));
        }
        if (!slots_.empty() && slots_[0].empty()) slots_.clear();
        for (auto& [name, variable] : scalars_) {
            const auto found = state.find(name);
            if (found == state.end()) throw Error(ErrorCode::value, "The state has no '" + name + "'.");
            variable.assign(found->second);
        }
    }

    float learningRate;

  protected:
    // The names of what is kept for each variable, and of single numbers with their first values.
    Optimizer(float rate, std::vector<std::string> names,
              std::vector<std::pair<std::string, float>> scalars = {})
        : learningRate(rate), names_(std::move(names)) {
        for (const auto& [name, value] : scalars) scalars_.emplace_back(name, Variable(Tensor(value)));
    }

    virtual void step(const std::vector<Variable>& variables, const std::vector<Tensor>& gradients) = 0;
    const std::vector<Variable>& slot(std::size_t i) const { return slots_[i]; }
    const Variable& number(std::size_t i) const { return scalars_[i].second; }

  private:
    static std::vector<Variable> zerosFor(const std::vector<Variable>& variables) {
        std::vector<Variable> zeros;
        for (const Variable& v : variables) zeros.emplace_back(detail::call1("zerosLike", {v}));
        return zeros;
    }

    std::vector<std::string> names_;
    std::vector<std::vector<Variable>> slots_;
    std::vector<std::pair<std::string, Variable>> scalars_;
};

// w -= learningRate * g
class Sgd final : public Optimizer {
  public:
    explicit Sgd(float rate) : Optimizer(rate, {}) {}

  private:
    void step(const std::vector<Variable>& variables, const std::vector<Tensor>& gradients) override {
        call("applySgd", {variables, gradients, Tensor(learningRate)});
    }
};

// a = momentum * a + g; w -= learningRate * a
class Momentum final : public Optimizer {
  public:
    Momentum(float rate, float momentum, bool useNesterov = false)
        : Optimizer(rate, {"momentum"}), momentum_(momentum), nesterov_(useNesterov) {}

  private:
    void step(const std::vector<Variable>& variables, const std::vector<Tensor>& gradients) override {
        call("applyMomentum", {variables, slot(0), gradients, Tensor(learningRate)},
             {{"momentum", double{momentum_}}, {"useNesterov", nesterov_}});
    }

    float momentum_;
    bool nesterov_;
};

struct AdamOptions {
    double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7;
};

// Steps scaled by running means of the gradient and of its square (Kingma & Ba 2015).
class Adam final : public Optimizer {
  public:
    explicit Adam(float rate = 0.001f, const AdamOptions& options = {})
        : Optimizer(rate, {"m", "v"},
                    {{"accBeta1", static_cast<float>(options.beta1)},
                     {"accBeta2", static_cast<float>(options.beta2)}}),
          options_(options) {}

  private:
    void step(const std::vector<Variable>& variables, const std::vector<Tensor>& gradients) override {
        call("applyAdam",
             {variables, slot(0), slot(1), std::vector<Variable>{number(0)}, std::vector<Variable>{number(1)},
              gradients, Tensor(learningRate)},
             {{"beta1", options_.beta1}, {"beta2", options_.beta2}, {"epsilon", options_.epsilon}});
    }

    AdamOptions options_;
};

struct RmsPropOptions {
    double decay = 0.9, momentum = 0, epsilon = 1e-7;
};

// Steps divided by the root of a running mean of squared gradients.
class RmsProp final : public Optimizer {
  public:
    explicit RmsProp(float rate = 0.001f, const RmsPropOptions& options = {})
        : Optimizer(rate, {"rms", "momentum"}), options_(options) {}

  private:
    void step(const std::vector<Variable>& variables, const std::vector<Tensor>& gradients) override {
        call("applyRmsProp",
             {variables, slot(0), slot(1), std::vector<Variable>{}, gradients, Tensor(learningRate)},
             {{"decay", options_.decay}, {"momentum", options_.momentum}, {"epsilon", options_.epsilon}});
    }

    RmsPropOptions options_;
};

}  // namespace v1
}  // namespace lamina
