#include "orrery/ml/calibrated_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/ml/model_checks.h"

namespace orrery {
namespace {

constexpr const char* kFile = "calibration.txt";

/// Sessions that are learned from, and later ones that the map is fitted on.
struct Cut {
  Dataset before;
  Dataset calibration;
};

Cut cut_sessions(const Dataset& data, double share, int purge_rows) {
  const std::size_t sessions = data.groups().size() - 1;
  const auto wanted = static_cast<std::size_t>(std::lround(share * static_cast<double>(sessions)));
  const std::size_t held = std::clamp<std::size_t>(wanted, 1, sessions);
  const std::size_t first = data.samples()[data.groups()[sessions - held]].row;
  const auto purge = static_cast<std::size_t>(purge_rows);
  const std::size_t begin = data.samples().front().row;
  const std::size_t limit = first > begin + purge ? first - purge : begin;
  Cut cut{data.within(RowRange{begin, limit}),
          data.within(RowRange{first, std::size_t{data.samples().back().row} + 1})};
  if (cut.before.size() > 0) return cut;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("calibrating on the last {} of {} sessions, with {} purged before them, leaves "
                  "none to learn from or to stop by; give the study a longer valid span, or "
                  "calibration.share less",
                  held, sessions, purge_rows));
}

class CalibratedModel final : public Model {
 public:
  CalibratedModel(ModelEntry entry, const CalibrationSpec& spec, ParameterMap parameters)
      : entry_(std::move(entry)),
        spec_(spec),
        parameters_(std::move(parameters)),
        model_(entry_.factory(parameters_)) {}

  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& context) override {
    require_trainable(train, "train");
    auto model = entry_.factory(parameters_);
    if (model->describe().task != Task::kBinary)
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("the {} model gives no probabilities to calibrate", entry_.info.name));
    const bool has_valid = valid != nullptr && valid->size() > 0;
    const Cut cut = cut_sessions(has_valid ? *valid : train, spec_.share, context.purge_rows);
    FitReport report =
        has_valid ? model->fit(train, &cut.before, context) : model->fit(cut.before, nullptr, context);
    std::vector<double> said(cut.calibration.size());
    report.library_seconds += model->predict(cut.calibration, said, context.threads).library_seconds;
    Calibration calibration = Calibration::fit(spec_.method, said, cut.calibration.labels());
    model_ = std::move(model);
    calibration_ = std::move(calibration);
    return report;
  }

  bool serve_in(ServingPrecision precision) override { return model_->serve_in(precision); }

  PredictReport predict(const Dataset& data, std::span<double> out, int threads) const override {
    const PredictReport report = model_->predict(data, out, threads);
    for (double& score : out) score = calibration_(score);
    return report;
  }

  std::optional<ExplanationMethod> explanation() const override {
    if (spec_.method != CalibrationMethod::kPlatt) return std::nullopt;
    return model_->explanation();
  }

  PredictReport contributions(const Dataset& data, std::span<double> out, int threads) const override {
    const PlattMap* platt = calibration_.platt();
    if (platt == nullptr) return Model::contributions(data, out, threads);
    const PredictReport report = model_->contributions(data, out, threads);
    const std::size_t width = data.feature_count() + 1;
    for (std::size_t i = 0; i < data.size() * width; ++i) {
      out[i] *= platt->slope;
      if (i % width == width - 1) out[i] += platt->intercept;
    }
    return report;
  }

  void save(const std::filesystem::path& folder) const override {
    model_->save(folder);
    write_file_atomically(folder / kFile, calibration_.to_text());
  }

  void load(const std::filesystem::path& folder) override {
    auto model = entry_.factory(parameters_);
    model->load(folder);
    const auto path = folder / kFile;
    Calibration calibration = Calibration::from_text(read_file(path), path.string());
    model_ = std::move(model);
    calibration_ = std::move(calibration);
    spec_.method = calibration_.method();
  }

  ModelDescription describe() const override { return model_->describe(); }
  const Model& model() const { return *model_; }

 private:
  ModelEntry entry_;
  CalibrationSpec spec_;
  ParameterMap parameters_;
  std::unique_ptr<Model> model_;
  Calibration calibration_;
};

}  // namespace

ModelEntry calibrated_entry(ModelEntry model, const CalibrationSpec& spec) {
  ModelEntry entry;
  entry.info = model.info;
  entry.factory = [model = std::move(model), spec](const ParameterMap& parameters) {
    return std::make_unique<CalibratedModel>(model, spec, parameters);
  };
  return entry;
}

const Model* uncalibrated(const Model& model) {
  const auto* calibrated = dynamic_cast<const CalibratedModel*>(&model);
  return calibrated != nullptr ? &calibrated->model() : nullptr;
}

}  // namespace orrery
