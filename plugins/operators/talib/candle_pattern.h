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

/// The candles of rows that lie behind one another, for a kernel whose input 0 is the number of candles
/// before, and whose constants are the lookback, the penetration, and the places of the inputs behind.
class StretchOfCandles {
 public:
  /// Takes `rows` rows from `row` on.
  StretchOfCandles(const kernels::KernelCall& call, std::int64_t row, std::int64_t rows);

  std::int64_t rows() const { return rows_; }
  void move_to(std::int64_t cell) { cell_ = cell; }
  DoubleLanes before() const { return kernels::load_lanes(before_ + cell_); }
  DoubleLanes of(CandlePart part, int ago) const {
    return kernels::load_lanes(parts_[static_cast<std::size_t>(place_of(part, ago))] + cell_);
  }
  double penetration() const { return penetration_; }

 private:
  std::array<const double*, static_cast<std::size_t>(kCandleParts* kCandlesRead)> parts_{};
  const double* before_;
  double penetration_;
  std::int64_t rows_;
  std::int64_t cell_ = 0;
};

template <class Pattern>
void run_pattern(const kernels::KernelCall& call, std::int64_t first_row, int rows) {
  StretchOfCandles candles(call, first_row, rows);
  double* to = call.output_row<double>(0, first_row);
  for (std::int64_t cell = 0; cell < candles.rows() * call.lanes; cell += kernels::kDoubleLanes) {
    candles.move_to(cell);
    // The count is missing where a price is, and so is the signal.
    const DoubleLanes none = 0.0 * candles.before();
    const auto begun = candles.before() >= call.constants[0];
    kernels::store_lanes(to + cell, begun ? Pattern::signal(CandleView(candles)) : none);
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
