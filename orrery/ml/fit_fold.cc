#include "orrery/ml/fit_fold.h"

#include <fmt/format.h>

#include <optional>
#include <span>

#include "orrery/base/error.h"
#include "orrery/ml/dataset.h"

namespace orrery {
namespace {

Error no_samples(std::string_view name, std::string_view segment, const RowRanges& rows) {
  return user_error(ErrorCode::kInvalidArgument, fmt::format("{}: no sample to {} on in rows {} to {}", name,
                                                             segment, rows.begin_row(), rows.end_row()));
}

}  // namespace

bool purges_by_cell(const LearningData& data, const FitSpec& spec) {
  return data.label_ends != nullptr && !spec.drops_whole_rows;
}

Panel known_raw_label(const LearningData& data, const RowRanges& rows,
                      const std::vector<RowRanges>& held_out) {
  if (data.label_ends == nullptr) return data.raw_label;
  return keep_apart(data.raw_label, *data.label_ends, rows, held_out);
}

FittedFold fit_fold(const LearningData& data, const FitSpec& spec, const ModelEntry& model,
                    std::string_view name, const LearningRows& rows, const RowRanges& test,
                    Progress& progress, const std::filesystem::path& checkpoints) {
  FittedFold fold;
  const bool by_cell = purges_by_cell(data, spec);
  std::optional<Panel> raw, learned;
  if (by_cell) {
    raw = known_raw_label(data, rows.train, {rows.valid, test});
    learned = preprocess_label(*raw, data.eligible, spec.preprocess.label);
  }
  if (spec.selection) {
    fold.selection = select_features(data.features, raw ? *raw : data.raw_label, data.eligible, rows.train,
                                     *spec.selection, spec.threads);
  }
  raw.reset();
  // What stops and calibrates a model must be as frequent in its sample as it is: whole sessions.
  const RowRanges valid_rows = by_cell ? rows_apart(rows.valid, {test}, spec.label_span_rows) : rows.valid;
  const FeatureView features = selected_features(fold.selection, data.features);
  fold.steps = fit_features(features, data.eligible, rows.train, spec.preprocess.features, spec.threads);
  fold.model = make_model(model, spec.parameters);
  Dataset train(features, fold.steps, data.eligible, rows.train, learned ? &*learned : &data.label);
  const Dataset valid(features, fold.steps, data.eligible, valid_rows, &data.label);
  fold.train_samples = train.size();
  fold.valid_samples = valid.size();
  if (train.size() == 0) throw no_samples(name, "train", rows.train);
  if (valid.size() == 0 && !rows.valid.empty()) throw no_samples(name, "validate", rows.valid);
  if (spec.weights.any()) {
    const LabelLives lives{spec.label_entry_rows, spec.label_span_rows, data.label_ends};
    train.set_weights(sample_weights(train, spec.weights, lives));
  }
  const FitContext context{spec.seed, spec.threads, progress, checkpoints, spec.purge_rows};
  fold.fit = fold.model->fit(train, valid.size() > 0 ? &valid : nullptr, context);
  return fold;
}

LibrarySeconds predict_fold(const LearningData& data, const FittedFold& fold, const RowRanges& rows,
                            int threads, std::vector<double>& scores) {
  const Dataset test(selected_features(fold.selection, data.features), fold.steps, data.eligible, rows);
  const std::size_t known = scores.size();
  scores.resize(known + test.size());
  return fold.model->predict(test, std::span<double>(scores).subspan(known), threads).library_seconds;
}

void place_scores(const MaskPanel& eligible, const RowRanges& rows, const std::vector<double>& scores,
                  Panel& placed) {
  std::size_t next = 0;
  for (const std::size_t row : rows.rows()) {
    for (std::size_t i = 0; i < eligible.columns(); ++i) {
      if (eligible(row, i) == 0) continue;
      if (next == scores.size()) throw internal_error("a fold has fewer scores than test samples");
      placed(row, i) = scores[next++];
    }
  }
  if (next != scores.size()) throw internal_error("a fold has more scores than test samples");
}

}  // namespace orrery
