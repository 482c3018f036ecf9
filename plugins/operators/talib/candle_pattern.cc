#include "plugins/operators/talib/candle_pattern.h"

#include <algorithm>
#include <limits>

#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// How many candles came before.
struct CandleCount {
  static constexpr int kInputs = 4;
  static constexpr int kStates = 1;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* /*in*/, const double* /*constants*/, DoubleLanes* out) {
    out[0] = s[0];
    s[0] += 1.0;
  }
};

/// The values of one candle earlier. State: whether there was one, and its values.
template <int kValues>
struct OneEarlier {
  static constexpr int kInputs = kValues;
  static constexpr int kStates = kValues + 1;
  static constexpr int kOutputs = kValues;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* /*constants*/, DoubleLanes* out) {
    for (int i = 0; i < kValues; ++i) {
      out[i] = s[kValues] > 0.0 ? s[i] : all_lanes(kMissing);
      s[i] = in[i];
    }
    s[kValues] = all_lanes(1.0);
  }
};

struct Body {
  static DoubleLanes of(const DoubleLanes* price) { return kernels::absolute_lanes(price[3] - price[0]); }
};

struct Range {
  static DoubleLanes of(const DoubleLanes* price) { return price[1] - price[2]; }
};

struct Shadows {
  static DoubleLanes of(const DoubleLanes* price) {
    const auto white = price[3] >= price[0];
    return (price[1] - (white ? price[3] : price[0])) + ((white ? price[0] : price[3]) - price[2]);
  }
};

/// The mean length of the candles before. State: their lengths, oldest first, and how many there were.
///
/// TA-Lib carries the sum along, adding the newest length and taking away the oldest one; this is the sum
/// itself.
template <class Length, int kCandles>
struct MeanBefore {
  static constexpr int kInputs = 4;
  static constexpr int kStates = kCandles + 1;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* /*constants*/, DoubleLanes* out) {
    DoubleLanes sum = {};
    for (int i = 0; i < kCandles; ++i) sum += s[i];
    DoubleLanes& count = s[kCandles];
    out[0] =
        count >= static_cast<double>(kCandles) ? sum / static_cast<double>(kCandles) : all_lanes(kMissing);
    for (int i = 0; i + 1 < kCandles; ++i) s[i] = s[i + 1];
    s[kCandles - 1] = Length::of(in);
    count += 1.0;
  }
};

constexpr kernels::Kernel kCount = observation_kernel<CandleCount>("talib_candle_count");
constexpr kernels::Kernel kEarlierPrices = observation_kernel<OneEarlier<4>>("talib_candle_before");
constexpr kernels::Kernel kEarlierMean = observation_kernel<OneEarlier<1>>("talib_mean_before");
constexpr kernels::Kernel kMeanBody = observation_kernel<MeanBefore<Body, 10>>("talib_mean_body");
constexpr kernels::Kernel kMeanRange = observation_kernel<MeanBefore<Range, 10>>("talib_mean_range");
constexpr kernels::Kernel kMeanShadows = observation_kernel<MeanBefore<Shadows, 10>>("talib_mean_shadows");
constexpr kernels::Kernel kMeanRangeOfFive =
    observation_kernel<MeanBefore<Range, 5>>("talib_mean_range_of_five");

using Prices = std::vector<Operand>;

Operand earlier_price(GraphBuilder& graph, Prices prices, int price, int ago) {
  for (; ago > 0; --ago) {
    Prices earlier;
    for (int i = 0; i < 4; ++i) earlier.push_back(graph.custom(kEarlierPrices, prices, {}, 0, 4, i));
    prices = std::move(earlier);
  }
  return prices[static_cast<std::size_t>(price)];
}

Operand earlier_mean(GraphBuilder& graph, const kernels::Kernel& kernel, const Prices& prices, int ago) {
  Operand mean = graph.custom(kernel, prices, {}, 0);
  for (; ago > 0; --ago) mean = graph.custom(kEarlierMean, mean, {}, 0);
  return mean;
}

