#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "orrery/app/fold_files.h"
#include "orrery/app/run_study.h"

namespace orrery {

/// Where a fold's model came from.
enum class FoldOrigin {
  kTrained,
  kResumed,   ///< from what an interrupted run left
  kReused,    ///< from the earlier run in the folder, scores included
  kExtended,  ///< the earlier run's model; sessions that are new were scored by it
};

/// Takes up what earlier runs left, so that only what is missing is computed; the run is the same to the byte
/// as one from scratch.
///
/// - An interrupted run: finished folds are kept beside the output in `FOLDER.partial`, each whole or not at
///   all, and taken up when study and data are the same; others are dropped. So are checkpoints of the fold
///   that was being trained, for models that keep some. `finish` removes it.
/// - An earlier run (`update`): where no cell of its data changed, a fold whose training and validation spans
///   are the same keeps its model and its scores; sessions that came later are scored by that model.
class RunContinuation final : public StudyFoldStore {
 public:
  RunContinuation(const Study& study, const Plugins& plugins, std::filesystem::path folder, bool update);
  /// Removes the partial folder where nothing was put into it.
  ~RunContinuation() override;

  void begin(const PriceLoad& prices, const StudyInputs& inputs, const InputDigest& digest) override;
  std::optional<KeptFold> find(std::size_t index, const Fold& used) override;
  void keep(std::size_t index, const Fold& used, const FittedFold& fold,
            const std::vector<double>& scores) override;
  /// A folder beside the finished folds, for models that keep checkpoints.
  std::filesystem::path checkpoints(std::size_t index) override;

  /// Called when the run's folder is in place.
  void finish();

  const std::filesystem::path& partial_folder() const { return partial_; }
  /// Whole sentences for the person who runs it.
  const std::vector<std::string>& notes() const { return notes_; }
  /// By fold, as far as the run got.
  const std::vector<FoldOrigin>& origins() const { return origins_; }
  /// How many sessions came after those of the earlier run; nothing when it was not taken up.
  std::optional<std::size_t> new_sessions() const { return new_sessions_; }

 private:
  void drop_stale_partial();
  void make_partial() const;
  std::string marker() const { return key_ + " " + inputs_ + "\n"; }
  void open_earlier(const InputDigest& digest);
  void take_earlier(const InputDigest& before);
  std::optional<KeptFold> find_partial(std::size_t index, const Fold& used) const;
  std::optional<KeptFold> find_earlier(const Fold& used);
  std::vector<double> earlier_scores(RowRange rows) const;
  std::filesystem::path checkpoint_folder(std::size_t index) const;

  const Study& study_;
  const Plugins& plugins_;
  std::filesystem::path folder_;
  std::filesystem::path partial_;
  bool update_;
  std::string key_;     ///< how the study trains
  std::string inputs_;  ///< what it trains on
  const PriceLoad* prices_ = nullptr;
  const MaskPanel* eligible_ = nullptr;
  std::vector<std::filesystem::path> earlier_folds_;
  std::size_t earlier_rows_ = 0;  ///< sessions of the earlier run
  Panel earlier_;                 ///< its scores on this run's axes
  std::optional<std::size_t> new_sessions_;
  std::vector<FoldOrigin> origins_;
  std::vector<std::string> notes_;
};

}  // namespace orrery
