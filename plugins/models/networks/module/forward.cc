#include "plugins/models/networks/module/forward.h"

#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <cmath>

namespace orrery::plugins::models::networks {
namespace {

/// Leads values through the layers, taking each layer's parameters in order.
class ForwardPass {
 public:
  ForwardPass(const std::vector<at::Tensor>& parameters, std::optional<DropoutDraw> dropout)
      : next_(parameters.begin()), shares_mask_(dropout && dropout->is_shared) {
    if (dropout) generator_ = at::detail::createCPUGenerator(dropout->seed);
  }

  at::Tensor apply(const Layer& layer, const at::Tensor& x) {
    return std::visit([&](const auto& kind) { return apply_layer(kind, x); }, layer);
  }

 private:
  const at::Tensor& take() { return *next_++; }
  std::vector<at::Tensor> take(std::ptrdiff_t count) {
    std::vector<at::Tensor> taken(next_, next_ + count);
    next_ += count;
    return taken;
  }

  /// Masks are drawn on the processor, so that they are the same wherever the network lives.
  at::Tensor drop(const at::Tensor& x, double share) {
    if (!generator_ || share == 0.0) return x;
    auto sizes = x.sizes().vec();
    if (shares_mask_) sizes.front() = 1;
    at::Tensor mask = at::empty(sizes, at::kFloat).bernoulli_(1.0 - share, generator_);
    return x * mask.div_(1.0 - share).to(x.options());
  }
  at::Tensor linear(const at::Tensor& x) {
    const at::Tensor& weight = take();
    return at::linear(x, weight, take());
  }
  at::Tensor norm(const at::Tensor& x) {
    const at::Tensor& gain = take();
    return at::layer_norm(x, {x.size(-1)}, gain, take());
  }
  /// A convolution over the steps that sees no later step. [sample × channel × step].
  at::Tensor convolve(const at::Tensor& x, std::int64_t kernel, std::int64_t dilation) {
    const at::Tensor& weight = take();
    const at::Tensor padded = at::constant_pad_nd(x, {(kernel - 1) * dilation, 0});
    return at::conv1d(padded, weight, take(), at::IntArrayRef{1}, at::IntArrayRef{0},
                      at::IntArrayRef{dilation});
  }
  at::Tensor attend(const EncoderLayer& layer, const at::Tensor& x);
  at::Tensor recur(const Recurrent& layer, const at::Tensor& x);

  at::Tensor apply_layer(const Linear&, const at::Tensor& x) { return linear(x); }
  at::Tensor apply_layer(const Activate& layer, const at::Tensor& x);
  at::Tensor apply_layer(const Dropout& layer, const at::Tensor& x) { return drop(x, layer.share); }
  at::Tensor apply_layer(const Normalize&, const at::Tensor& x) { return norm(x); }
  at::Tensor apply_layer(const Recurrent& layer, const at::Tensor& x);
  at::Tensor apply_layer(const FinalState& layer, const at::Tensor& x);
  at::Tensor apply_layer(const AttentionPool& layer, const at::Tensor& x);
  at::Tensor apply_layer(const TemporalBlock& layer, const at::Tensor& x);
  at::Tensor apply_layer(const MarkPositions& layer, const at::Tensor& x);
  at::Tensor apply_layer(const EncoderLayer& layer, const at::Tensor& x);

