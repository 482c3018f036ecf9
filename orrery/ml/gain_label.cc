#include "orrery/ml/gain_label.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/error.h"

namespace orrery {
namespace {

void validate(const GainLabel& spec) {
  if (std::isfinite(spec.gain) && spec.gain > 0.0 && spec.within >= 1) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("a gain label needs a gain above 0 and 1 session or more to reach it within; "
                               "found gain {}, within {}",
                               spec.gain, spec.within));
}

void require_same_shape(const Panel& entry, const Panel& reached) {
  if (entry.rows() == reached.rows() && entry.columns() == reached.columns()) return;
  throw internal_error(fmt::format("entry prices are {} × {}, prices to reach {} × {}", entry.rows(),
                                   entry.columns(), reached.rows(), reached.columns()));
}

/// Returns the highest price of rows [begin, end), NaN when all are missing.
double highest(const Panel& prices, std::size_t begin, std::size_t end, std::size_t instrument) {
  double result = Panel::missing();
  for (std::size_t row = begin; row < end; ++row) result = std::fmax(result, prices(row, instrument));
  return result;
}

/// Prices are decimals: 110 is ten per cent above 100, although 1.1 * 100 > 110 in binary.
constexpr double kRounding = 1e-12;

double label_of(double entry, double best, double gain) {
  if (!(entry > 0.0) || std::isnan(best)) return Panel::missing();
  return best >= (1.0 + gain) * entry * (1.0 - kRounding) ? 1.0 : 0.0;
}

}  // namespace

int label_span_rows(const GainLabel& spec) { return 1 + spec.within; }

Panel gain_label(const Panel& entry_price, const Panel& close, const Panel& high, const GainLabel& spec) {
  validate(spec);
  const Panel& reached = spec.touch == GainLabel::Touch::kHigh ? high : close;
  require_same_shape(entry_price, reached);
  Panel label(entry_price.rows(), entry_price.columns());
  const auto span = static_cast<std::size_t>(label_span_rows(spec));
  for (std::size_t row = 0; row + span < label.rows(); ++row) {
    for (std::size_t i = 0; i < label.columns(); ++i) {
      const double best = highest(reached, row + 2, row + span + 1, i);
      label(row, i) = label_of(entry_price(row + 1, i), best, spec.gain);
    }
  }
  return label;
}

}  // namespace orrery
