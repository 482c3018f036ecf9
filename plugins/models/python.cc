// A model that is a Python class of the user's, with fit(X, y, **spans) and predict(X) on Arrow tables. The
// class works in a Python process of its own (orrery/base/python_worker.h); features pass through shared
// memory.

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/python_worker.h"
#include "orrery/base/threads.h"
#include "orrery/ml/model_file.h"
#include "plugins/models/registry.h"

namespace orrery::plugins::models::python_plugin {
namespace {

using Json = nlohmann::ordered_json;

ModelInfo python_info() {
  ModelInfo info;
  info.name = "python";
  info.summary = "A class of your own with fit and predict (docs/python.md)";
  info.parameters = {
      {"class", std::string(), "FILE.py:CLASS; empty is the least squares that come with Orrery"},
      {"params", std::string("{}"), "what the class is made with: a JSON object of named arguments"},
      {"task",
       std::string("regression"),
       "what the scores mean",
       std::nullopt,
       std::nullopt,
       {"regression", "binary", "ranking"}},
      {"interpreter", std::string(), "the Python program; empty is $ORRERY_PYTHON, else python3 on PATH"}};
  info.source = "the user's own; without a class, least squares by normal equations in numpy";
  return info;
}

constexpr std::size_t kAlignment = 64;

std::size_t aligned(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

/// A data set as the worker reads it: every column one after the other, each on a cache line of its own.
class SharedDataset {
 public:
  SharedDataset(const Dataset& data, int threads)
      : rows_(data.size()), stride_(aligned(rows_ * sizeof(float))), memory_(bytes_of(data)) {
    layout_ = {{"rows", rows_}, {"features", data.feature_names()}, {"stride", stride_}};
    parallel_for(data.feature_count(), threads, [&](std::size_t f) {
      data.read_feature(f, {reinterpret_cast<float*>(memory_.data() + f * stride_), rows_});
    });
    used_ = data.feature_count() * stride_;
    place_samples(data);
    place("labels", data.labels().data(), data.labels().size());
    place("weights", data.weights().data(), data.weights().size());
  }

  const Json& layout() const { return layout_; }
  const SharedMemory* memory() const { return &memory_; }

 private:
  static std::size_t bytes_of(const Dataset& data) {
    const std::size_t rows = data.size();
    return data.feature_count() * aligned(rows * sizeof(float)) + 2 * aligned(rows * sizeof(std::int32_t)) +
           aligned(rows * sizeof(double)) + aligned(rows * sizeof(float));
  }

  template <class T>
  void place(const char* name, const T* values, std::size_t count) {
    layout_[name] = count == 0 ? Json() : Json(used_);
    if (count == 0) return;
    std::memcpy(memory_.data() + used_, values, count * sizeof(T));
    used_ += aligned(count * sizeof(T));
  }

  void place_samples(const Dataset& data) {
    std::vector<std::int32_t> sessions, instruments;
    for (const Sample& sample : data.samples()) {
      sessions.push_back(static_cast<std::int32_t>(sample.row));
      instruments.push_back(static_cast<std::int32_t>(sample.instrument));
    }
    place("sessions", sessions.data(), sessions.size());
    place("instruments", instruments.data(), instruments.size());
  }

  std::size_t rows_;
  std::size_t stride_;
  std::size_t used_ = 0;
  SharedMemory memory_;
  Json layout_;
};

/// A fitted object in the worker, let go with this.
class Fitted {
 public:
  Fitted(std::shared_ptr<PythonWorker> worker, std::int64_t id) : worker_(std::move(worker)), id_(id) {}
  Fitted(const Fitted&) = delete;
  Fitted& operator=(const Fitted&) = delete;
  ~Fitted() {
    try {
      ask({{"do", "drop"}});
    } catch (const Error&) {
      // The worker is gone, and the object with it.
    }
  }

  WorkerMessage ask(Json request, std::initializer_list<const SharedMemory*> shared = {}) const {
    request["id"] = id_;
    return worker_->ask({request.dump(), ""}, shared);
  }

 private:
  std::shared_ptr<PythonWorker> worker_;
  std::int64_t id_;
};

Task task_of(const ParameterMap& parameters) {
  const auto& name = get_string(parameters, "task");
  return name == "binary" ? Task::kBinary : name == "ranking" ? Task::kRanking : Task::kRegression;
}

Json class_arguments(const ParameterMap& parameters) {
  const auto& text = get_string(parameters, "params");
  Json arguments = Json::parse(text, nullptr, false);
  if (arguments.is_object()) return arguments;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("the params of a Python model must be a JSON object of named arguments, found {}", text));
}

class PythonModel final : public Model {
 public:
  explicit PythonModel(const ParameterMap& given)
      : parameters_(complete_parameters(given, python_info().parameters)),
        arguments_(class_arguments(parameters_)) {}

  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& context) override;
  PredictReport predict(const Dataset& data, std::span<double> out, int threads) const override;
  void save(const std::filesystem::path& folder) const override;
  void load(const std::filesystem::path& folder) override;
  ModelDescription describe() const override {
    return {"python", task_of(parameters_), parameters_, features_};
  }

