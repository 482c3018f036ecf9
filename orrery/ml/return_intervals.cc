#include "orrery/ml/return_intervals.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <iterator>
#include <limits>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/ml/conformal.h"
#include "orrery/ml/score_line.h"

namespace orrery {
namespace {

void check(const IntervalSpec& spec) {
  const auto refuse = [](const std::string& message) {
    throw user_error(ErrorCode::kInvalidArgument, "intervals: " + message);
  };
  if (!(spec.coverage > 0.0 && spec.coverage < 1.0))
    refuse(fmt::format("coverage must be above 0 and below 1, found {}", spec.coverage));
  if (spec.min_sessions < 1 || spec.window < spec.min_sessions)
    refuse(fmt::format("the window must be {} sessions or more, found {}", spec.min_sessions, spec.window));
  if (!(spec.rate >= 0.0)) refuse(fmt::format("rate must be 0 or more, found {}", spec.rate));
}

/// Walks the sessions forward; what row t learns is known by then.
class Walk {
 public:
  Walk(const Panel& scores, const Panel& outcome, const Panel& volatility, const IntervalSpec& spec)
      : scores_(scores),
        outcome_(outcome),
        volatility_(volatility),
        spec_(spec),
        adaptive_(spec.coverage, spec.rate) {
    result_.expected = Panel(scores.rows(), scores.columns());
    result_.lower = result_.expected;
    result_.upper = result_.expected;
  }

  ReturnIntervals run() {
    const auto span = static_cast<std::size_t>(spec_.label_span_rows);
    for (std::size_t row = 0; row < scores_.rows(); ++row) {
      if (row >= span) learn(row - span);
      predict(row);
    }
    // The last sessions' outcomes are known after the last row, if at all.
    for (std::size_t row = scores_.rows() - std::min(span, scores_.rows()); row < scores_.rows(); ++row)
      settle(row);
    return std::move(result_);
  }

 private:
  bool has_outcome(std::size_t row, std::size_t i) const {
    return std::isfinite(scores_(row, i)) && std::isfinite(outcome_(row, i));
  }

  /// Takes in a session whose outcomes have just become known.
  void learn(std::size_t row) {
    settle(row);
    ScoreLineSums sums;
    for (std::size_t i = 0; i < scores_.columns(); ++i) {
      if (has_outcome(row, i)) sums.add(scores_(row, i), outcome_(row, i));
    }
    if (sums.n > 0.0) push(lines_, sums);
    std::vector<double> errors;
    for (std::size_t i = 0; i < scores_.columns(); ++i) {
      const double error = std::fabs(outcome_(row, i) - result_.expected(row, i)) / volatility_(row, i);
      if (std::isfinite(error)) errors.push_back(error);
    }
    if (errors.empty()) return;
    pool(errors);
    push(errors_, std::move(errors));
  }

  /// Puts a session's errors, which it sorts, among those of the window, and takes the oldest out of a full
  /// one.
  void pool(std::vector<double>& errors) {
    std::sort(errors.begin(), errors.end());
    scratch_.clear();
    if (errors_.size() < static_cast<std::size_t>(spec_.window)) {
      scratch_.swap(pooled_);
    } else {
      std::set_difference(pooled_.begin(), pooled_.end(), errors_.front().begin(), errors_.front().end(),
                          std::back_inserter(scratch_));
    }
    pooled_.clear();
    std::merge(scratch_.begin(), scratch_.end(), errors.begin(), errors.end(), std::back_inserter(pooled_));
  }

  /// The bound of |error| / volatility for the coverage that is asked for now.
  double bound(double asked) const {
    if (asked <= 0.0) return 0.0;
    const std::size_t rank = conformal_rank(pooled_.size(), asked);
    return asked >= 1.0 || rank > pooled_.size() ? std::numeric_limits<double>::infinity()
                                                 : pooled_[rank - 1];
  }

  /// Says of a session's intervals whether they held.
  void settle(std::size_t row) {
    if (next_ == result_.sessions.size() || result_.sessions[next_].row != row) return;
    IntervalSession& session = result_.sessions[next_++];
    std::size_t covered = 0;
    for (std::size_t i = 0; i < scores_.columns(); ++i) {
      if (std::isnan(result_.lower(row, i)) || !has_outcome(row, i)) continue;
      ++session.intervals;
      const double outcome = outcome_(row, i);
      if (outcome >= result_.lower(row, i) && outcome <= result_.upper(row, i)) ++covered;
    }
    if (session.intervals == 0) return;
    session.covered = static_cast<double>(covered) / static_cast<double>(session.intervals);
    adaptive_.update(1.0 - session.covered);
  }

  void predict(std::size_t row) {
    if (lines_.size() < static_cast<std::size_t>(spec_.min_sessions)) return;
    ScoreLineSums sums;
    for (const auto& session : lines_) sums += session;
    const ScoreLine line = sums.line();
    for (std::size_t i = 0; i < scores_.columns(); ++i) {
      if (std::isfinite(scores_(row, i))) result_.expected(row, i) = line(scores_(row, i));
    }
    if (errors_.size() < static_cast<std::size_t>(spec_.min_sessions)) return;
    widen(row, line.slope);
  }

  void widen(std::size_t row, double slope) {
    const double asked = adaptive_.coverage();
    const double volatilities = bound(asked);
    double width = 0.0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < scores_.columns(); ++i) {
      const double half = volatilities * volatility_(row, i);
      if (std::isnan(result_.expected(row, i)) || std::isnan(half)) continue;
      result_.lower(row, i) = result_.expected(row, i) - half;
      result_.upper(row, i) = result_.expected(row, i) + half;
      width += 2.0 * half;
      ++count;
    }
    if (count > 0)
      result_.sessions.push_back({row, 0, 0.0, asked, slope, width / static_cast<double>(count)});
  }

  template <class T>
  void push(std::deque<T>& window, T session) const {
    window.push_back(std::move(session));
    if (window.size() > static_cast<std::size_t>(spec_.window)) window.pop_front();
  }

  const Panel& scores_;
  const Panel& outcome_;
  const Panel& volatility_;
  const IntervalSpec& spec_;
  AdaptiveCoverage adaptive_;
  std::deque<ScoreLineSums> lines_;
  std::deque<std::vector<double>> errors_;  ///< by session, in volatilities, ascending
  std::vector<double> pooled_;              ///< all of them, ascending
  std::vector<double> scratch_;
  std::size_t next_ = 0;  ///< the first of the sessions whose outcomes are not known
  ReturnIntervals result_;
};

}  // namespace

ReturnIntervals return_intervals(const Panel& scores, const Panel& outcome, const Panel& volatility,
                                 const IntervalSpec& spec) {
  check(spec);
  const auto same = [&](const Panel& panel) {
    return panel.rows() == scores.rows() && panel.columns() == scores.columns();
  };
  if (!same(outcome) || !same(volatility)) throw internal_error("intervals: panels differ in shape");
  return Walk(scores, outcome, volatility, spec).run();
}

}  // namespace orrery