Operand part_at(GraphBuilder& graph, const Prices& prices, int place) {
  const int ago = place / kCandleParts;
  const auto part = static_cast<CandlePart>(place % kCandleParts);
  switch (part) {
    case CandlePart::kMeanBody:
      return earlier_mean(graph, kMeanBody, prices, ago);
    case CandlePart::kMeanRange:
      return earlier_mean(graph, kMeanRange, prices, ago);
    case CandlePart::kMeanShadows:
      return earlier_mean(graph, kMeanShadows, prices, ago);
    case CandlePart::kMeanRangeOfFive:
      return earlier_mean(graph, kMeanRangeOfFive, prices, ago);
    case CandlePart::kOpen:
    case CandlePart::kHigh:
    case CandlePart::kLow:
    case CandlePart::kClose:
      break;
  }
  return earlier_price(graph, prices, static_cast<int>(part), ago);
}

OperatorExample example_of(const std::string& expression, const CandlePatternText& text) {
  constexpr int kPlainCandles = 10;
  constexpr std::array<double, 4> kPlain = {20.0, 22.0, 19.0, 21.0};
  const std::array<const char*, 4> fields = {"o", "h", "l", "c"};
  std::vector<std::array<double, 4>> candles(kPlainCandles, kPlain);
  candles.insert(candles.end(), text.example.begin(), text.example.end());
  OperatorExample example;
  example.expression = expression;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (const auto& candle : candles) example.fields[fields[i]].push_back(candle[i]);
  }
  example.expected.assign(candles.size(), 0.0);
  example.expected.back() = text.signal;
  return example;
}

}  // namespace

std::vector<int> RecordedCandles::places() const {
  std::vector<int> result;
  for (std::size_t i = 0; i < used_.size(); ++i) {
    if (used_[i]) result.push_back(static_cast<int>(i));
  }
  return result;
}

StretchOfCandles::StretchOfCandles(const kernels::KernelCall& call, std::int64_t row, std::int64_t rows)
    : before_(call.input_row<double>(0, row)), penetration_(call.constants[1]), rows_(rows) {
  for (int i = 2; i < call.constant_count; ++i) {
    const auto place = static_cast<int>(call.constants[i]);
    parts_[static_cast<std::size_t>(place)] = call.input_row<double>(i - 1, row);
  }
}

Operand candle_signal(GraphBuilder& graph, const OperatorCall& call, const kernels::Kernel& kernel,
                      int lookback, const std::vector<int>& places) {
  const Prices prices = {call[0], call[1], call[2], call[3]};
  std::vector<Operand> inputs = {graph.custom(kCount, prices, {}, 0)};
  std::vector<double> constants = {static_cast<double>(lookback), call.size() > 4 ? call.number(4) : 0.0};
  for (const int place : places) {
    inputs.push_back(part_at(graph, prices, place));
    constants.push_back(place);
  }
  return graph.custom(kernel, inputs, std::move(constants), 0);
}

OperatorInfo candle_pattern_info(const std::string& name, int lookback, const CandlePatternText& text) {
  OperatorInfo info;
  info.name = "talib:" + name;
  info.summary = text.summary;
  info.arguments = bar_arguments("ohlc");
  if (text.penetration) {
    info.arguments.push_back(number_argument(
        "penetration", "how far the last candle reaches into the first one's body", *text.penetration, 0.0));
  }
  info.missing = "a row on which an input is missing changes nothing and has no value";
  info.warm_up = "0 for the first " + std::to_string(lookback) + " candles, as in TA-Lib";
  info.source = "TA-Lib 0.6 (C), TA_" + name;
  info.example = example_of(info.name + "($o, $h, $l, $c)", text);
  info.more_rows = lookback;
  return info;
}

}  // namespace orrery::plugins::operators