 private:
  static Json request(std::string_view what, const ParameterMap& parameters, const Json& arguments) {
    return {{"do", what}, {"class", get_string(parameters, "class")}, {"params", arguments}};
  }
  const Fitted& fitted() const {
    if (fitted_) return *fitted_;
    throw user_error(ErrorCode::kInvalidArgument, "the Python model is not fitted: fit or load it first");
  }

  ParameterMap parameters_;
  Json arguments_;
  std::vector<std::string> features_;
  std::unique_ptr<Fitted> fitted_;
};

FitReport report_of(const Json& answer, const std::vector<std::string>& features) {
  FitReport report;
  for (std::size_t i = 0; i < features.size(); ++i) {
    report.importance.push_back({features[i], answer.at("importance").at(i).get<double>(), 0.0});
  }
  return report;
}

FitReport PythonModel::fit(const Dataset& train, const Dataset* valid, const FitContext& context) {
  if (train.size() == 0) throw user_error(ErrorCode::kInvalidArgument, "there is no sample to train on");
  if (train.labels().size() != train.size()) throw internal_error("a data set to train on has no labels");
  auto worker = PythonWorker::of(get_string(parameters_, "interpreter"));
  const SharedDataset shared(train, context.threads);
  std::optional<SharedDataset> shared_valid;
  if (valid != nullptr && valid->size() > 0) shared_valid.emplace(*valid, context.threads);
  Json asked = request("fit", parameters_, arguments_);
  asked["train"] = shared.layout();
  asked["valid"] = shared_valid ? shared_valid->layout() : Json();
  asked["seed"] = context.seed;
  asked["threads"] = resolve_threads(context.threads);
  const auto* second = shared_valid ? shared_valid->memory() : shared.memory();
  const Json answer = Json::parse(worker->ask({asked.dump(), ""}, {shared.memory(), second}).text);
  fitted_ = std::make_unique<Fitted>(worker, answer.at("id").get<std::int64_t>());
  features_ = train.feature_names();
  return report_of(answer, features_);
}

PredictReport PythonModel::predict(const Dataset& data, std::span<double> out, int threads) const {
  const Fitted& model = fitted();
  if (data.feature_names() != features_) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the Python model was fitted on {} other features; found {}",
                                 features_.size(), data.feature_count()));
  }
  if (data.size() == 0) return {};
  const SharedDataset shared(data, threads);
  const WorkerMessage answer =
      model.ask({{"do", "predict"}, {"class", get_string(parameters_, "class")}, {"data", shared.layout()}},
                {shared.memory()});
  if (answer.bytes.size() != out.size_bytes())
    throw internal_error("the Python worker sent another number of scores");
  std::memcpy(out.data(), answer.bytes.data(), answer.bytes.size());
  return {};
}

void PythonModel::save(const std::filesystem::path& folder) const {
  const auto answer = fitted().ask({{"do", "save"}, {"class", get_string(parameters_, "class")}});
  write_model_file(folder, {"python", parameters_, features_, answer.bytes});
}

void PythonModel::load(const std::filesystem::path& folder) {
  ModelFile file = read_model_file(folder, "python");
  auto parameters = complete_parameters(file.parameters, python_info().parameters);
  auto arguments = class_arguments(parameters);
  auto worker = PythonWorker::of(get_string(parameters, "interpreter"));
  const auto answer = worker->ask({request("load", parameters, arguments).dump(), file.content});
  fitted_ = std::make_unique<Fitted>(worker, Json::parse(answer.text).at("id").get<std::int64_t>());
  parameters_ = std::move(parameters);
  arguments_ = std::move(arguments);
  features_ = std::move(file.features);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("python", {python_info(), [](const ParameterMap& parameters) {
                            return std::make_unique<PythonModel>(parameters);
                          }});
}

}  // namespace orrery::plugins::models::python_plugin
