#include "plugins/models/networks/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/base/fingerprint.h"
#include "orrery/base/random.h"
#include "orrery/base/stopwatch.h"
#include "orrery/ml/model_checks.h"
#include "orrery/ml/session_correlation.h"
#include "plugins/models/networks/batch.h"
#include "plugins/models/networks/epoch_state.h"
#include "plugins/models/networks/layer_shapes.h"
#include "plugins/models/networks/scoring.h"
#include "plugins/models/networks/torch_network.h"

namespace orrery::plugins::models::networks {
namespace {

/// What is missing stands at the mean of standardised features.
constexpr float kMissing = 0.0F;
/// Samples that importance is computed from at most, evenly spread over the training samples.
constexpr std::size_t kImportanceSamples = 2048;
/// Streams of the seed.
constexpr std::uint64_t kOrderStream = 1;
constexpr std::uint64_t kDropoutStream = 2;

/// 0 where no session has a correlation.
double ic_of(std::span<const float> scores, const Dataset& data) {
  const double ic = mean_correlation(scores, data.labels(), data.groups());
  return std::isnan(ic) ? 0.0 : ic;
}

/// A data set with its windows.
struct Segment {
  const Dataset& data;
  FeatureWindows windows;
  Targets targets;  ///< of all samples, with sessions where the loss asks for them
};

std::vector<std::uint32_t> all_samples(const Dataset& data) {
  std::vector<std::uint32_t> samples(data.size());
  std::iota(samples.begin(), samples.end(), 0U);
  return samples;
}

/// `purpose`: "train" or "validate".
Segment make_segment(const NetworkPlan& plan, const TrainingSettings& settings, const Dataset& data,
                     std::string_view purpose, int threads) {
  require_trainable(data, purpose);
  if (settings.loss == Loss::kBinary) require_binary(data.labels());
  Segment segment{data,
                  {data, static_cast<std::size_t>(plan.window), kMissing, threads},
                  targets_of(data, all_samples(data))};
  if (is_cross_sectional(settings.loss)) segment.targets.sessions = data.groups();
  return segment;
}

std::uint64_t drawn(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  return Random(seed).fork(stream).fork(index).next();
}

/// The training of one network.
class Training {
 public:
  Training(const NetworkPlan& plan, const TrainingSettings& settings, Segment train,
           std::optional<Segment> valid, const FitContext& context)
      : settings_(settings),
        train_(std::move(train)),
        valid_(std::move(valid)),
        context_(context),
        network_(open_network(plan, settings, initial_weights(plan, context.seed))),
        state_(start_of_training(settings)),
        inputs_(context.checkpoints.empty() ? std::string() : fingerprint_inputs(plan)) {}

  TrainedNetwork run();

 private:
  std::string fingerprint_inputs(const NetworkPlan& plan) const;
  void take_up();
  void keep_checkpoint() const;
  void learn_epoch();
  void measure(std::span<const float> train_scores, double train_loss);
  FitReport report();
  std::vector<FeatureImportance> importance();

  TrainingSettings settings_;
  Segment train_;
  std::optional<Segment> valid_;
  const FitContext& context_;
  std::unique_ptr<TorchNetwork> network_;
  EpochState state_;
  std::string inputs_;
  double seconds_ = 0.0;
};

/// Digests everything that the network depends on.
std::string Training::fingerprint_inputs(const NetworkPlan& plan) const {
  Fingerprint fingerprint;
  for (const NamedTensor& tensor : initial_weights(plan, context_.seed)) {
    fingerprint.update(tensor.name);
    fingerprint.update(tensor.values.data(), tensor.values.size() * sizeof(float));
  }
  fingerprint.update(settings_.summary);
  for (const Segment* segment : {&train_, valid_ ? &*valid_ : nullptr}) {
    if (segment == nullptr) continue;
    const auto& targets = segment->targets;
    fingerprint.update(segment->data.samples().data(), segment->data.size() * sizeof(Sample));
    fingerprint.update(targets.labels.data(), targets.labels.size() * sizeof(float));
    fingerprint.update(targets.weights.data(), targets.weights.size() * sizeof(float));
    fingerprint.update(segment->windows.cells().data(), segment->windows.cells().size() * sizeof(float));
  }
  return fingerprint.hex();
}

void Training::take_up() {
  if (inputs_.empty()) return;
  auto found = read_checkpoint(context_.checkpoints, inputs_);
  if (!found) return;
  state_ = std::move(*found);
  network_->set_weights(state_.weights);
  network_->set_memory(state_.memory, state_.steps);
}

void Training::keep_checkpoint() const {
  if (inputs_.empty()) return;
  const bool is_due = state_.epochs % settings_.checkpoint_epochs == 0;
  if (is_due || is_finished(settings_, valid_.has_value(), state_)) {
    write_checkpoint(context_.checkpoints, inputs_, state_);
  }
}

void Training::learn_epoch() {
  const BatchPlan plan = epoch_batches(settings_, train_.data, context_.seed, state_.epochs);
  const auto epoch = static_cast<std::uint64_t>(state_.epochs);
  StepPlan step{learning_rate_of(settings_, state_), 0, context_.threads};
  std::vector<float> scores(train_.data.size());
  std::vector<float> batch_scores;
  double loss_sum = 0.0;
  BatchLoader loader(train_.data, train_.windows, plan);
  for (std::uint64_t index = 0; loader.has_next(); ++index) {
    const Batch batch = loader.next();
    step.seed = drawn(context_.seed, kDropoutStream, (epoch << 32U) + index);
    batch_scores.resize(batch.samples.size());
    const double loss = network_->step(batch, step, batch_scores);
    if (!std::isfinite(loss)) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("the loss is no longer a number in epoch {}; try a learning_rate below {}",
                                   state_.epochs + 1, settings_.learning_rate));
    }
    loss_sum += loss * static_cast<double>(batch.samples.size());
    for (std::size_t i = 0; i < batch_scores.size(); ++i) scores[batch.samples[i]] = batch_scores[i];
  }
  measure(scores, loss_sum / static_cast<double>(scores.size()));
}

