#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "orrery/base/parameters.h"
#include "orrery/base/progress.h"
#include "orrery/base/registry.h"
#include "orrery/ml/dataset.h"
#include "orrery/ml/member_report.h"
#include "orrery/ml/search_report.h"
#include "orrery/ml/serving_precision.h"

namespace orrery {

/// What a model's scores mean.
enum class Task {
  kRegression,  ///< an estimate of the label
  kBinary,      ///< the probability that the label is 1
  kRanking,     ///< an order within the session; the size means nothing
};

/// What fitting may depend on besides the data. The model fitted depends on the seed, not on the threads.
struct FitContext {
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0: all cores
  Progress& progress = silent_progress();
  /// An existing folder where a model that trains for long may keep what it needs to go on after a stop;
  /// empty: nowhere.
  std::filesystem::path checkpoints = {};
  /// Rows after t that the label of row t is known from: what a model that cuts its training rows further
  /// has to keep apart.
  int purge_rows = 0;
};

/// Seconds spent inside the third-party library that does the work, by phase; zero where there is none.
struct LibrarySeconds {
  double binning = 0.0;   ///< turning features into the library's own data set
  double boosting = 0.0;  ///< rounds, with their metrics
  double prediction = 0.0;

  double total() const { return binning + boosting + prediction; }
  LibrarySeconds& operator+=(const LibrarySeconds& other) {
    binning += other.binning;
    boosting += other.boosting;
    prediction += other.prediction;
    return *this;
  }
};

/// A metric after each round of fitting. Empty where the model has no rounds or no such data.
struct MetricHistory {
  std::string name;
  bool higher_is_better = false;
  std::vector<double> train;
  std::vector<double> valid;
};

/// How much a feature contributed to a fitted model.
struct FeatureImportance {
  std::string feature;
  double gain =
      0.0;  ///< total loss reduction of its splits; for linear models the absolute standardised weight
  double split = 0.0;  ///< number of splits; 0 for linear models
};

struct FitReport {
  int rounds = 0;      ///< rounds fitted
  int best_round = 0;  ///< rounds used for prediction, counted from 1
  std::vector<MetricHistory> metrics;
  std::vector<FeatureImportance> importance;  ///< in feature order
  std::vector<MemberReport> members;          ///< empty for a single model
  std::optional<SearchReport> search;         ///< of a model that chose its settings by itself
  LibrarySeconds library_seconds;
};

struct PredictReport {
  LibrarySeconds library_seconds;
};

struct ModelDescription {
  std::string name;  ///< as registered
  Task task = Task::kRegression;
  ParameterMap parameters;                          ///< completed, by their declared names
  std::vector<std::string> features;                ///< empty before fitting
  std::string importance_unit = "absolute weight";  ///< of FeatureImportance::gain, as the report shows it
  /// Sessions up to the sample's own that a prediction reads; 1: the sample's own alone.
  std::size_t sessions_read = 1;
};

/// How a model splits its predictions among its features.
struct ExplanationMethod {
  std::string name;    ///< such as "TreeSHAP", as the report shows it
  std::string source;  ///< paper
  /// By how much a row of contributions may miss the raw score, as a share of the sum of the row's sizes.
  double tolerance = 1e-12;
};

/// How a model says how unsure it is of a score.
struct DeviationMethod {
  std::string name;    ///< such as "MC dropout", as the report shows it
  std::string source;  ///< paper
  /// true: the deviation of the label around the score; false: that of the score alone, which more data would
  /// make smaller, while the label's noise stays.
  bool includes_noise = false;
};

/// Something that learns scores from a data set. Deterministic for data, parameters and seed.
class Model {
 public:
  virtual ~Model() = default;

  /// Learns from `train`; `valid`, where given, only decides when to stop. Replaces what was learned before;
  /// after an error the model is as before. Errors: kInvalidArgument for data it can't learn from (no
  /// samples, a label outside the objective's range, missing values where it declares that it takes none).
  virtual FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& context) = 0;

