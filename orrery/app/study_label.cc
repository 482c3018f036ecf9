#include "orrery/app/study_label.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "orrery/app/parse_at.h"
#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr const char* kDefaultWidth = "Std($close/Ref($close,1)-1,20)";
constexpr double kSmallest = 1e-6;

void read_gain_label(ConfigReader& reader, Study& study) {
  GainLabel gain;
  gain.gain = reader.number("gain", 0.10, kSmallest);
  gain.within = static_cast<int>(reader.integer("within", 3, 1));
  gain.touch = reader.text("touch", "close", {"close", "high"}) == "close" ? GainLabel::Touch::kClose
                                                                           : GainLabel::Touch::kHigh;
  study.label.gain = gain;
  study.label.span_rows = label_span_rows(gain);
  study.label.entry_rows = 1;
  if (study.backtest.delay != 1) {
    reader.problem("gain", fmt::format("a gain label enters at the next session, but execution.delay is {}",
                                       study.backtest.delay));
  }
}

void read_expression_label(ConfigReader& reader, Study& study, const std::string& price) {
  const auto fallback = default_label_expression(price, study.backtest.delay);
  study.label.expression = {"label", reader.text("expression", fallback)};
  const bool allowed = reader.boolean("allow_mismatch", false);
  const auto& expression = study.label.expression.expression;
  parse_at(reader, "expression", [&] {
    study.label.span_rows = expression_span("label", expression).look_ahead_rows;
    const bool matches = label_matches_fills(expression, price, study.backtest.delay);
    study.label.entry_rows = matches ? study.backtest.delay : 0;
    if (allowed || matches) return;
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("the label's entry is not the fill (price: {}, delay: {}); the default label is {}; "
                    "write allow_mismatch: true to learn it all the same; found {}",
                    price, study.backtest.delay, fallback, expression));
  });
}

TripleBarrier::Value parse_value(const std::string& text) {
  if (text == "sign") return TripleBarrier::Value::kSign;
  if (text == "touch") return TripleBarrier::Value::kTouch;
  return text == "profit" ? TripleBarrier::Value::kProfit : TripleBarrier::Value::kReturn;
}

/// The barriers' width is a factor like any other: it may not look ahead.
void read_width(ConfigReader& barriers, TripleBarrierChoice& choice) {
  const bool is_return = barriers.text("unit", "volatility", {"volatility", "return"}) == "return";
  if (is_return) {
    if (barriers.has("volatility"))
      barriers.problem("volatility", "barriers in unit: return have no volatility; take one of the two out");
    barriers.node("volatility");
    return;
  }
  choice.width = {"volatility", barriers.text("volatility", kDefaultWidth)};
  parse_at(barriers, "volatility", [&] {
    const auto span = expression_span(choice.width.name, choice.width.expression);
    if (span.look_ahead_rows == 0) return;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the barriers' width reads {} sessions into the future, but must be known "
                                 "at the decision: {}",
                                 span.look_ahead_rows, choice.width.expression));
  });
}

void read_barriers(ConfigReader barriers, Study& study) {
  TripleBarrierChoice choice;
  for (const auto* key : {"profit", "stop"}) barriers.node(key);
  if (barriers.has("profit")) choice.profit = barriers.number("profit", 1.0, kSmallest);
  if (barriers.has("stop")) choice.stop = barriers.number("stop", 1.0, kSmallest);
  if (!choice.profit && !choice.stop) {
    barriers.problem("profit",
                     "a triple barrier needs profit, stop or both, as multiples of the volatility (unit: "
                     "return: as returns); without them it is a forward return: write an expression");
  }
  choice.within = static_cast<int>(barriers.integer("within", choice.within, 1));
  choice.delay = study.backtest.delay;
  read_width(barriers, choice);
  choice.touch = barriers.text("touch", "close", {"close", "range"}) == "range"
                     ? TripleBarrier::Touch::kRange
                     : TripleBarrier::Touch::kClose;
  choice.value = parse_value(barriers.text("value", "return", {"return", "sign", "touch", "profit"}));
  if (choice.value == TripleBarrier::Value::kProfit && !choice.profit)
    barriers.problem("value",
                     "value: profit asks whether the profit is reached, and there is none: set profit");
  study.label.span_rows = label_span_rows(choice);
  study.label.entry_rows = choice.delay;
  study.label.barriers = std::move(choice);
}

