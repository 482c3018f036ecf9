#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace orrery {

/// A trial of a search for settings, as it is kept.
struct TuningRecord {
  enum class State { kRunning, kComplete, kPruned, kFailed };

  std::int64_t number = 0;  ///< from 1, in the order in which they began
  State state = State::kRunning;
  std::vector<double> point;
  double loss = 0.0;  ///< NaN unless complete
  std::vector<double> steps;
  std::string note;  ///< of a failed one: why
};

/// What to try next, seen what was tried; nothing: no more.
using ChoosePoint = std::function<std::optional<std::vector<double>>(const std::vector<TuningRecord>&)>;

/// The trials of one search, on disk. Several processes may work on one at once; what was written survives a
/// kill at any moment. One object serves one thread.
class TuningStore {
 public:
  /// Opens the search's file, and makes it with its folder when it is not there. `definition`: what must be
  /// the same for trials to belong together. Running trials whose process has ended become failed ones.
  /// Errors: kIo; kDataCorrupt for another kind of file; kInvalidArgument when it holds a search of another
  /// definition.
  TuningStore(const std::filesystem::path& file, const std::string& definition);
  ~TuningStore();
  TuningStore(const TuningStore&) = delete;
  TuningStore& operator=(const TuningStore&) = delete;

  /// Lets `choose` choose among all trials there are, and begins its point, so that no other process chooses
  /// meanwhile. Nothing where it chose nothing. Errors: kIo, and what `choose` throws.
  std::optional<TuningRecord> begin(const ChoosePoint& choose);
  void add_step(std::int64_t number, double loss);
  /// Ends a trial. Errors: kIo.
  void finish(std::int64_t number, TuningRecord::State state, double loss, const std::string& note = "");
  /// All trials in the order in which they began.
  std::vector<TuningRecord> trials() const;

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

}  // namespace orrery
