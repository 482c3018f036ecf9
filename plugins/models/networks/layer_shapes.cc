#include "plugins/models/networks/layer_shapes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::plugins::models::networks {
namespace {

/// Collects the parameters of one layer after the other.
class ShapeList {
 public:
  explicit ShapeList(std::int64_t width) : width_(width) {}

  void add(const Layer& layer) {
    std::visit([&](const auto& kind) { add_layer(kind); }, layer);
    ++position_;
  }
  std::int64_t width() const { return width_; }
  std::vector<ParameterShape> take() { return std::move(shapes_); }

 private:
  void put(const std::string& name, std::vector<std::int64_t> shape, double center, double bound) {
    shapes_.push_back({fmt::format("{}.{}", position_, name), std::move(shape), center, bound});
  }
  void put_linear(const std::string& prefix, std::int64_t inputs, std::int64_t outputs) {
    const double bound = 1.0 / std::sqrt(static_cast<double>(inputs));
    put(prefix + "weight", {outputs, inputs}, 0.0, bound);
    put(prefix + "bias", {outputs}, 0.0, bound);
  }
  void put_norm(const std::string& prefix) {
    put(prefix + "weight", {width_}, 1.0, 0.0);
    put(prefix + "bias", {width_}, 0.0, 0.0);
  }
  void put_convolution(const std::string& prefix, std::int64_t inputs, std::int64_t outputs,
                       std::int64_t kernel) {
    const double bound = 1.0 / std::sqrt(static_cast<double>(inputs * kernel));
    put(prefix + "weight", {outputs, inputs, kernel}, 0.0, bound);
    put(prefix + "bias", {outputs}, 0.0, bound);
  }

  void add_layer(const Linear& layer) {
    put_linear("", width_, layer.outputs);
    width_ = layer.outputs;
  }
  void add_layer(const Activate&) {}
  void add_layer(const Dropout&) {}
  void add_layer(const Normalize&) { put_norm(""); }
  void add_layer(const FinalState&) {}
  void add_layer(const MarkPositions&) {}
  void add_layer(const Recurrent& layer);
  void add_layer(const AttentionPool& layer);
  void add_layer(const TemporalBlock& layer);
  void add_layer(const EncoderLayer& layer);

  std::int64_t width_;
  std::size_t position_ = 0;
  std::vector<ParameterShape> shapes_;
};

void ShapeList::add_layer(const Recurrent& layer) {
  const std::int64_t rows = layer.hidden * (layer.cell == Recurrent::Cell::kLstm ? 4 : 3);
  const double bound = 1.0 / std::sqrt(static_cast<double>(layer.hidden));
  const int directions = layer.bidirectional ? 2 : 1;
  for (std::int64_t i = 0; i < layer.layers; ++i) {
    for (int direction = 0; direction < directions; ++direction) {
      const std::string suffix = fmt::format("_l{}{}", i, direction == 0 ? "" : "_reverse");
      put("weight_ih" + suffix, {rows, width_}, 0.0, bound);
      put("weight_hh" + suffix, {rows, layer.hidden}, 0.0, bound);
      put("bias_ih" + suffix, {rows}, 0.0, bound);
      put("bias_hh" + suffix, {rows}, 0.0, bound);
    }
    width_ = layer.hidden * directions;
  }
}

void ShapeList::add_layer(const AttentionPool& layer) {
  put_linear("0.", width_, layer.hidden);
  const double bound = 1.0 / std::sqrt(static_cast<double>(layer.hidden));
  put("3.weight", {1, layer.hidden}, 0.0, bound);
  width_ *= 2;
}

void ShapeList::add_layer(const TemporalBlock& layer) {
  put_convolution("conv1.", width_, layer.channels, layer.kernel);
  put_convolution("conv2.", layer.channels, layer.channels, layer.kernel);
  if (width_ != layer.channels) put_convolution("downsample.", width_, layer.channels, 1);
  width_ = layer.channels;
}

void ShapeList::add_layer(const EncoderLayer& layer) {
  if (width_ % layer.heads != 0) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("a transformer's width must be a multiple of its heads: {} is not one of {}",
                                 width_, layer.heads));
  }
  const double bound = std::sqrt(6.0 / static_cast<double>(4 * width_));
  put("self_attn.in_proj_weight", {3 * width_, width_}, 0.0, bound);
  put("self_attn.in_proj_bias", {3 * width_}, 0.0, 0.0);
  put("self_attn.out_proj.weight", {width_, width_}, 0.0, 1.0 / std::sqrt(static_cast<double>(width_)));
  put("self_attn.out_proj.bias", {width_}, 0.0, 0.0);
  put_linear("linear1.", width_, layer.feedforward);
  put_linear("linear2.", layer.feedforward, width_);
  put_norm("norm1.");
  put_norm("norm2.");
}

}  // namespace

std::vector<ParameterShape> parameter_shapes(const NetworkPlan& plan) {
  ShapeList list(plan.features);
  for (const Layer& layer : plan.layers) list.add(layer);
  if (list.width() != 1) {
    throw internal_error(fmt::format("a network gives one score a sample; its layers give {}", list.width()));
  }
  return list.take();
}

std::vector<NamedTensor> initial_weights(const NetworkPlan& plan, std::uint64_t seed) {
  Random random(seed);
  std::vector<NamedTensor> weights;
  for (const ParameterShape& shape : parameter_shapes(plan)) {
    NamedTensor tensor{shape.name, shape.shape, std::vector<float>(value_count(shape.shape))};
    for (float& value : tensor.values) {
      value = static_cast<float>(shape.center + shape.bound * (2.0 * random.uniform() - 1.0));
    }
    weights.push_back(std::move(tensor));
  }
  return weights;
}

std::string weights_problem(const NetworkPlan& plan, const std::vector<NamedTensor>& weights) {
  const auto expected = parameter_shapes(plan);
  if (weights.size() != expected.size()) {
    return fmt::format("{} parameters expected, found {}", expected.size(), weights.size());
  }
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i].name == expected[i].name && weights[i].shape == expected[i].shape) continue;
    return fmt::format("the parameter {} of shape {} expected, found {} of shape {}", expected[i].name,
                       expected[i].shape, weights[i].name, weights[i].shape);
  }
  return {};
}

}  // namespace orrery::plugins::models::networks