Panel compute(const FactorDefinition& definition, const MarketData& market, Precision precision,
              bool allow_future, int threads) {
  FactorOptions options;
  options.precision = precision;
  options.allow_future = allow_future;
  options.threads = threads;
  return compute_expression(definition, market, options);
}

Label barrier_label(const Study& study, const MarketData& market, int threads) {
  const TripleBarrierChoice& choice = *study.label.barriers;
  const BarrierPrices prices{market.field(fill_price_name(study.backtest.price)), market.field("open"),
                             market.field("high"), market.field("low"), market.field("close")};
  if (choice.width.expression.empty())
    return triple_barrier_label(prices, nullptr, market.delistings, choice, threads);
  const Panel width = compute(choice.width, market, Precision::kFloat64, false, threads);
  return triple_barrier_label(prices, &width, market.delistings, choice, threads);
}

std::string barrier_text(const TripleBarrierChoice& barriers) {
  const std::string unit = barriers.width.expression.empty() ? "" : " × " + barriers.width.expression;
  const auto side = [&](const char* name, const std::optional<double>& widths) {
    return widths ? fmt::format("{} {:.4g}{}, ", name, *widths, unit) : std::string();
  };
  constexpr std::string_view kSays[] = {"return", "sign of the return", "barrier touched: 1, -1 or 0",
                                        "profit first: 1, else 0"};
  return fmt::format("the {} of the triple barrier: {}{}{} session{} at most, touched by {}",
                     kSays[static_cast<std::size_t>(barriers.value)], side("profit", barriers.profit),
                     side("stop", barriers.stop), barriers.within, barriers.within == 1 ? "" : "s",
                     barriers.touch == TripleBarrier::Touch::kRange ? "the session's range" : "closes");
}

}  // namespace

void read_label(ConfigReader reader, Study& study, const std::string& price) {
  std::vector<std::string_view> kinds;
  for (const auto* kind : {"expression", "gain", "triple_barrier"}) {
    if (reader.has(kind)) kinds.push_back(kind);
  }
  const bool gain = reader.has("gain") || (kinds.empty() && reader.has("within"));
  for (const auto* key : {"within", "touch"}) {
    if (!gain && reader.has(key))
      reader.problem(key, "says nothing here: it stands beside gain, or inside triple_barrier");
  }
  if (kinds.size() > 1)
    reader.problem(kinds.front(), "a label is either an expression, a gain or a triple_barrier");
  if (gain) {
    read_gain_label(reader, study);
  } else if (reader.has("triple_barrier")) {
    read_barriers(reader.section("triple_barrier"), study);
  } else {
    read_expression_label(reader, study, price);
    reader.node("gain");
  }
  for (const auto* key : {"expression", "triple_barrier", "within", "touch"}) reader.node(key);
}

StudyLabel study_label(const Study& study, const MarketData& market, int threads) {
  if (study.label.barriers) {
    Label label = barrier_label(study, market, threads);
    return {std::move(label.values), std::move(label.last_rows)};
  }
  if (!study.label.gain)
    return {compute(study.label.expression, market, study.factors.precision, true, threads), std::nullopt};
  const Panel& entry = market.field(fill_price_name(study.backtest.price));
  return {gain_label(entry, market.field("close"), market.field("high"), *study.label.gain), std::nullopt};
}

const RowPanel* label_ends(const Study& study, const StudyLabel& label) {
  const bool leaks = !study.validation.purge.automatic && study.validation.purge.rows < study.label.span_rows;
  return label.last_rows && !leaks ? &*label.last_rows : nullptr;
}

bool purges_by_touch(const Study& study) {
  const auto& barriers = study.label.barriers;
  return barriers && barriers->profit && barriers->stop && !study.label.is_event() &&
         study.validation.purge.automatic;
}

std::string label_text(const Study& study) {
  if (study.label.barriers) return barrier_text(*study.label.barriers);
  if (!study.label.gain) return study.label.expression.expression;
  return fmt::format("a gain of {:.4g} % within {} sessions of the entry", 100.0 * study.label.gain->gain,
                     study.label.gain->within);
}

std::string fill_price_name(FillPrice price) {
  switch (price) {
    case FillPrice::kClose:
      return "close";
    case FillPrice::kOpen:
      return "open";
    case FillPrice::kVwap:
      return "vwap";
  }
  return "close";
}

}  // namespace orrery
