#pragma once

#include <cstdint>
#include <variant>
#include <vector>

namespace orrery::plugins::models::networks {

// The layers that networks are put together from. Widths are values a step: a layer that reads sequences
// takes [sample × step × width], the others [sample × width] or every step by itself. Each is the PyTorch
// module of the same content, with its names of parameters; what a layer does to shapes stands in
// layer_shapes.cc, what it computes in module/forward.cc.

/// y = x W' + b (torch.nn.Linear).
struct Linear {
  std::int64_t outputs = 1;
};

/// An element-wise function.
struct Activate {
  enum class Function { kRelu, kGelu, kTanh, kLeakyRelu, kSilu };
  Function function = Function::kRelu;
};

/// Sets a share of the values to 0 while training and scales the rest up (torch.nn.Dropout).
struct Dropout {
  double share = 0.0;
};

/// Centres and scales each sample's (or step's) values, with a learned gain and shift (torch.nn.LayerNorm).
struct Normalize {};

/// Recurrent layers over the steps (torch.nn.LSTM, torch.nn.GRU), one on top of the other, with dropout
/// between them. Output: every step's state; of both directions side by side.
struct Recurrent {
  enum class Cell { kLstm, kGru };
  Cell cell = Cell::kLstm;
  std::int64_t hidden = 64;
  std::int64_t layers = 2;
  bool bidirectional = false;
  double dropout = 0.0;
};

/// Keeps the final state of a sequence: the newest step; of two directions, the newest step's of the first
/// half of the width and the oldest step's of the second half, where the backward direction ends.
struct FinalState {
  bool bidirectional = false;
};

/// The newest step beside a learned weighted mean of all steps (ALSTM: Feng et al., 2019, "Enhancing stock
/// movement prediction with adversarial training").
struct AttentionPool {
  std::int64_t hidden = 32;
};

/// Two causal dilated convolutions over the steps with a way around them (TCN: Bai, Kolter and Koltun, 2018,
/// "An empirical evaluation of generic convolutional and recurrent networks for sequence modeling", without
/// its weight normalisation).
struct TemporalBlock {
  std::int64_t channels = 32;
  std::int64_t kernel = 3;
  std::int64_t dilation = 1;
  double dropout = 0.0;
};

/// Adds sines and cosines of each step's position (Vaswani et al., 2017, "Attention is all you need").
struct MarkPositions {};

/// Self-attention and a feed-forward part, each with a way around it and normalised after
/// (torch.nn.TransformerEncoderLayer with its defaults: relu, norm_first=False).
struct EncoderLayer {
  std::int64_t heads = 2;
  std::int64_t feedforward = 64;
  double dropout = 0.0;
};

using Layer = std::variant<Linear, Activate, Dropout, Normalize, Recurrent, FinalState, AttentionPool,
                           TemporalBlock, MarkPositions, EncoderLayer>;

/// A network: layers in order, from [sample × window × features] to one score a sample. The first layer of a
/// network without a window sees [sample × features].
struct NetworkPlan {
  std::int64_t features = 0;
  std::int64_t window = 1;
  bool is_sequential = false;  ///< reads steps; else window is 1
  std::vector<Layer> layers;
};

}  // namespace orrery::plugins::models::networks
