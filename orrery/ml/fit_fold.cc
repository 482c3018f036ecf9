#include "orrery/ml/fit_fold.h"

#include <fmt/format.h>

#include <span>

#include "orrery/base/error.h"
#include "orrery/ml/dataset.h"

namespace orrery {
namespace {

Error no_samples(std::string_view name, std::string_view segment, const RowRanges& rows) {
  return user_error(ErrorCode::kInvalidArgument, fmt::format("{}: no sample to {} on in rows {} to {}", name,
                                                             segment, rows.begin_row(), rows.end_row()));
}

/// A label as one segment of a fold knows it. Without cell by cell purging these are the study's own panels.
class SegmentLabel {
 public:
  SegmentLabel(const LearningData& data, const FitSpec& spec, const RowRanges& rows,
               const std::vector<RowRanges>& held_out)
      : data_(data) {
    if (data.label_ends == nullptr) return;
    raw_ = known_raw_label(data, rows, held_out);
    learned_ = preprocess_label(*raw_, data.eligible, spec.preprocess.label);
  }
  const Panel& raw() const { return raw_ ? *raw_ : data_.raw_label; }
  const Panel& learned() const { return learned_ ? *learned_ : data_.label; }

 private:
  const LearningData& data_;
  std::optional<Panel> raw_, learned_;
};

}  // namespace

Panel known_raw_label(const LearningData& data, const RowRanges& rows,
                      const std::vector<RowRanges>& held_out) {
  if (data.label_ends == nullptr) return data.raw_label;
  return keep_apart(data.raw_label, *data.label_ends, rows, held_out);
}

FittedFold fit_fold(const LearningData& data, const FitSpec& spec, const ModelEntry& model,
                    std::string_view name, const LearningRows& rows, const RowRanges& test,
                    Progress& progress, const std::filesystem::path& checkpoints) {
  FittedFold fold;
  const SegmentLabel train_label(data, spec, rows.train, {rows.valid, test});
  const SegmentLabel valid_label(data, spec, rows.valid, {test});
  if (spec.selection) {
    fold.selection = select_features(data.features, train_label.raw(), data.eligible, rows.train,
                                     *spec.selection, spec.threads);
  }
  const FeatureView features = selected_features(fold.selection, data.features);
  fold.steps = fit_features(features, data.eligible, rows.train, spec.preprocess.features, spec.threads);
  fold.model = make_model(model, spec.parameters);
  Dataset train(features, fold.steps, data.eligible, rows.train, &train_label.learned());
  const Dataset valid(features, fold.steps, data.eligible, rows.valid, &valid_label.learned());
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
