// A library of its own, which links libtorch and is loaded by the first network (../torch_network.cc).
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "orrery/base/error.h"
#include "orrery/base/shared_library.h"
#include "orrery/base/threads.h"
#include "plugins/models/networks/module/forward.h"
#include "plugins/models/networks/module/integrated_gradients.h"
#include "plugins/models/networks/module/losses.h"
#include "plugins/models/networks/module/optimizer.h"
#include "plugins/models/networks/torch_network.h"

namespace orrery::plugins::models::networks {
namespace {

/// A thread of ours computes by itself: libtorch's own threads would make sums depend on their number.
void compute_alone() { at::set_num_threads(1); }

at::Device find_device(Device device) {
  if (device == Device::kCpu) return at::kCPU;
  static const SharedLibrary library("libtorch_cuda.so");
  if (!at::hasCUDA())
    throw external_error(ErrorCode::kUnavailable, "no graphics card was found for device: cuda");
  at::globalContext().setDeterministicAlgorithms(true, true);
  return at::kCUDA;
}

at::Tensor to_tensor(const NamedTensor& tensor, const at::Device& device) {
  return at::tensor(tensor.values).reshape(tensor.shape).to(device);
}

NamedTensor from_tensor(const std::string& name, const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
  NamedTensor result{name, plain.sizes().vec(), {}};
  const auto* values = plain.const_data_ptr<float>();
  result.values.assign(values, values + plain.numel());
  return result;
}

/// While one lives, this thread's products are of bfloat16 where that is asked for.
class LowPrecision {
 public:
  LowPrecision(Precision precision, at::Device device)
      : type_(device.type()), is_on_(precision == Precision::kBfloat16) {
    if (!is_on_) return;
    at::autocast::set_autocast_cache_enabled(false);
    at::autocast::set_autocast_dtype(type_, at::kBFloat16);
    at::autocast::set_autocast_enabled(type_, true);
  }
  ~LowPrecision() {
    if (is_on_) at::autocast::set_autocast_enabled(type_, false);
  }
  LowPrecision(const LowPrecision&) = delete;
  LowPrecision& operator=(const LowPrecision&) = delete;

 private:
  at::DeviceType type_;
  bool is_on_;
};

/// Samples [begin, end) of a batch.
struct Block {
  std::size_t begin = 0;
  std::size_t end = 0;
};

class Network final : public TorchNetwork {
 public:
  Network(const NetworkPlan& plan, const TrainingSettings& settings, const std::vector<NamedTensor>& weights)
      : plan_(plan), settings_(settings), device_(find_device(settings.device)) {
    compute_alone();
    for (const NamedTensor& weight : weights) {
      names_.push_back(weight.name);
      parameters_.push_back(to_tensor(weight, device_).requires_grad_());
    }
    optimizer_.emplace(settings, parameters_);
  }

  double step(const Batch& batch, const StepPlan& plan, std::span<float> scores) override;
  void serve_in(ServingPrecision precision) override;
  void score(std::span<const float> inputs, std::span<float> scores) const override;
  void score_dropped(std::span<const float> inputs, std::uint64_t seed,
                     std::span<float> scores) const override;
  double loss(std::span<const float> scores, const Targets& targets) const override;
  void add_attributions(std::span<const float> inputs, std::span<double> sums) const override;
  void explain(std::span<const float> inputs, std::span<const QuadraturePoint> points,
               std::span<double> contributions) const override;
  std::vector<NamedTensor> weights() const override;
  void set_weights(const std::vector<NamedTensor>& weights) override;
  std::vector<NamedTensor> memory() const override;
  std::int64_t steps() const override { return optimizer_->steps(); }
  void set_memory(const std::vector<NamedTensor>& memory, std::int64_t steps) override;

 private:
  std::int64_t values_per_sample() const { return plan_.window * plan_.features; }
  /// Looks at the caller's memory on the processor; copies to other devices.
  at::Tensor inputs_tensor(const float* inputs, std::int64_t samples) const {
    const at::Tensor view =
        at::from_blob(const_cast<float*>(inputs), {samples, plan_.window, plan_.features});
    return view.to(device_);
  }
  void write_scores(std::span<const float> inputs, std::optional<DropoutDraw> dropout,
                    std::span<float> scores) const;
  std::vector<Block> blocks_of(std::size_t samples) const;
  at::Tensor learn_block(const Batch& batch, Block block, std::uint64_t seed) const;
  std::vector<at::Tensor> add_gradients(const std::vector<std::vector<at::Tensor>>& parts) const;
  void copy_into(std::vector<at::Tensor>& targets, std::span<const NamedTensor> values) const;

