// Networks beside independent PyTorch modules, and the training loop's promises. Golden numbers:
// torch_oracle.py.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/ml/model_file.h"
#include "orrery/ml/session_correlation.h"
#include "plugins/models/networks/batch.h"
#include "plugins/models/networks/epoch_state.h"
#include "plugins/models/networks/quadrature.h"
#include "plugins/models/networks/safetensors.h"
#include "plugins/models/networks/scoring.h"
#include "plugins/models/networks/torch_network.h"
#include "plugins/models/networks/training.h"
#include "testing/model_registry.h"
#include "testing/planted_signal.h"
#include "testing/temporary_folder.h"

namespace orrery::networks_test {
namespace {

using namespace plugins::models::networks;  // NOLINT(google-build-using-namespace)
using testing::fit_planted;
using testing::PlantedStudy;
using testing::predict_planted;
using testing::TemporaryFolder;

constexpr std::size_t kWindow = 5;
constexpr std::size_t kFeatures = 3;
constexpr std::size_t kSamples = 4;

const nlohmann::json& oracle() {
  static const auto golden =
      nlohmann::json::parse(read_file("plugins/models/networks/testdata/torch_oracle.json"));
  return golden;
}

/// Made by integrated_gradients_oracle.py.
const nlohmann::json& gradients_oracle() {
  static const auto golden =
      nlohmann::json::parse(read_file("plugins/models/networks/testdata/integrated_gradients_oracle.json"));
  return golden;
}

std::vector<float> floats(const nlohmann::json& json) { return json.get<std::vector<float>>(); }

const ModelEntry& entry(const std::string& name) { return testing::model_registry().get(name); }

std::unique_ptr<Model> make(const std::string& name, const ParameterMap& parameters) {
  return make_model(entry(name), parameters);
}

/// Small enough to learn in a moment; `further` overlays it.
ParameterMap quick(const ParameterMap& further = {}) {
  ParameterMap parameters{{"epochs", std::int64_t{4}},
                          {"batch_size", std::int64_t{300}},
                          {"hidden_size", std::int64_t{8}},
                          {"learning_rate", 0.01}};
  for (const auto& [name, value] : further) parameters[name] = value;
  return parameters;
}

/// The oracle's inputs as panels: a row a step, a column a sample.
struct OracleStudy {
  FactorFrame frame;
  FittedFeatures no_steps;
  MaskPanel eligible{kWindow, kSamples, 1};

