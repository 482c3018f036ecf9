#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/data/table.h"

namespace orrery {

/// What a run says of one name after one session's close.
struct NameRecommendation {
  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

  std::string symbol;
  int rank = 0;  ///< of the score within the session, 1: the highest; equal scores by symbol
  double score = kMissing;
  double probability = kMissing;  ///< see RunRecommendations
  double expected = kMissing;     ///< return that such a score has been worth, from the study's fill
  double lower = kMissing;        ///< of the interval of that return
  double upper = kMissing;
  double weight = 0.0;         ///< to hold from the next fill on, share of equity
  double weight_before = 0.0;  ///< of the rebalance before
  std::string reason;          ///< of the weight; "" where the strategy gave none
  double outcome = kMissing;   ///< what the label turned out to be; missing while nobody knows
};

/// How a session's picks did: names with a positive weight against all that were scored.
struct PickRecord {
  Date date;
  int picks = 0;
  double mean_outcome = NameRecommendation::kMissing;      ///< of the picks, weighted
  double universe_outcome = NameRecommendation::kMissing;  ///< of all scored names, each alike
  double better = NameRecommendation::kMissing;  ///< share of the picks above the session's median name
};

/// A run's scores, targets and intervals, session by session.
///
/// The probability is a count: of all cells of earlier sessions whose score lay in the same tenth of its
/// session, the share that did better than their session's median name; where the label is 0 or 1, the share
/// with a 1. Only sessions whose label was known by then count, and at least 200 cells. Look-ahead: none.
class RunRecommendations {
 public:
  /// Reads the run's tables. `label_span`: sessions until a label is known; nothing: not known, and no
  /// probability is given. Errors: kNotFound, kDataCorrupt.
  RunRecommendations(const std::filesystem::path& folder, std::optional<int> label_span);

  /// Sessions with scores, ascending.
  const std::vector<Date>& sessions() const { return sessions_; }
  /// All scored names of a session, and those that it closes, by rank. Errors: kNotFound, with the nearest
  /// sessions.
  std::vector<NameRecommendation> of(Date session) const;
  /// All sessions that have a known outcome.
  std::vector<PickRecord> record() const;
  /// Whether the label is 0 or 1.
  bool is_class() const { return is_class_; }

 private:
  struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  struct Cell {
    std::size_t symbol = 0;
    double score = 0.0;
    double label = 0.0;
  };
  struct Target {
    std::size_t symbol = 0;
    double weight = 0.0;
    std::string reason;
  };
  struct Interval {
    std::size_t symbol = 0;
    double expected = 0.0, lower = 0.0, upper = 0.0;
  };
  static constexpr std::size_t kTenths = 10;
  struct Counts {
    double good[kTenths] = {};
    double all[kTenths] = {};
  };

  void read_scores(const Table& table);
  void read_targets(const Table& table);
  void read_intervals(const Table& table);
  void count_outcomes();
  double median_outcome(Span cells) const;
  const std::vector<Target>* targets_at(Date session, std::size_t* place) const;
  std::size_t index_of(Date session) const;

  std::vector<std::string> symbols_;
  std::vector<Date> sessions_;
  std::vector<Span> spans_;    ///< of each session's cells
  std::vector<Cell> cells_;    ///< by session, then rank
  std::vector<Counts> known_;  ///< of all sessions up to each
  std::vector<Date> rebalances_;
  std::vector<std::vector<Target>> targets_;
  std::vector<Date> interval_dates_;
  std::vector<std::vector<Interval>> intervals_;
  std::optional<int> label_span_;
  bool is_class_ = false;
};

}  // namespace orrery