void Training::measure(std::span<const float> train_scores, double train_loss) {
  state_.train_loss.push_back(train_loss);
  state_.train_ic.push_back(ic_of(train_scores, train_.data));
  if (!valid_) return;
  const auto scores = score_all(*network_, valid_->windows, valid_->data.groups(), context_.threads);
  state_.valid_loss.push_back(network_->loss(scores, valid_->targets));
  state_.valid_ic.push_back(ic_of(scores, valid_->data));
}

TrainedNetwork Training::run() {
  take_up();
  context_.progress.begin("training epochs", static_cast<std::size_t>(settings_.epochs));
  context_.progress.advance(static_cast<std::size_t>(state_.epochs));
  while (!is_finished(settings_, valid_.has_value(), state_)) {
    const ScopedSeconds timer(seconds_);
    learn_epoch();
    state_.weights = network_->weights();
    state_.memory = network_->memory();
    state_.steps = network_->steps();
    finish_epoch(settings_, valid_.has_value(), state_);
    keep_checkpoint();
    context_.progress.advance();
  }
  context_.progress.end();
  network_->set_weights(state_.best_weights);
  FitReport fit = report();
  return {std::move(state_.best_weights), std::move(fit)};
}

FitReport Training::report() {
  FitReport fit;
  fit.rounds = state_.epochs;
  fit.best_round = state_.best_epoch;
  fit.metrics = {{settings_.loss_name, false, state_.train_loss, state_.valid_loss},
                 {"mean IC", true, state_.train_ic, state_.valid_ic}};
  if (settings_.watched == Watched::kIc) std::swap(fit.metrics[0], fit.metrics[1]);
  fit.importance = importance();
  fit.library_seconds.boosting = seconds_;
  return fit;
}

/// The mean size of gradient × input over some training samples.
std::vector<FeatureImportance> Training::importance() {
  const std::size_t stride = (train_.data.size() + kImportanceSamples - 1) / kImportanceSamples;
  std::vector<std::uint32_t> samples;
  for (std::size_t i = 0; i < train_.data.size(); i += stride)
    samples.push_back(static_cast<std::uint32_t>(i));
  std::vector<double> sums(train_.data.feature_count());
  for (std::size_t begin = 0; begin < samples.size(); begin += kBlockSamples) {
    const auto block = std::span(samples).subspan(begin, std::min(kBlockSamples, samples.size() - begin));
    std::vector<float> inputs(block.size() * train_.windows.values_per_sample());
    train_.windows.read(block, inputs.data());
    network_->add_attributions(inputs, sums);
  }
  std::vector<FeatureImportance> result;
  for (std::size_t f = 0; f < sums.size(); ++f) {
    result.push_back({train_.data.feature_names()[f], sums[f] / static_cast<double>(samples.size()), 0.0});
  }
  return result;
}

}  // namespace

TrainedNetwork train_network(const NetworkPlan& plan, const TrainingSettings& settings, const Dataset& train,
                             const Dataset* valid, const FitContext& context) {
  std::optional<Segment> valid_segment;
  if (valid != nullptr)
    valid_segment.emplace(make_segment(plan, settings, *valid, "validate", context.threads));
  Training training(plan, settings, make_segment(plan, settings, train, "train", context.threads),
                    std::move(valid_segment), context);
  return training.run();
}

BatchPlan epoch_batches(const TrainingSettings& settings, const Dataset& data, std::uint64_t seed,
                        int epoch) {
  const auto drawn_seed = drawn(seed, kOrderStream, static_cast<std::uint64_t>(epoch));
  if (is_cross_sectional(settings.loss)) return plan_sessions(data.groups(), settings.batch_size, drawn_seed);
  return plan_samples(data.size(), settings.batch_size, drawn_seed);
}

std::vector<float> score_dataset(const NetworkPlan& plan, const std::vector<NamedTensor>& weights,
                                 const Dataset& data, ServingPrecision precision, int threads) {
  const auto network = open_network(plan, {}, weights);
  network->serve_in(precision);
  const FeatureWindows windows(data, static_cast<std::size_t>(plan.window), kMissing, threads);
  return score_all(*network, windows, data.groups(), threads);
}

void deviate_dataset(const NetworkPlan& plan, const std::vector<NamedTensor>& weights, const Dataset& data,
                     int passes, bool are_log_odds, int threads, std::span<double> out) {
  const auto network = open_network(plan, {}, weights);
  const FeatureWindows windows(data, static_cast<std::size_t>(plan.window), kMissing, threads);
  deviate_all(*network, windows, data.groups(), passes, are_log_odds, threads, out);
}

void explain_dataset(const NetworkPlan& plan, const std::vector<NamedTensor>& weights, const Dataset& data,
                     int steps, int threads, std::span<double> out) {
  const auto network = open_network(plan, {}, weights);
  const FeatureWindows windows(data, static_cast<std::size_t>(plan.window), kMissing, threads);
  explain_all(*network, windows, data.groups(), gauss_legendre(steps), threads, out);
}

}  // namespace orrery::plugins::models::networks
