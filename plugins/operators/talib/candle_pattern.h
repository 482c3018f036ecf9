#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/candle_view.h"

namespace orrery::plugins::operators {

/// A candlestick pattern is a struct with `kName`, such as "CDL2CROWS"; `kLookback`, how many candles TA-Lib
/// passes over before its first answer; and `signal(const auto& at)`, its definition over a CandleView
/// without branches. Its file registers it with what follows.
struct CandlePatternText {
  std::string summary;
  std::optional<double> penetration = std::nullopt;  ///< TA-Lib's default, for one that takes it
  /// The candles of an example, {open, high, low, close}; ten plain ones precede them.
  std::vector<std::array<double, 4>> example;
  double signal = 100.0;  ///< on the last of them; 0 on all before
};

/// Where a part of a candle stands among all parts of all candles that a pattern may read.
inline constexpr int kCandleParts = 8;
inline constexpr int kCandlesRead = 5;
constexpr int place_of(CandlePart part, int ago) { return ago * kCandleParts + static_cast<int>(part); }

/// Finds out what a pattern reads, by running it once.
class RecordedCandles {
 public:
  DoubleLanes of(CandlePart part, int ago) const {
    used_[static_cast<std::size_t>(place_of(part, ago))] = true;
    return DoubleLanes{};
  }
  double penetration() const { return 0.0; }
  std::vector<int> places() const;

 private:
  mutable std::array<bool, static_cast<std::size_t>(kCandleParts* kCandlesRead)> used_{};
};

/// The candles of one row of a kernel whose input 0 is the number of candles before, and whose constants are
/// the lookback, the penetration, and the places of the inputs behind.
class RowOfCandles {
 public:
  RowOfCandles(const kernels::KernelCall& call, std::int64_t row) : penetration_(call.constants[1]) {
    for (int i = 2; i < call.constant_count; ++i) {
      const auto place = static_cast<int>(call.constants[i]);
      rows_[static_cast<std::size_t>(place)] = call.input_row<double>(i - 1, row);
    }
  }

  void move_to(int lane) { lane_ = lane; }
  DoubleLanes of(CandlePart part, int ago) const {
    return kernels::load_lanes(rows_[static_cast<std::size_t>(place_of(part, ago))] + lane_);
  }
  double penetration() const { return penetration_; }

 private:
  std::array<const double*, static_cast<std::size_t>(kCandleParts* kCandlesRead)> rows_{};
  double penetration_ = 0.0;
  int lane_ = 0;
};

template <class Pattern>
void run_pattern(const kernels::KernelCall& call, std::int64_t first_row, int rows) {
  for (std::int64_t row = first_row; row < first_row + rows; ++row) {
    const double* before = call.input_row<double>(0, row);
    double* to = call.output_row<double>(0, row);
    RowOfCandles candles(call, row);
    for (int lane = 0; lane < call.lanes; lane += kernels::kDoubleLanes) {
      candles.move_to(lane);
      const DoubleLanes count = kernels::load_lanes(before + lane);
      // The count is missing where a price is, and so is the signal.
      const DoubleLanes none = 0.0 * count;
      kernels::store_lanes(to + lane,
                           count >= call.constants[0] ? Pattern::signal(CandleView(candles)) : none);
    }
  }
}

template <class Pattern>
inline constexpr kernels::Kernel kPatternKernel = {Pattern::kName, run_pattern<Pattern>};

/// Builds the node of a pattern's kernel and the parts of candles that it reads, which patterns share.
/// `call`: open, high, low, close, and the penetration if there is one.
Operand candle_signal(GraphBuilder& graph, const OperatorCall& call, const kernels::Kernel& kernel,
                      int lookback, const std::vector<int>& places);

template <class Pattern>
Operand signal_after(GraphBuilder& graph, const OperatorCall& call, int lookback) {
  const RecordedCandles candles;
  (void)Pattern::signal(CandleView(candles));
  return candle_signal(graph, call, kPatternKernel<Pattern>, lookback, candles.places());
}

template <class Pattern>
Operand lower_pattern(GraphBuilder& graph, const OperatorCall& call) {
  return signal_after<Pattern>(graph, call, Pattern::kLookback);
}

/// What TA-Lib's pattern of a name says about itself.
OperatorInfo candle_pattern_info(const std::string& name, int lookback, const CandlePatternText& text);

template <class Pattern>
void add_candle_pattern(Registry& registry, const CandlePatternText& text,
                        decltype(Operator::lower) lower = lower_pattern<Pattern>) {
  OperatorInfo info = candle_pattern_info(Pattern::kName, Pattern::kLookback, text);
  const std::string name = info.name;
  registry.add(name, {std::move(info), lower});
}

}  // namespace orrery::plugins::operators