  explicit OracleStudy(const std::vector<float>& inputs) {
    for (std::size_t f = 0; f < kFeatures; ++f) {
      frame.names.push_back("f" + std::to_string(f));
      frame.panels.emplace_back(kWindow, kSamples);
      for (std::size_t i = 0; i < kSamples; ++i) {
        for (std::size_t step = 0; step < kWindow; ++step) {
          frame.panels[f](step, i) = inputs[(i * kWindow + step) * kFeatures + f];
        }
      }
    }
  }
  Dataset newest() const { return {frame, no_steps, eligible, {kWindow - 1, kWindow}}; }
};

/// Settings under which a plug-in lays out the oracle's module.
ParameterMap oracle_parameters(const std::string& name) {
  ParameterMap parameters{{"hidden_size", std::int64_t{6}}, {"epochs", std::int64_t{1}}};
  if (name != "mlp") parameters["window"] = std::int64_t{kWindow};
  if (name == "tcn") parameters["num_layers"] = std::int64_t{2};
  if (name == "transformer") parameters["feedforward_size"] = std::int64_t{8};
  return parameters;
}

/// Puts the oracle's weights into the file of a fitted model.
void replace_weights(const std::filesystem::path& folder, const std::string& name,
                     const nlohmann::json& weights) {
  auto file = read_model_file(folder, name);
  auto tensors = from_safetensors(file.content);
  ASSERT_EQ(tensors.size(), weights.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    EXPECT_EQ(tensors[i].shape, weights[i].at("shape").get<std::vector<std::int64_t>>()) << tensors[i].name;
    tensors[i].values = floats(weights[i].at("values"));
  }
  file.content = to_safetensors(tensors);
  write_model_file(folder, file);
}

/// A model with the oracle's weights.
std::unique_ptr<Model> with_weights(const std::string& name, const ParameterMap& parameters,
                                    const nlohmann::json& weights) {
  auto model = make(name, parameters);
  fit_planted(*model, PlantedStudy({.features = kFeatures}), {0, 1});
  const TemporaryFolder folder;
  model->save(folder.path());
  replace_weights(folder.path(), name, weights);
  model->load(folder.path());
  return model;
}

class NetworkOracle : public ::testing::TestWithParam<std::string> {};

TEST_P(NetworkOracle, GivesTheScoresOfAnIndependentModule) {
  const auto& golden = oracle().at("networks").at(GetParam());
  const auto parameters = oracle_parameters(GetParam());
  const OracleStudy study(floats(golden.at("inputs")));
  const auto model = with_weights(GetParam(), parameters, golden.at("weights"));
  const Dataset newest = study.newest();
  std::vector<double> scores(newest.size());
  model->predict(newest, scores, 1);
  // Sums of a few dozen products in float, added in another order.
  const auto expected = floats(golden.at("scores"));
  for (std::size_t i = 0; i < kSamples; ++i) EXPECT_NEAR(scores[i], static_cast<double>(expected[i]), 1e-5);
}

/// A matrix of weights, or a convolution's kernels, rounded by the definition: 127 steps either side of 0, an
/// output's own.
nlohmann::json rounded_to_8_bits(nlohmann::json weight) {
  const auto shape = weight.at("shape").get<std::vector<std::size_t>>();
  if (shape.size() < 2) return weight;
  auto values = floats(weight.at("values"));
  const std::size_t width = values.size() / shape.front();
  for (std::size_t row = 0; row < shape.front(); ++row) {
    const auto output = std::span(values).subspan(row * width, width);
    float largest = 0.0F;
    for (const float value : output) largest = std::max(largest, std::fabs(value));
    const float step = largest / 127.0F;
    for (float& value : output) value = std::nearbyint(value / step) * step;
  }
  weight["values"] = values;
  return weight;
}

std::vector<double> scores_of(Model& model, const Dataset& data, ServingPrecision precision) {
  EXPECT_TRUE(model.serve_in(precision));
  std::vector<double> scores(data.size());
  model.predict(data, scores, 1);
  return scores;
}

TEST_P(NetworkOracle, ServesInFewerBits) {
  const auto& golden = oracle().at("networks").at(GetParam());
  const auto parameters = oracle_parameters(GetParam());
  const OracleStudy study(floats(golden.at("inputs")));
  const auto model = with_weights(GetParam(), parameters, golden.at("weights"));
  auto weights = nlohmann::json::array();
  for (const auto& weight : golden.at("weights")) weights.push_back(rounded_to_8_bits(weight));
  const auto rounded = with_weights(GetParam(), parameters, weights);
  const Dataset newest = study.newest();
  const auto trained = scores_of(*model, newest, ServingPrecision::kTrained);
  EXPECT_EQ(scores_of(*model, newest, ServingPrecision::kInt8),
            scores_of(*rounded, newest, ServingPrecision::kTrained));
  const auto brain = scores_of(*model, newest, ServingPrecision::kBfloat16);
  EXPECT_NE(brain, trained);
  // Products of numbers with 8 bits are off by up to 1/256 of them; a few layers of six each.
  for (std::size_t i = 0; i < kSamples; ++i) EXPECT_NEAR(brain[i], trained[i], 0.03);
  EXPECT_EQ(scores_of(*model, newest, ServingPrecision::kTrained), trained);
}

TEST_P(NetworkOracle, GivesTheContributionsOfCaptum) {
  const auto& golden = oracle().at("networks").at(GetParam());
  const auto& expected = gradients_oracle().at("networks").at(GetParam());
  auto parameters = oracle_parameters(GetParam());
  parameters["explanation_steps"] = std::int64_t{32};
  const OracleStudy study(floats(golden.at("inputs")));
  const auto model = with_weights(GetParam(), parameters, golden.at("weights"));
  std::vector<double> found(kSamples * (kFeatures + 1));
  model->contributions(study.newest(), found, 1);
  // Gradients in float, added in another order.
  const auto parts = floats(expected.at("contributions"));
  for (std::size_t i = 0; i < kSamples; ++i) {
    for (std::size_t f = 0; f < kFeatures; ++f) {
      EXPECT_NEAR(found[i * (kFeatures + 1) + f], static_cast<double>(parts[i * kFeatures + f]), 1e-5);
    }
    EXPECT_NEAR(found[i * (kFeatures + 1) + kFeatures], expected.at("base").get<double>(), 1e-5);
  }
}

TEST(NetworkQuadrature, HasThePointsOfNumpy) {
  const auto points = plugins::models::networks::gauss_legendre(32);
  ASSERT_EQ(points.size(), 32U);
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_NEAR(points[i].position, gradients_oracle().at("points")[i].get<double>(), 1e-15);
    EXPECT_NEAR(points[i].weight, gradients_oracle().at("weights")[i].get<double>(), 1e-15);
  }
  EXPECT_DOUBLE_EQ(plugins::models::networks::gauss_legendre(1).front().position, 0.5);
  EXPECT_DOUBLE_EQ(plugins::models::networks::gauss_legendre(1).front().weight, 1.0);
}

INSTANTIATE_TEST_SUITE_P(All, NetworkOracle,
                         ::testing::Values("mlp", "lstm", "gru", "bilstm", "alstm", "tcn", "transformer"),
                         [](const auto& info) { return info.param; });

/// One linear layer, in libtorch.
std::unique_ptr<TorchNetwork> linear_network(const TrainingSettings& settings, std::vector<float> weight,
                                             std::vector<float> bias) {
  const auto features = static_cast<std::int64_t>(weight.size());
  const NetworkPlan plan{features, 1, false, {Linear{1}}};
  return open_network(plan, settings,
                      {{"0.weight", {1, features}, std::move(weight)}, {"0.bias", {1}, std::move(bias)}});
}

/// A hidden layer of five units that dropout takes out, in libtorch's terms, on three features.
const NetworkPlan kDropping{kFeatures, 1, false, {Linear{5}, Dropout{0.3}, Linear{1}}};
const std::vector<NamedTensor> kDroppingWeights{
    {"0.weight", {5, 3}, {0.5F, -1, 2, 0.25F, 0, 1, -0.75F, 1.5F, 0.5F, 1, 1, 1, -2, 0.5F, 0.125F}},
    {"0.bias", {5}, {0.1F, -0.2F, 0.3F, 0, 0.5F}},
    {"2.weight", {1, 5}, {1, -0.5F, 2, 0.75F, -1.25F}},
    {"2.bias", {1}, {0.5F}}};

/// The deviation in closed form: units are in or out by themselves, so that their variances add up.
double deviation_by_hand(const std::vector<float>& inputs) {
  double variance = 0.0;
  for (std::size_t unit = 0; unit < 5; ++unit) {
    double value = static_cast<double>(kDroppingWeights[1].values[unit]);
    for (std::size_t f = 0; f < kFeatures; ++f)
      value += static_cast<double>(kDroppingWeights[0].values[unit * kFeatures + f]) *
               static_cast<double>(inputs[f]);
    const double share = value * static_cast<double>(kDroppingWeights[2].values[unit]);
    variance += share * share * 0.3 / 0.7;
  }
  return std::sqrt(variance);
}

TEST(NetworkDropout, DeviatesAsItsVarianceInClosedForm) {
  const OracleStudy study(floats(oracle().at("networks").at("mlp").at("inputs")));
  const Dataset newest = study.newest();
  std::vector<double> found(kSamples);
  deviate_dataset(kDropping, kDroppingWeights, newest, 20000, false, 2, found);
  std::vector<float> inputs(kSamples * kFeatures);
  newest.read_rows(0, kSamples, inputs.data(), 1);
  for (std::size_t i = 0; i < kSamples; ++i) {
    const double expected =
        deviation_by_hand({inputs.begin() + static_cast<std::ptrdiff_t>(i * kFeatures),
                           inputs.begin() + static_cast<std::ptrdiff_t>((i + 1) * kFeatures)});
    // Of a deviation over 20,000 draws one in a thousand is off by more than 2 %.
    EXPECT_NEAR(found[i] / expected, 1.0, 0.02);
  }
}

TEST(NetworkDropout, TakesTheSameOutOfAllSamples) {
  const auto network = open_network(kDropping, {}, kDroppingWeights);
  const std::vector<float> twice{1, 2, 3, -1, 0.5F, 2, 1, 2, 3};
  std::vector<float> scores(3), alone(1), plain(1), again(3);
  network->score_dropped(twice, 5, scores);
  network->score_dropped(std::vector<float>{1, 2, 3}, 5, alone);
  network->score(std::vector<float>{1, 2, 3}, plain);
  network->score_dropped(twice, 6, again);
  EXPECT_EQ(scores[0], scores[2]);
  EXPECT_FLOAT_EQ(scores[0], alone[0]);
  EXPECT_NE(scores[0], plain[0]);
  EXPECT_NE(scores[0], again[0]);
}

TEST(NetworkDropout, OfPassesThatCouldNotDifferIsRefused) {
  const ParameterMap passes{{"dropout_passes", std::int64_t{10}}};
  EXPECT_THROW(make("mlp", passes), Error);
  EXPECT_THROW(make("lstm", {{"dropout", 0.1}, {"dropout_passes", std::int64_t{1}}}), Error);
  EXPECT_TRUE(make("mlp", {{"dropout", 0.1}, {"dropout_passes", std::int64_t{2}}})->deviation_method());
  EXPECT_FALSE(make("mlp", {{"dropout", 0.1}})->deviation_method());
}

TEST(NetworkDropout, OfProbabilitiesDeviatesAsProbabilitiesDo) {
  const OracleStudy study(floats(oracle().at("networks").at("mlp").at("inputs")));
  const Dataset newest = study.newest();
  std::vector<double> found(kSamples);
  deviate_dataset(kDropping, kDroppingWeights, newest, 50, true, 1, found);
  // Values in (0, 1) deviate by no more than half, times √(50/49).
  for (const double deviation : found) EXPECT_TRUE(deviation > 0.0 && deviation < 0.506);
}

TEST(NetworkLoss, EqualsPyTorchs) {
  const auto& golden = oracle().at("losses");
  const auto scores = floats(golden.at("scores"));
  Targets targets{floats(golden.at("labels")), {}, golden.at("sessions").get<std::vector<std::size_t>>()};
  const std::vector<std::pair<std::string, Loss>> losses{
      {"mse", Loss::kMse},          {"mae", Loss::kMae},         {"huber", Loss::kHuber},
      {"binary", Loss::kBinary},    {"listnet", Loss::kListnet}, {"ic", Loss::kIc},
      {"pairwise", Loss::kPairwise}};
  for (const auto& [name, loss] : losses) {
    TrainingSettings settings;
    settings.loss = loss;
    settings.huber_delta = 0.7;
    Targets used = targets;
    if (loss == Loss::kBinary) {
      for (float& label : used.labels) label = label > 0.0F ? 1.0F : 0.0F;
    }
    EXPECT_NEAR(linear_network(settings, {0}, {0})->loss(scores, used),
                golden.at("losses").at(name).get<double>(), 1e-6)
        << name;
  }
}

TEST(NetworkLoss, OfAWeightOfTwoIsThatOfTheSampleTwice) {
  for (const Loss loss : {Loss::kMse, Loss::kMae, Loss::kHuber, Loss::kIc}) {
    TrainingSettings settings;
    settings.loss = loss;
    const auto network = linear_network(settings, {0}, {0});
    const double weighted = network->loss(std::vector<float>{1, 2, 4}, {{3, -1, 2}, {1, 2, 1}, {0, 3}});
    const double twice = network->loss(std::vector<float>{1, 2, 2, 4}, {{3, -1, -1, 2}, {}, {0, 4}});
    EXPECT_NEAR(weighted, twice, 1e-6);
  }
}

TEST(NetworkLoss, LeavesOutSessionsThatHaveNone) {
  TrainingSettings settings;
  settings.loss = Loss::kIc;
  const auto network = linear_network(settings, {0}, {0});
  EXPECT_EQ(network->loss(std::vector<float>{1, 5, 6}, {{1, 2, 2}, {}, {0, 1, 3}}), 0.0);
  EXPECT_NEAR(network->loss(std::vector<float>{9, 1, 2}, {{1, 3, 4}, {}, {0, 1, 3}}), 0.0, 1e-6);
}

TEST(NetworkOptimizer, TakesPyTorchsSteps) {
  for (const auto& [name, optimizer] :
       {std::pair{"adam", Optimizer::kAdam}, {"adamw", Optimizer::kAdamW}, {"sgd", Optimizer::kSgd}}) {
    const auto& golden = oracle().at("optimizers").at(name);
    TrainingSettings settings;
    settings.optimizer = optimizer;
    settings.momentum = 0.9;
    settings.weight_decay = 0.05;
    settings.clip_norm = 0.5;
    const auto network =
        linear_network(settings, floats(golden.at("start")[0]), floats(golden.at("start")[1]));
    Batch batch;
    batch.inputs = floats(golden.at("inputs"));
    batch.targets.labels = floats(golden.at("labels"));
    batch.samples.resize(batch.targets.labels.size());
    std::vector<float> scores(batch.samples.size());
    for (const auto& loss : golden.at("losses")) {
      EXPECT_NEAR(network->step(batch, {0.1, 0, 1}, scores), loss.get<double>(), 1e-5) << name;
    }
    for (std::size_t p = 0; p < 2; ++p) {
      const auto end = floats(golden.at("end")[p]);
      for (std::size_t i = 0; i < end.size(); ++i)
        EXPECT_NEAR(network->weights()[p].values[i], end[i], 1e-5) << name;
    }
  }
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

TEST(Safetensors, AreTheBytesOfTheirOwnLibrary) {
  const std::string golden = from_hex(oracle().at("safetensors").get<std::string>());
  const std::vector<NamedTensor> tensors{{"a", {2, 2}, {1.5F, -2.0F, 0.25F, 1e30F}}, {"b", {1}, {0.1F}}};
  EXPECT_EQ(from_safetensors(golden), tensors);
  EXPECT_EQ(to_safetensors(tensors), golden);
}

TEST(Safetensors, RefuseWhatDoesNotFit) {
  const std::string good = to_safetensors({{"a", {2}, {1.0F, 2.0F}}});
  for (const std::size_t size : {0UL, 7UL, 20UL, good.size() - 1}) {
    EXPECT_THROW(from_safetensors(good.substr(0, size)), Error) << size;
  }
  EXPECT_THROW(from_safetensors(good + "more"), Error);
  for (const auto& [found, put] :
       {std::pair{"F32", "F16"}, {"[2]", "[3]"}, {"[0,", "[4,"}, {"shape", "shope"}}) {
    std::string bad = good;
    bad.replace(bad.find(found), std::string(found).size(), put);
    EXPECT_THROW(from_safetensors(bad), Error) << put;
  }
}

TEST(NetworkBatches, HoldEverySampleOnceInTheSeedsOrder) {
  const auto plan = plan_samples(1000, 300, 5);
  ASSERT_EQ(plan.parts.size(), 4U);
  EXPECT_EQ(plan.parts.back().samples.size(), 100U);
  std::set<std::uint32_t> seen;
  for (const auto& part : plan.parts) seen.insert(part.samples.begin(), part.samples.end());
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_EQ(plan_samples(1000, 300, 5).parts[0].samples, plan.parts[0].samples);
  EXPECT_NE(plan_samples(1000, 300, 6).parts[0].samples, plan.parts[0].samples);
}

TEST(NetworkBatches, OfSessionsNeverCutOne) {
  const std::vector<std::size_t> groups{0, 30, 70, 75, 175, 200};
  const auto plan = plan_sessions(groups, 80, 3);
  std::set<std::uint32_t> begins;
  for (const auto& part : plan.parts) {
    EXPECT_TRUE(part.samples.size() <= 80 || part.sessions.size() == 2);
    for (std::size_t s = 0; s + 1 < part.sessions.size(); ++s) {
      const auto first = part.samples[part.sessions[s]];
      const auto group = std::find(groups.begin(), groups.end(), first);
      ASSERT_NE(group, groups.end());
      EXPECT_EQ(part.sessions[s + 1] - part.sessions[s], *(group + 1) - *group);
      EXPECT_TRUE(begins.insert(first).second);
    }
  }
  EXPECT_EQ(begins.size(), 5U);
}

TrainingSettings schedule(Schedule kind) {
  TrainingSettings settings;
  settings.epochs = 8;
  settings.learning_rate = 1.0;
  settings.schedule = kind;
  settings.schedule_epochs = 2;
  settings.schedule_factor = 0.5;
  return settings;
}

TEST(NetworkSchedule, FallsAsDeclared) {
  EpochState state = start_of_training(schedule(Schedule::kCosine));
  state.epochs = 4;
  EXPECT_EQ(learning_rate_of(schedule(Schedule::kConstant), state), 1.0);
  EXPECT_NEAR(learning_rate_of(schedule(Schedule::kCosine), state), 0.5, 1e-15);
  EXPECT_EQ(learning_rate_of(schedule(Schedule::kStep), state), 0.25);
}

/// Lets training see validation losses one after the other.
EpochState after_losses(const TrainingSettings& settings, const std::vector<double>& losses) {
  EpochState state = start_of_training(settings);
  for (const double loss : losses) {
    state.valid_loss.push_back(loss);
    state.valid_ic.push_back(-loss);
    state.weights = {{"w", {1}, {static_cast<float>(loss)}}};
    finish_epoch(settings, true, state);
  }
  return state;
}

TEST(NetworkSchedule, OfPlateausFallsAfterEpochsWithoutImprovement) {
  const auto settings = schedule(Schedule::kPlateau);
  EXPECT_EQ(learning_rate_of(settings, after_losses(settings, {3, 2, 2.5})), 1.0);
  EXPECT_EQ(learning_rate_of(settings, after_losses(settings, {3, 2, 2.5, 2.1})), 0.5);
  EXPECT_EQ(learning_rate_of(settings, after_losses(settings, {3, 2, 2.5, 2.1, 1, 4, 4})), 0.25);
}

TEST(NetworkStopping, KeepsTheBestEpochsWeights) {
  auto settings = schedule(Schedule::kConstant);
  settings.early_stopping_epochs = 2;
  for (const Watched watched : {Watched::kLoss, Watched::kIc}) {
    settings.watched = watched;
    EXPECT_FALSE(is_finished(settings, true, after_losses(settings, {3, 1, 2})));
    const auto state = after_losses(settings, {3, 1, 2, 1});
    EXPECT_TRUE(is_finished(settings, true, state));
    EXPECT_EQ(state.best_epoch, 2);
    EXPECT_EQ(state.best_weights[0].values[0], 1.0F);
  }
}

/// Stops the work after some steps, as a user does.
class StopAfter final : public Progress {
 public:
  explicit StopAfter(std::size_t steps) : left_(steps + 1) {}
  void advance(std::size_t steps) override {
    if (steps > 0 && --left_ == 0) throw user_error(ErrorCode::kCancelled, "stopped");
  }

 private:
  std::size_t left_;
};

std::string bytes_of(const Model& model) {
  const TemporaryFolder folder;
  model.save(folder.path());
  return read_file(folder.path() / "model.orrery");
}

TEST(NetworkCheckpoint, IsGoneOnFromToTheSameBits) {
  const PlantedStudy study;
  const auto parameters =
      quick({{"dropout", 0.2}, {"schedule", std::string("plateau")}, {"window", std::int64_t{4}}});
  auto whole = make("lstm", parameters);
  const auto expected = fit_planted(*whole, study, {3, 1});
  const TemporaryFolder folder;
  auto stopped = make("lstm", parameters);
  StopAfter stop(1);
  EXPECT_THROW(fit_planted(*stopped, study, {3, 2, stop, folder.path()}), Error);
  ASSERT_TRUE(std::filesystem::exists(folder.path() / "checkpoint.orrery"));
  auto resumed = make("lstm", parameters);
  const auto report = fit_planted(*resumed, study, {3, 2, silent_progress(), folder.path()});
  EXPECT_EQ(bytes_of(*resumed), bytes_of(*whole));
  EXPECT_EQ(report.metrics[0].valid, expected.metrics[0].valid);
  EXPECT_EQ(report.metrics[1].train, expected.metrics[1].train);
}

TEST(NetworkCheckpoint, OfOtherInputsIsIgnoredAndADamagedOneRefused) {
  const PlantedStudy study;
  const TemporaryFolder folder;
  const FitContext with{3, 1, silent_progress(), folder.path()};
  fit_planted(*make("mlp", quick()), study, with);
  auto other = make("mlp", quick({{"learning_rate", 0.02}}));
  fit_planted(*other, study, with);
  auto expected = make("mlp", quick({{"learning_rate", 0.02}}));
  fit_planted(*expected, study, {3, 1});
  EXPECT_EQ(bytes_of(*other), bytes_of(*expected));
  const auto path = folder.path() / "checkpoint.orrery";
  const std::string good = read_file(path);
  write_file_atomically(path, good.substr(0, good.size() - 3));
  EXPECT_THROW(fit_planted(*other, study, with), Error);
}

/// The mean correlation within sessions of what a model says about the last rows.
double test_ic(const Model& model, const PlantedStudy& study) {
  const auto scores = predict_planted(model, study);
  const Dataset truth = study.learn({100, 120});
  return mean_correlation(std::vector<float>(scores.begin(), scores.end()), truth.labels(), truth.groups());
}

TEST(NetworkTraining, LearnsAPlantedSignalWithEveryLoss) {
  const PlantedStudy study;
  for (const std::string loss : {"mse", "mae", "huber", "ic", "listnet", "pairwise"}) {
    auto model = make("mlp", quick({{"loss", loss}, {"epochs", std::int64_t{10}}}));
    fit_planted(*model, study, {0, 1});
    // The best possible correlation is 0.883.
    EXPECT_GT(test_ic(*model, study), 0.82) << loss;
  }
}

TEST(NetworkTraining, GivesProbabilitiesOfABinaryLabel) {
  PlantedStudy study;
  for (std::size_t row = 0; row < study.label.rows(); ++row) {
    for (std::size_t i = 0; i < study.label.columns(); ++i)
      study.label(row, i) = study.label(row, i) > 1.0 ? 1.0 : 0.0;
  }
  auto model = make("mlp", quick({{"loss", std::string("binary")}, {"epochs", std::int64_t{10}}}));
  EXPECT_EQ(model->describe().task, Task::kBinary);
  fit_planted(*model, study, {0, 1});
  const auto scores = predict_planted(*model, study);
  const Dataset truth = study.learn({100, 120});
  double said = 0.0, happened = 0.0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    EXPECT_TRUE(scores[i] >= 0.0 && scores[i] <= 1.0);
    said += scores[i];
    happened += truth.labels()[i];
  }
  EXPECT_NEAR(said / happened, 1.0, 0.15);
  EXPECT_THROW(fit_planted(*model, PlantedStudy(), {0, 1}), Error) << "labels other than 0 and 1";
}

TEST(NetworkTraining, FindsWhatOnlyEarlierSessionsTell) {
  PlantedStudy study;
  for (std::size_t row = 119; row >= 2; --row) {
    for (std::size_t i = 0; i < study.label.columns(); ++i) {
      study.eligible(row, i) = 1;
      study.label(row, i) = static_cast<double>(study.features.panels[0](row - 2, i));
    }
  }
  const auto settings = quick({{"epochs", std::int64_t{12}}, {"batch_size", std::int64_t{128}}});
  auto blind = make("mlp", settings);
  fit_planted(*blind, study, {0, 1});
  EXPECT_LT(std::fabs(test_ic(*blind, study)), 0.1);
  auto seeing = settings;
  seeing["window"] = std::int64_t{4};
  for (const std::string name : {"lstm", "tcn"}) {
    auto model = make(name, seeing);
    fit_planted(*model, study, {0, 1});
    EXPECT_GT(test_ic(*model, study), 0.8) << name;
  }
}

TEST(NetworkTraining, FindsNothingOnANullMarket) {
  // Labels that no feature has to do with: 20 sessions of 36 samples leave a mean correlation of 0 ± 0.037.
  PlantedStudy study;
  const PlantedStudy other({.seed = 77});
  study.label = other.label;
  for (const std::string name : {"mlp", "lstm"}) {
    auto model = make(name, quick());
    fit_planted(*model, study, {0, 1});
    EXPECT_LT(std::fabs(test_ic(*model, study)), 0.11) << name;
  }
}

TEST(NetworkTraining, SaysWhenTheLossIsNoNumberAnyMore) {
  auto model =
      make("mlp", quick({{"optimizer", std::string("sgd")}, {"learning_rate", 99.0}, {"clip_norm", 0.0}}));
  try {
    fit_planted(*model, PlantedStudy(), {0, 1});
    ADD_FAILURE() << "trained although it diverged";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("learning_rate"), std::string::npos) << error.what();
  }
}

