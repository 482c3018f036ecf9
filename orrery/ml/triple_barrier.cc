#include "orrery/ml/triple_barrier.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "orrery/base/error.h"
#include "orrery/base/threads.h"

namespace orrery {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

/// Prices are decimals: 110 is ten per cent above 100, although 1.1 * 100 > 110 in binary.
constexpr double kRounding = 1e-12;

bool is_width(const std::optional<double>& widths) {
  return !widths || (std::isfinite(*widths) && *widths > 0.0);
}

void validate(const TripleBarrier& spec) {
  const bool fits = (spec.profit || spec.stop) && is_width(spec.profit) && is_width(spec.stop) &&
                    spec.within >= 1 && spec.delay >= 1;
  if (fits) return;
  const auto text = [](const std::optional<double>& widths) {
    return widths ? fmt::format("{}", *widths) : std::string("none");
  };
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("a triple barrier needs a profit or a stop above 0, and 1 session or more to wait; found "
                  "profit {}, stop {}, within {}, delay {}",
                  text(spec.profit), text(spec.stop), spec.within, spec.delay));
}

void require_same_shapes(const BarrierPrices& prices, const Panel* widths) {
  const Panel& close = prices.close;
  for (const Panel* panel : {&prices.entry, &prices.open, &prices.high, &prices.low, widths}) {
    if (panel == nullptr || (panel->rows() == close.rows() && panel->columns() == close.columns())) continue;
    throw internal_error(fmt::format("prices of barriers are {} × {}, others {} × {}", panel->rows(),
                                     panel->columns(), close.rows(), close.columns()));
  }
}

enum class Outcome { kStop, kWaited, kProfit };

struct Exit {
  std::size_t row = 0;
  double price = Panel::missing();
  Outcome outcome = Outcome::kWaited;
};

/// What every cell is labelled by.
struct Labelling {
  const BarrierPrices& prices;
  const Panel* widths;
  const TripleBarrier& spec;
  std::vector<std::vector<const Delisting*>> delistings;  ///< by instrument
};

/// One position from its entry on.
class Position {
 public:
  Position(const Labelling& labelling, std::size_t instrument, std::size_t entry_row, double width)
      : labelling_(labelling), instrument_(instrument), entry_row_(entry_row) {
    const double entry = labelling.prices.entry(entry_row, instrument);
    if (labelling.spec.profit) upper_ = entry * (1.0 + *labelling.spec.profit * width);
    if (labelling.spec.stop) lower_ = entry * (1.0 - *labelling.spec.stop * width);
  }

  /// The exit; its price is missing where the outcome is not known.
  Exit follow() {
    const std::size_t last = entry_row_ + static_cast<std::size_t>(labelling_.spec.within);
    last_close_ = labelling_.prices.close(entry_row_, instrument_);
    for (std::size_t row = entry_row_ + 1; row <= last && row < labelling_.prices.close.rows(); ++row) {
      const bool trades = mark(row);
      if (const auto exit = delist(row)) return *exit;
      if (!trades) continue;
      if (const auto exit = touch(row)) return *exit;
    }
    if (last >= labelling_.prices.close.rows() || !has_traded_) return {};
    return {last, last_close_, Outcome::kWaited};
  }

 private:
  // NaN prices touch nothing.
  bool touches_profit(double price) const { return price >= upper_ * (1.0 - kRounding); }
  bool touches_stop(double price) const { return price <= lower_ + std::fabs(lower_) * kRounding; }

  Outcome outcome_at(double price) const {
    if (touches_stop(price)) return Outcome::kStop;
    return touches_profit(price) ? Outcome::kProfit : Outcome::kWaited;
  }

  std::optional<Exit> leave_at(std::size_t row, double price) const {
    const Outcome outcome = outcome_at(price);
    if (outcome == Outcome::kWaited) return std::nullopt;
    return Exit{row, price, outcome};
  }

