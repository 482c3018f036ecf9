#include "plugins/models/networks/network_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/stopwatch.h"
#include "orrery/ml/model_checks.h"
#include "orrery/ml/model_file.h"
#include "plugins/models/networks/layer_shapes.h"
#include "plugins/models/networks/safetensors.h"
#include "plugins/models/networks/training.h"
#include "plugins/models/networks/training_settings.h"

namespace orrery::plugins::models::networks {
namespace {

/// Points of the way from zero inputs. Where units switch on and off along it (relu), the mean gradient is
/// known to about one part in as many; smooth networks are known to the digits of a float.
constexpr std::int64_t kDefaultExplanationSteps = 64;
constexpr double kExplanationTolerance = 0.03;

ModelInfo info_of(const NetworkDesign& design) {
  ModelInfo info;
  info.name = design.name;
  info.summary = design.summary;
  info.source = design.source;
  info.keeps_checkpoints = true;
  info.search = design.search;
  info.parameters = design.parameters;
  if (design.is_sequential) {
    info.parameters.push_back(layout_number("window", 20, "sessions up to the sample's own that are read"));
  }
  info.parameters.push_back(
      layout_number(kExplanationSteps, kDefaultExplanationSteps,
                    "points of the way from zero inputs that contributions are integrated over"));
  info.parameters.push_back({kDropoutPasses, std::int64_t{0},
                             "passes with dropout on that a score's deviation is taken over; 0: it has none",
                             0.0, 1e5});
  for (auto& parameter : training_parameters()) info.parameters.push_back(std::move(parameter));
  info.aliases = training_aliases();
  info.aliases.insert(design.aliases.begin(), design.aliases.end());
  return info;
}

/// Calls into libtorch; what it throws becomes an error of ours.
template <class Work>
auto within_torch(const std::string& name, const Work& work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    throw external_error(ErrorCode::kInternal,
                         fmt::format("the model {}: libtorch failed: {}", name, error.what()));
  }
}

/// Whether dropout takes anything out of a network: a recurrent layer drops between its layers alone.
bool drops(const Layer& layer) {
  if (const auto* dropout = std::get_if<Dropout>(&layer)) return dropout->share > 0.0;
  if (const auto* recurrent = std::get_if<Recurrent>(&layer))
    return recurrent->dropout > 0.0 && recurrent->layers > 1;
  if (const auto* block = std::get_if<TemporalBlock>(&layer)) return block->dropout > 0.0;
  const auto* encoder = std::get_if<EncoderLayer>(&layer);
  return encoder != nullptr && encoder->dropout > 0.0;
}

class NetworkModel final : public Model {
 public:
  NetworkModel(const NetworkDesign& design, const ParameterMap& given)
      : design_(design), parameters_(complete_parameters(given, info_of(design).parameters)) {
    // Layouts that don't go together are refused before any data is read.
    static_cast<void>(parameter_shapes(plan(parameters_, 1)));
    check_passes();
  }

  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& context) override;
  PredictReport predict(const Dataset& data, std::span<double> out, int threads) const override;
  bool serve_in(ServingPrecision precision) override {
    serving_ = precision;
    return true;
  }
  std::optional<ExplanationMethod> explanation() const override {
    return ExplanationMethod{"integrated gradients", "Sundararajan, Taly and Yan, 2017",
                             kExplanationTolerance};
  }
  PredictReport contributions(const Dataset& data, std::span<double> out, int threads) const override;
  std::optional<DeviationMethod> deviation_method() const override {
    if (passes() == 0) return std::nullopt;
    return DeviationMethod{fmt::format("MC dropout, {} passes", passes()), "Gal and Ghahramani, 2016", false};
  }
  PredictReport deviations(const Dataset& data, std::span<double> out, int threads) const override;
  void save(const std::filesystem::path& folder) const override;
  void load(const std::filesystem::path& folder) override;
  ModelDescription describe() const override {
    return {design_.name,
            task_of(training_settings(parameters_).loss),
            parameters_,
            features_,
            "size of gradient × input",
            static_cast<std::size_t>(plan(parameters_, 1).window)};
  }

 private:
  int passes() const { return static_cast<int>(get_integer(parameters_, kDropoutPasses)); }
  /// Errors: kInvalidArgument for passes that could not differ.
  void check_passes() const;
  bool says_probabilities() const { return training_settings(parameters_).loss == Loss::kBinary; }
  NetworkPlan plan(const ParameterMap& parameters, std::size_t features) const;