TEST(NetworkTraining, TakesBfloat16) {
  const PlantedStudy study;
  for (const std::string name : {"mlp", "lstm"}) {
    auto settings = quick({{"precision", std::string("bfloat16")}, {"epochs", std::int64_t{8}}});
    if (name != "mlp") settings["window"] = std::int64_t{2};
    auto model = make(name, settings);
    fit_planted(*model, study, {0, 1});
    EXPECT_GT(test_ic(*model, study), 0.75) << name;
  }
}

TEST(NetworkModel, RefusesALayoutThatDoesNotGoTogether) {
  EXPECT_THROW(make("transformer", {{"hidden_size", std::int64_t{10}}, {"num_heads", std::int64_t{4}}}),
               Error);
}

TEST(NetworkModel, RefusesWeightsOfAnotherShape) {
  const PlantedStudy study;
  auto model = make("gru", quick());
  fit_planted(*model, study, {0, 1});
  const TemporaryFolder folder;
  model->save(folder.path());
  auto file = read_model_file(folder.path(), "gru");
  file.parameters["hidden_size"] = std::int64_t{9};
  write_model_file(folder.path(), file);
  try {
    model->load(folder.path());
    ADD_FAILURE() << "loaded weights of another shape";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDataCorrupt);
    EXPECT_NE(std::string(error.what()).find("weight_ih_l0"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace orrery::networks_test