  NetworkPlan plan_;
  TrainingSettings settings_;
  at::Device device_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> parameters_;
  std::vector<at::Tensor> served_;  ///< what `score` multiplies by; empty: the parameters
  Precision serving_ = Precision::kFloat;
  std::optional<ParameterOptimizer> optimizer_;
};

/// A graphics card takes a batch whole.
std::vector<Block> Network::blocks_of(std::size_t samples) const {
  if (settings_.device == Device::kCuda) return {{0, samples}};
  std::vector<Block> blocks;
  for (std::size_t begin = 0; begin < samples; begin += kBlockSamples) {
    blocks.push_back({begin, std::min(samples, begin + kBlockSamples)});
  }
  return blocks;
}

at::Tensor Network::learn_block(const Batch& batch, Block block, std::uint64_t seed) const {
  const LowPrecision precision(settings_.precision, device_);
  const auto values = static_cast<std::size_t>(values_per_sample());
  const at::Tensor inputs = inputs_tensor(batch.inputs.data() + block.begin * values,
                                          static_cast<std::int64_t>(block.end - block.begin));
  return forward(plan_, parameters_, inputs, DropoutDraw{seed + block.begin}).to(at::kFloat);
}

/// Adds block after block, so that the sum is the same whoever computed them.
std::vector<at::Tensor> Network::add_gradients(const std::vector<std::vector<at::Tensor>>& parts) const {
  std::vector<at::Tensor> sums = parts.front();
  for (std::size_t part = 1; part < parts.size(); ++part) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = sums[i] + parts[part][i];
  }
  return sums;
}

double Network::step(const Batch& batch, const StepPlan& plan, std::span<float> scores) {
  const auto blocks = blocks_of(batch.samples.size());
  std::vector<at::Tensor> outputs(blocks.size());
  parallel_for(blocks.size(), plan.threads, [&](std::size_t i) {
    compute_alone();
    outputs[i] = learn_block(batch, blocks[i], plan.seed);
  });
  // The loss may compare samples of several blocks: it is taken of all scores, and leads back into each
  // block.
  const at::Tensor all = at::cat(outputs).detach().requires_grad_();
  const at::Tensor loss = loss_of(settings_, all, to_tensors(batch.targets, device_));
  const at::Tensor slopes = torch::autograd::grad({loss}, {all})[0];
  std::vector<std::vector<at::Tensor>> gradients(blocks.size());
  parallel_for(blocks.size(), plan.threads, [&](std::size_t i) {
    compute_alone();
    const auto begin = static_cast<std::int64_t>(blocks[i].begin);
    const auto size = static_cast<std::int64_t>(blocks[i].end) - begin;
    gradients[i] = torch::autograd::grad({outputs[i]}, parameters_, {slopes.narrow(0, begin, size)});
  });
  auto total = add_gradients(gradients);
  optimizer_->step(parameters_, total, plan.learning_rate);
  const at::Tensor plain = all.detach().to(at::kCPU);
  std::copy_n(plain.const_data_ptr<float>(), scores.size(), scores.begin());
  return loss.item<double>();
}

/// Rounds a matrix, or a convolution's kernels, to -127 … 127 steps for each output; vectors stay.
at::Tensor round_to_8_bits(const at::Tensor& weight) {
  at::Tensor plain = weight.detach();
  if (plain.dim() < 2) return plain;
  const at::Tensor rows = plain.flatten(1);
  const at::Tensor step = rows.abs().amax(1, true).div(127.0).clamp_min(1e-30);
  return rows.div(step).round().mul(step).reshape(plain.sizes());
}

void Network::serve_in(ServingPrecision precision) {
  serving_ = precision == ServingPrecision::kBfloat16 ? Precision::kBfloat16 : Precision::kFloat;
  served_.clear();
  if (precision != ServingPrecision::kInt8) return;
  for (const at::Tensor& parameter : parameters_) served_.push_back(round_to_8_bits(parameter));
}

void Network::write_scores(std::span<const float> inputs, std::optional<DropoutDraw> dropout,
                           std::span<float> scores) const {
  compute_alone();
  const at::NoGradGuard no_gradients;
  const LowPrecision precision(serving_, device_);
  const auto samples = static_cast<std::int64_t>(scores.size());
  const at::Tensor result =
      forward(plan_, served_.empty() ? parameters_ : served_, inputs_tensor(inputs.data(), samples), dropout)
          .to(at::kFloat)
          .to(at::kCPU);
  std::copy_n(result.const_data_ptr<float>(), scores.size(), scores.begin());
}

void Network::score(std::span<const float> inputs, std::span<float> scores) const {
  write_scores(inputs, {}, scores);
}

void Network::score_dropped(std::span<const float> inputs, std::uint64_t seed,
                            std::span<float> scores) const {
  write_scores(inputs, DropoutDraw{seed, true}, scores);
}

double Network::loss(std::span<const float> scores, const Targets& targets) const {
  compute_alone();
  const at::NoGradGuard no_gradients;
  const at::Tensor values =
      at::from_blob(const_cast<float*>(scores.data()), {static_cast<std::int64_t>(scores.size())});
  return loss_of(settings_, values, to_tensors(targets, at::kCPU)).item<double>();
}

void Network::add_attributions(std::span<const float> inputs, std::span<double> sums) const {
  compute_alone();
  const auto samples = static_cast<std::int64_t>(inputs.size()) / values_per_sample();
  const at::Tensor x = inputs_tensor(inputs.data(), samples).detach().requires_grad_();
  const at::Tensor slopes = torch::autograd::grad({forward(plan_, parameters_, x, {}).sum()}, {x})[0];
  const at::Tensor sizes =
      (slopes * x.detach()).abs().sum(at::IntArrayRef{0, 1}).to(at::kCPU).to(at::kDouble);
  for (std::size_t f = 0; f < sums.size(); ++f) sums[f] += sizes[static_cast<std::int64_t>(f)].item<double>();
}

void Network::explain(std::span<const float> inputs, std::span<const QuadraturePoint> points,
                      std::span<double> contributions) const {
  compute_alone();
  const auto samples = static_cast<std::int64_t>(inputs.size()) / values_per_sample();
  const at::Tensor parts =
      integrated_gradients(plan_, parameters_, inputs_tensor(inputs.data(), samples), points)
          .to(at::kCPU)
          .contiguous();
  std::copy_n(parts.const_data_ptr<double>(), contributions.size(), contributions.begin());
}

std::vector<NamedTensor> Network::weights() const {
  std::vector<NamedTensor> result;
  for (std::size_t i = 0; i < names_.size(); ++i) result.push_back(from_tensor(names_[i], parameters_[i]));
  return result;
}

void Network::copy_into(std::vector<at::Tensor>& targets, std::span<const NamedTensor> values) const {
  const at::NoGradGuard no_gradients;
  if (values.size() != targets.size()) throw internal_error("a network is given another number of tensors");
  for (std::size_t i = 0; i < values.size(); ++i) targets[i].copy_(to_tensor(values[i], device_));
}

void Network::set_weights(const std::vector<NamedTensor>& weights) { copy_into(parameters_, weights); }

std::vector<NamedTensor> Network::memory() const {
  std::vector<NamedTensor> result;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    result.push_back(from_tensor("first." + names_[i], optimizer_->first()[i]));
  }
  for (std::size_t i = 0; i < names_.size(); ++i) {
    result.push_back(from_tensor("second." + names_[i], optimizer_->second()[i]));
  }
  return result;
}

void Network::set_memory(const std::vector<NamedTensor>& memory, std::int64_t steps) {
  if (memory.size() != 2 * names_.size())
    throw internal_error("an optimizer is given another number of tensors");
  copy_into(optimizer_->first(), std::span(memory).first(names_.size()));
  copy_into(optimizer_->second(), std::span(memory).last(names_.size()));
  optimizer_->set_steps(steps);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) TorchNetwork* orrery_open_network(
    const NetworkPlan& plan, const TrainingSettings& settings, const std::vector<NamedTensor>& weights,
    std::string& problem) {
  try {
    return new Network(plan, settings, weights);
  } catch (const std::exception& error) {
    problem = error.what();
    return nullptr;
  }
}

}  // namespace orrery::plugins::models::networks