  std::vector<at::Tensor>::const_iterator next_;
  bool shares_mask_;
  std::optional<at::Generator> generator_;
};

at::Tensor ForwardPass::apply_layer(const Activate& layer, const at::Tensor& x) {
  switch (layer.function) {
    case Activate::Function::kRelu:
      return at::relu(x);
    case Activate::Function::kGelu:
      return at::gelu(x);
    case Activate::Function::kTanh:
      return at::tanh(x);
    case Activate::Function::kLeakyRelu:
      return at::leaky_relu(x);
    case Activate::Function::kSilu:
      return at::silu(x);
  }
  return x;
}

/// One recurrent layer; libtorch takes the parameters of both directions in the order they are listed in.
at::Tensor ForwardPass::recur(const Recurrent& layer, const at::Tensor& x) {
  const std::int64_t directions = layer.bidirectional ? 2 : 1;
  const auto parameters = take(4 * directions);
  const at::Tensor zeros = at::zeros({directions, x.size(0), layer.hidden}, x.options());
  const bool learns = c10::GradMode::is_enabled();
  if (layer.cell == Recurrent::Cell::kGru) {
    return std::get<0>(at::gru(x, zeros, parameters, true, 1, 0.0, learns, layer.bidirectional, true));
  }
  return std::get<0>(
      at::lstm(x, {zeros, zeros}, parameters, true, 1, 0.0, learns, layer.bidirectional, true));
}

at::Tensor ForwardPass::apply_layer(const Recurrent& layer, const at::Tensor& x) {
  at::Tensor states = recur(layer, x);
  for (std::int64_t i = 1; i < layer.layers; ++i) states = recur(layer, drop(states, layer.dropout));
  return states;
}

at::Tensor ForwardPass::apply_layer(const FinalState& layer, const at::Tensor& x) {
  if (!layer.bidirectional) return x.select(1, -1);
  const std::int64_t half = x.size(2) / 2;
  return at::cat({x.select(1, -1).narrow(1, 0, half), x.select(1, 0).narrow(1, half, half)}, 1);
}

at::Tensor ForwardPass::apply_layer(const AttentionPool&, const at::Tensor& x) {
  const at::Tensor hidden = at::tanh(linear(x));
  const at::Tensor shares = at::softmax(at::linear(hidden, take()), 1);
  return at::cat({x.select(1, -1), (x * shares).sum(1)}, 1);
}

at::Tensor ForwardPass::apply_layer(const TemporalBlock& layer, const at::Tensor& x) {
  const at::Tensor channels = x.transpose(1, 2);
  at::Tensor y = drop(at::relu(convolve(channels, layer.kernel, layer.dilation)), layer.dropout);
  y = drop(at::relu(convolve(y, layer.kernel, layer.dilation)), layer.dropout);
  const at::Tensor around = channels.size(1) == layer.channels ? channels : convolve(channels, 1, 1);
  return at::relu(y + around).transpose(1, 2);
}

at::Tensor ForwardPass::apply_layer(const MarkPositions&, const at::Tensor& x) {
  const std::int64_t steps = x.size(1);
  const std::int64_t width = x.size(2);
  at::Tensor marks = at::zeros({steps, width}, at::kFloat);
  auto cells = marks.accessor<float, 2>();
  for (std::int64_t step = 0; step < steps; ++step) {
    for (std::int64_t i = 0; i < width; ++i) {
      const auto pair = static_cast<double>(i - i % 2);
      const double rate = std::pow(10000.0, -pair / static_cast<double>(width));
      const double angle = static_cast<double>(step) * rate;
      cells[step][i] = static_cast<float>(i % 2 == 0 ? std::sin(angle) : std::cos(angle));
    }
  }
  return x + marks.to(x.options());
}

at::Tensor ForwardPass::attend(const EncoderLayer& layer, const at::Tensor& x) {
  const std::int64_t samples = x.size(0);
  const std::int64_t steps = x.size(1);
  const std::int64_t width = x.size(2);
  const auto parts = linear(x).chunk(3, 2);
  const std::int64_t head_width = width / layer.heads;
  const auto by_head = [&](const at::Tensor& part) {
    return part.reshape({samples, steps, layer.heads, head_width}).transpose(1, 2);
  };
  const double scale = 1.0 / std::sqrt(static_cast<double>(head_width));
  const at::Tensor products = at::matmul(by_head(parts[0]), by_head(parts[1]).transpose(2, 3)) * scale;
  const at::Tensor shares = drop(at::softmax(products, -1), layer.dropout);
  const at::Tensor mixed = at::matmul(shares, by_head(parts[2])).transpose(1, 2);
  return linear(mixed.reshape({samples, steps, width}));
}

at::Tensor ForwardPass::apply_layer(const EncoderLayer& layer, const at::Tensor& x) {
  const at::Tensor attended = x + drop(attend(layer, x), layer.dropout);
  // The parameters stand in the order attention, linear1, linear2, norm1, norm2.
  const auto feedforward = take(4);
  const at::Tensor normed = norm(attended);
  const at::Tensor inner = at::relu(at::linear(normed, feedforward[0], feedforward[1]));
  const at::Tensor outer = at::linear(drop(inner, layer.dropout), feedforward[2], feedforward[3]);
  return norm(normed + drop(outer, layer.dropout));
}

}  // namespace

at::Tensor forward(const NetworkPlan& plan, const std::vector<at::Tensor>& parameters,
                   const at::Tensor& inputs, std::optional<DropoutDraw> dropout) {
  ForwardPass pass(parameters, dropout);
  at::Tensor x = plan.is_sequential ? inputs : inputs.flatten(1);
  for (const Layer& layer : plan.layers) x = pass.apply(layer, x);
  return x.flatten();
}

}  // namespace orrery::plugins::models::networks