  /// Writes one score a sample. Errors: kInvalidArgument when not fitted, or the features differ from the
  /// fitted ones.
  virtual PredictReport predict(const Dataset& data, std::span<double> out, int threads) const = 0;

  /// Predicts in such numbers from now on, contributions apart; returns false, and changes nothing, where the
  /// model has no such form. Not while another thread predicts. What is saved is the model as it was trained.
  virtual bool serve_in(ServingPrecision precision) { return precision == ServingPrecision::kTrained; }

  /// How `contributions` splits predictions; nothing where the model does not offer it.
  virtual std::optional<ExplanationMethod> explanation() const { return std::nullopt; }

  /// Splits the raw score of every sample among the features: what each feature's value added to it.
  /// Shape: `out` is size() × (feature_count() + 1), row-major; the last column is the base value, which is
  /// what the model says where it knows no feature (the mean of its training samples' raw scores, or the
  /// score of the method's baseline). Unit: the raw score, which a row sums to up to
  /// explanation()->tolerance: the prediction itself, but for kBinary the log-odds of the predicted
  /// probability. Missing features get what their absence adds. Never NaN. Does not depend on `threads`.
  /// Errors: kInvalidArgument when not fitted, the features differ from the fitted ones, or the model does
  /// not offer it.
  virtual PredictReport contributions(const Dataset& data, std::span<double> out, int threads) const;

  /// How `deviations` comes about; nothing where the model does not offer it.
  virtual std::optional<DeviationMethod> deviation_method() const { return std::nullopt; }

  /// Writes the standard deviation of every sample's score (or of its label around it: see
  /// DeviationMethod::includes_noise). Shape: one a sample. Unit: that of the score. Finite, not negative.
  /// Depends neither on `threads` nor on what else is asked about. Errors: kInvalidArgument when not fitted,
  /// the features differ from the fitted ones, or the model does not offer it.
  virtual PredictReport deviations(const Dataset& data, std::span<double> out, int threads) const;

  /// Writes the fitted model into an existing folder. Errors: kInvalidArgument when not fitted; kIo.
  virtual void save(const std::filesystem::path& folder) const = 0;

  /// Reads what `save` wrote, so that predictions equal to the bit. Parameters come from the file.
  /// Errors: kNotFound; kDataCorrupt, naming the file, when it is damaged, cut short, or another model's.
  virtual void load(const std::filesystem::path& folder) = 0;

  virtual ModelDescription describe() const = 0;
};

/// How a model's settings are searched for unless a study says otherwise.
struct SearchDefaults {
  ParameterMap settings;  ///< of every trial, where the model's own defaults are not what a search begins at
  SearchSpace space;
};

/// What a model says about itself.
struct ModelInfo {
  std::string name;
  std::string summary;  ///< one line
  std::vector<ParameterInfo> parameters;
  std::map<std::string, std::string, std::less<>> aliases;  ///< other accepted names → declared name
  std::string source;                                       ///< library and version, paper, or formula
  bool accepts_missing = true;                              ///< NaN features may be fed
  bool keeps_checkpoints = false;                           ///< writes into FitContext::checkpoints
  SearchDefaults search = {};  ///< what `model: auto` tries; without a space it leaves the model out
};

struct ModelEntry {
  ModelInfo info;
  /// Makes an unfitted model. `parameters` carry declared names and declared types; those not given take
  /// defaults.
  std::function<std::unique_ptr<Model>(const ParameterMap& parameters)> factory;
};

using ModelRegistry = NamedRegistry<ModelEntry>;

/// Checks settings, aliases included: unknown names, a setting given twice under two names, types, ranges.
std::vector<ParameterProblem> check_model_parameters(const ModelInfo& info, const ParameterMap& given);

/// Replaces aliases by declared names. Errors: kInvalidArgument with the first problem found.
ParameterMap resolve_model_parameters(const ModelInfo& info, const ParameterMap& given);

/// Makes an unfitted model from settings as a study gives them. Errors: kInvalidArgument.
std::unique_ptr<Model> make_model(const ModelEntry& entry, const ParameterMap& given);

}  // namespace orrery
