#include "orrery/ml/factor_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/ml/model_checks.h"
#include "orrery/ml/model_file.h"

namespace orrery {
namespace {

ModelInfo factor_info() {
  ModelInfo info;
  info.name = kFactorModel;
  info.summary = "The value of one factor as the score; nothing is learned";
  info.parameters = {{"factor", std::string(), "the factor's name; none: the only one"}};
  info.source = "docs/models.md#factor";
  return info;
}

class FactorModel final : public Model {
 public:
  explicit FactorModel(const ParameterMap& given)
      : parameters_(complete_parameters(given, factor_info().parameters)) {}

  FitReport fit(const Dataset& train, const Dataset* /*valid*/, const FitContext& /*context*/) override {
    require_trainable(train, "train");
    column_ = column_in(train.feature_names());
    features_ = train.feature_names();
    FitReport report;
    for (std::size_t i = 0; i < features_.size(); ++i) {
      report.importance.push_back({features_[i], i == column_ ? 1.0 : 0.0, 0.0});
    }
    return report;
  }

  PredictReport predict(const Dataset& data, std::span<double> out, int threads) const override {
    require_fitted(kFactorModel, !features_.empty());
    require_same_features(kFactorModel, features_, data, out);
    const Dataset chosen = data.with_columns({column_});
    std::vector<float> values(chosen.size());
    chosen.read_rows(0, chosen.size(), values.data(), threads);
    std::copy(values.begin(), values.end(), out.begin());
    return {};
  }

  void save(const std::filesystem::path& folder) const override {
    require_savable(kFactorModel, !features_.empty());
    write_model_file(folder, {kFactorModel, parameters_, features_, ""});
  }

  void load(const std::filesystem::path& folder) override {
    const ModelFile file = read_model_file(folder, kFactorModel);
    parameters_ = complete_parameters(file.parameters, factor_info().parameters);
    column_ = column_in(file.features);
    features_ = file.features;
  }

  ModelDescription describe() const override {
    return {kFactorModel, Task::kRegression, parameters_, features_};
  }

 private:
  std::size_t column_in(const std::vector<std::string>& features) const {
    const std::string& wanted = get_string(parameters_, "factor");
    if (wanted.empty() && features.size() == 1) return 0;
    const auto place = std::find(features.begin(), features.end(), wanted);
    if (place != features.end()) return static_cast<std::size_t>(place - features.begin());
    throw user_error(
        ErrorCode::kInvalidArgument,
        wanted.empty()
            ? fmt::format("the model factor needs to be told which of the {} factors is the score: "
                          "model {{name: factor, params: {{factor: NAME}}}}",
                          features.size())
            : fmt::format("the model factor: there is no factor '{}'{}", wanted,
                          did_you_mean(wanted, features)));
  }

  ParameterMap parameters_;
  std::size_t column_ = 0;
  std::vector<std::string> features_;
};

}  // namespace

ModelEntry factor_entry() {
  return {factor_info(),
          [](const ParameterMap& parameters) { return std::make_unique<FactorModel>(parameters); }};
}

}  // namespace orrery
