#include "orrery/app/run_continuation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "orrery/app/scores_table.h"
#include "orrery/app/study_model.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

fs::path beside(fs::path folder) {
  if (!folder.has_filename()) folder = folder.parent_path();
  folder += ".partial";
  return folder;
}

fs::path fold_folder(const fs::path& folder, std::size_t index) {
  return folder / fmt::format("fold_{}", index + 1);
}

bool same_range(DateRange a, DateRange b) {
  const bool empty_a = a.last < a.first, empty_b = b.last < b.first;
  return empty_a || empty_b ? empty_a == empty_b : a.first == b.first && a.last == b.last;
}

std::string number_bytes(const std::vector<double>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

std::vector<double> numbers_of(const std::string& bytes) {
  std::vector<double> values(bytes.size() / sizeof(double));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(double));
  return values;
}

std::size_t count_cells(const MaskPanel& eligible, RowRange rows) {
  std::size_t count = 0;
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    const auto cells = eligible.row(row);
    count += static_cast<std::size_t>(
        std::count_if(cells.begin(), cells.end(), [](std::uint8_t cell) { return cell != 0; }));
  }
  return count;
}

std::string describe(const InputChange& change) {
  return change.symbol.empty() ? to_string(change.date)
                               : fmt::format("{} on {}", change.symbol, to_string(change.date));
}

}  // namespace

RunContinuation::RunContinuation(const Study& study, const Plugins& plugins, fs::path folder, bool update)
    : study_(study),
      plugins_(plugins),
      folder_(std::move(folder)),
      partial_(beside(folder_)),
      update_(update),
      key_(training_key(study)) {}

RunContinuation::~RunContinuation() {
  std::error_code problem;
  bool holds_work = false;
  for (fs::directory_iterator entry(partial_, problem); !problem && entry != fs::directory_iterator();
       entry.increment(problem)) {
    std::error_code not_empty;
    const bool is_marker = entry->path().filename() == "inputs.txt";
    const bool is_gone = entry->is_directory(not_empty) && fs::remove(entry->path(), not_empty);
    if (!is_marker && !is_gone) holds_work = true;
  }
  if (!problem && !holds_work) fs::remove_all(partial_, problem);
}

void RunContinuation::begin(const PriceLoad& prices, const StudyInputs& inputs, const InputDigest& digest) {
  prices_ = &prices;
  eligible_ = &inputs.eligible;
  inputs_ = digest.hex();
  drop_stale_partial();
  if (update_) open_earlier(digest);
}

/// The folder of an interrupted run stays when study and data are the same.
void RunContinuation::drop_stale_partial() {
  if (!fs::exists(partial_)) return;
  const auto file = partial_ / "inputs.txt";
  if (fs::exists(file) && read_file(file) == marker()) return;
  std::error_code ignored;
  fs::remove_all(partial_, ignored);
  notes_.push_back(
      fmt::format("{} was left by a run of another study or other data, and is dropped.", partial_.string()));
}

void RunContinuation::make_partial() const {
  if (fs::exists(partial_)) return;
  FolderTransaction whole(partial_, false);
  write_file_atomically(whole.staging() / "inputs.txt", marker());
  whole.commit();
}

/// Compares the earlier run's inputs with today's.
void RunContinuation::open_earlier(const InputDigest& digest) {
  if (!fs::exists(folder_ / "manifest.json")) {
    notes_.push_back(fmt::format("There is no earlier run in {}: everything is computed.", folder_.string()));
    return;
  }
  try {
    const auto before = InputDigest::from_bytes(read_file(folder_ / "inputs.orrery"));
    if (const auto change = first_change(before, digest)) {
      notes_.push_back(
          fmt::format("History changed, first at {}: everything is computed again.", describe(*change)));
      return;
    }
    take_earlier(before);
  } catch (const Error& error) {
    earlier_folds_.clear();
    notes_.push_back(
        fmt::format("The earlier run can't be taken up, everything is computed: {}", error.what()));
  }
}

void RunContinuation::take_earlier(const InputDigest& before) {
  earlier_rows_ = before.dates.size();
  const std::size_t rows = prices_->market.rows();
  const auto predictions = folder_ / "predictions.parquet";
  earlier_ = place_column(read_parquet(predictions, {"date", "symbol", "score"}), "score", prices_->market,
                          predictions.string());
  for (std::size_t i = 0; fs::exists(fold_folder(folder_ / "models", i)); ++i) {
    const auto fold = fold_folder(folder_ / "models", i);
    if (read_fold_summary(fold).key == key_) earlier_folds_.push_back(fold);
  }
  new_sessions_ = rows - earlier_rows_;
  if (earlier_folds_.empty()) {
    notes_.push_back(
        "The earlier run trained by other settings or another version: its models can't be used.");
  }
}