  /// The exit within a session's range.
  std::optional<Exit> leave_within(std::size_t row) const {
    if (const auto exit = leave_at(row, labelling_.prices.open(row, instrument_))) return exit;
    if (touches_stop(labelling_.prices.low(row, instrument_))) return Exit{row, lower_, Outcome::kStop};
    if (touches_profit(labelling_.prices.high(row, instrument_))) return Exit{row, upper_, Outcome::kProfit};
    return std::nullopt;
  }

  /// Takes in the session's close, if it has one.
  bool mark(std::size_t row) {
    const double close = labelling_.prices.close(row, instrument_);
    if (std::isnan(close)) return false;
    last_close_ = close;
    has_traded_ = true;
    return true;
  }

  std::optional<Exit> touch(std::size_t row) const {
    return labelling_.spec.touch == TripleBarrier::Touch::kRange ? leave_within(row)
                                                                 : leave_at(row, last_close_);
  }

  std::optional<Exit> delist(std::size_t row) const {
    for (const Delisting* delisting : labelling_.delistings[instrument_]) {
      if (delisting->row != row) continue;
      const double price = last_close_ * (1.0 + delisting->delisting_return);
      return Exit{row, price, outcome_at(price)};
    }
    return std::nullopt;
  }

  const Labelling& labelling_;
  std::size_t instrument_;
  std::size_t entry_row_;
  double upper_ = kNever;
  double lower_ = -kNever;
  double last_close_ = Panel::missing();
  bool has_traded_ = false;
};

double value_of(double change, Outcome outcome, TripleBarrier::Value value) {
  switch (value) {
    case TripleBarrier::Value::kReturn:
      return change;
    case TripleBarrier::Value::kSign:
      return change > 0.0 ? 1.0 : (change < 0.0 ? -1.0 : 0.0);
    case TripleBarrier::Value::kTouch:
      return static_cast<double>(static_cast<int>(outcome) - static_cast<int>(Outcome::kWaited));
    case TripleBarrier::Value::kProfit:
      return outcome == Outcome::kProfit ? 1.0 : 0.0;
  }
  throw internal_error("a triple barrier with an unknown value");
}

/// As in the engine, nothing fills from the session of a recorded delisting on, whatever bars there are.
bool is_delisted(const Labelling& labelling, std::size_t row, std::size_t i) {
  const auto& records = labelling.delistings[i];
  return std::any_of(records.begin(), records.end(), [&](const auto* record) { return record->row <= row; });
}

void label_cell(const Labelling& labelling, std::size_t row, std::size_t i, Label& label) {
  const std::size_t entry_row = row + static_cast<std::size_t>(labelling.spec.delay);
  const double width = labelling.widths == nullptr ? 1.0 : (*labelling.widths)(row, i);
  const double entry = labelling.prices.entry(entry_row, i);
  if (!(entry > 0.0) || !(width > 0.0) || !std::isfinite(width)) return;
  if (is_delisted(labelling, entry_row, i)) return;
  const Exit exit = Position(labelling, i, entry_row, width).follow();
  if (std::isnan(exit.price)) return;
  label.values(row, i) = value_of(exit.price / entry - 1.0, exit.outcome, labelling.spec.value);
  label.last_rows(row, i) = static_cast<std::uint32_t>(exit.row);
}

}  // namespace

int label_span_rows(const TripleBarrier& spec) { return spec.delay + spec.within; }

Label triple_barrier_label(const BarrierPrices& prices, const Panel* widths,
                           const std::vector<Delisting>& delistings, const TripleBarrier& spec, int threads) {
  validate(spec);
  require_same_shapes(prices, widths);
  const std::size_t rows = prices.close.rows();
  const std::size_t instruments = prices.close.columns();
  Labelling labelling{prices, widths, spec, {}};
  labelling.delistings.resize(instruments);
  for (const Delisting& delisting : delistings)
    labelling.delistings[delisting.instrument].push_back(&delisting);
  Label label{Panel(rows, instruments), RowPanel(rows, instruments)};
  const auto delay = static_cast<std::size_t>(spec.delay);
  if (rows <= delay) return label;
  parallel_for(rows - delay, threads, [&](std::size_t row) {
    for (std::size_t i = 0; i < instruments; ++i) label_cell(labelling, row, i, label);
  });
  return label;
}

}  // namespace orrery