  NetworkDesign design_;
  ParameterMap parameters_;
  std::vector<std::string> features_;
  std::vector<NamedTensor> weights_;  ///< empty before fitting
  ServingPrecision serving_ = ServingPrecision::kTrained;
};

NetworkPlan NetworkModel::plan(const ParameterMap& parameters, std::size_t features) const {
  NetworkPlan plan;
  plan.features = static_cast<std::int64_t>(features);
  plan.is_sequential = design_.is_sequential;
  if (design_.is_sequential) plan.window = get_integer(parameters, "window");
  plan.layers = design_.layers(parameters);
  return plan;
}

FitReport NetworkModel::fit(const Dataset& train, const Dataset* valid, const FitContext& context) {
  auto trained = within_torch(design_.name, [&] {
    return train_network(plan(parameters_, train.feature_count()), training_settings(parameters_), train,
                         valid, context);
  });
  weights_ = std::move(trained.weights);
  features_ = train.feature_names();
  return std::move(trained.report);
}

PredictReport NetworkModel::predict(const Dataset& data, std::span<double> out, int threads) const {
  require_fitted(design_.name, !weights_.empty());
  require_same_features(design_.name, features_, data, out);
  PredictReport report;
  const ScopedSeconds timer(report.library_seconds.prediction);
  const auto scores = within_torch(design_.name, [&] {
    return score_dataset(plan(parameters_, features_.size()), weights_, data, serving_, threads);
  });
  const bool is_probability = says_probabilities();
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto score = static_cast<double>(scores[i]);
    out[i] = is_probability ? 1.0 / (1.0 + std::exp(-score)) : score;
  }
  return report;
}

void NetworkModel::check_passes() const {
  const auto layers = plan(parameters_, 1).layers;
  if (passes() == 0 || (passes() > 1 && std::any_of(layers.begin(), layers.end(), drops))) return;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format(
          "{} {} of {} with dropout {} can't differ: give dropout above 0 (and num_layers above 1, where "
          "it drops between layers) and 2 passes or more",
          kDropoutPasses, passes(), design_.name, get_double(parameters_, "dropout")));
}

PredictReport NetworkModel::deviations(const Dataset& data, std::span<double> out, int threads) const {
  if (!deviation_method()) return Model::deviations(data, out, threads);
  require_fitted(design_.name, !weights_.empty());
  require_same_features(design_.name, features_, data, out);
  PredictReport report;
  const ScopedSeconds timer(report.library_seconds.prediction);
  within_torch(design_.name, [&] {
    deviate_dataset(plan(parameters_, features_.size()), weights_, data, passes(), says_probabilities(),
                    threads, out);
  });
  return report;
}

PredictReport NetworkModel::contributions(const Dataset& data, std::span<double> out, int threads) const {
  require_fitted(design_.name, !weights_.empty());
  require_explainable_features(design_.name, features_, data, out);
  PredictReport report;
  const ScopedSeconds timer(report.library_seconds.prediction);
  within_torch(design_.name, [&] {
    explain_dataset(plan(parameters_, features_.size()), weights_, data,
                    static_cast<int>(get_integer(parameters_, kExplanationSteps)), threads, out);
  });
  return report;
}

void NetworkModel::save(const std::filesystem::path& folder) const {
  require_savable(design_.name, !weights_.empty());
  write_model_file(folder, {design_.name, parameters_, features_, to_safetensors(weights_)});
}

void NetworkModel::load(const std::filesystem::path& folder) {
  ModelFile file = read_model_file(folder, design_.name);
  auto parameters = complete_parameters(file.parameters, info_of(design_).parameters);
  auto weights = from_safetensors(file.content);
  const auto problem = weights_problem(plan(parameters, file.features.size()), weights);
  if (!problem.empty()) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("{}: the {} model does not fit its settings: {}", folder.string(),
                                     design_.name, problem));
  }
  parameters_ = std::move(parameters);
  features_ = std::move(file.features);
  weights_ = std::move(weights);
}

}  // namespace

void add_network(Registry& registry, const NetworkDesign& design) {
  registry.add(design.name, {info_of(design), [design](const ParameterMap& parameters) {
                               return std::make_unique<NetworkModel>(design, parameters);
                             }});
}

ParameterInfo layout_number(std::string name, std::int64_t value, std::string summary) {
  return {std::move(name), value, std::move(summary), 1.0, 1e6};
}

ParameterInfo dropout_share(double value, std::string summary) {
  return {"dropout", value, std::move(summary), 0.0, 0.95};
}

}  // namespace orrery::plugins::models::networks