std::optional<KeptFold> RunContinuation::find(std::size_t index, const Fold& used) {
  origins_.push_back(FoldOrigin::kTrained);
  try {
    if (auto fold = find_earlier(used)) {
      const bool whole = fold->scored_end >= used.test.end;
      origins_.back() = whole ? FoldOrigin::kReused : FoldOrigin::kExtended;
      return fold;
    }
    if (auto fold = find_partial(index, used)) {
      origins_.back() = FoldOrigin::kResumed;
      return fold;
    }
  } catch (const Error& error) {
    notes_.push_back(fmt::format("Fold {} is trained again: {}.", index + 1, error.what()));
  }
  return std::nullopt;
}

std::optional<KeptFold> RunContinuation::find_partial(std::size_t index, const Fold& used) const {
  const auto folder = fold_folder(partial_, index);
  if (!fs::exists(folder)) return std::nullopt;
  KeptFold kept;
  kept.fitted = read_fold_files(folder, study_model(study_, plugins_)).fitted;
  kept.scores = numbers_of(read_file(folder / "scores.bin"));
  kept.scored_end = used.test.end;
  if (kept.scores.size() == count_cells(*eligible_, used.test)) return kept;
  throw external_error(ErrorCode::kDataCorrupt, fmt::format("scores are missing in {}", folder.string()));
}

/// A label that looks past the end of the earlier data was not learned there; it is known now.
std::optional<KeptFold> RunContinuation::find_earlier(const Fold& used) {
  const auto span = static_cast<std::size_t>(study_.label.span_rows);
  if (std::max(used.train.end, used.valid.end) + span > earlier_rows_) return std::nullopt;
  const FoldDates wanted = fold_dates(used, prices_->market.dates);
  for (const auto& folder : earlier_folds_) {
    const FoldDates found = read_fold_summary(folder).dates;
    if (!same_range(found.train, wanted.train) || !same_range(found.valid, wanted.valid) ||
        found.test.first != wanted.test.first || found.test.last > wanted.test.last) {
      continue;
    }
    KeptFold kept;
    kept.fitted = read_fold_files(folder, study_model(study_, plugins_)).fitted;
    kept.scored_end = prices_->market.lower_row(found.test.last) + 1;
    kept.scores = earlier_scores({used.test.begin, kept.scored_end});
    return kept;
  }
  return std::nullopt;
}

std::vector<double> RunContinuation::earlier_scores(RowRange rows) const {
  std::vector<double> scores;
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    for (std::size_t i = 0; i < eligible_->columns(); ++i) {
      if ((*eligible_)(row, i) != 0) scores.push_back(earlier_(row, i));
    }
  }
  return scores;
}

void RunContinuation::keep(std::size_t index, const Fold& used, const FittedFold& fold,
                           const std::vector<double>& scores) {
  if (origins_.back() != FoldOrigin::kTrained) return;
  // A process that is killed loses nothing of what it has written; after a power failure the fingerprints
  // tell.
  const DeferredSync quick;
  make_partial();
  FolderTransaction whole(fold_folder(partial_, index), true);
  write_fold_files(whole.staging(), {*fold.model, fold.steps, fold.selection, fold.fit, fold.train_samples,
                                     fold.valid_samples, fold_dates(used, prices_->market.dates), key_});
  write_file_atomically(whole.staging() / "scores.bin", number_bytes(scores));
  whole.commit();
  std::error_code ignored;
  fs::remove_all(checkpoint_folder(index), ignored);
}

fs::path RunContinuation::checkpoint_folder(std::size_t index) const {
  return partial_ / fmt::format("checkpoints_{}", index + 1);
}

fs::path RunContinuation::checkpoints(std::size_t index) {
  if (!study_model(study_, plugins_).info.keeps_checkpoints) return {};
  make_partial();
  auto folder = checkpoint_folder(index);
  fs::create_directories(folder);
  return folder;
}

void RunContinuation::finish() {
  std::error_code ignored;
  fs::remove_all(partial_, ignored);
}

}  // namespace orrery
