#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "orrery/ml/dataset.h"
#include "orrery/ml/model.h"
#include "plugins/models/networks/batch.h"
#include "plugins/models/networks/layers.h"
#include "plugins/models/networks/tensor.h"
#include "plugins/models/networks/training_settings.h"

namespace orrery::plugins::models::networks {

/// What training made of a network.
struct TrainedNetwork {
  std::vector<NamedTensor> weights;  ///< of the best epoch
  FitReport report;
};

/// Trains a network, epoch by epoch: the one loop of all networks.
///
/// Batches are drawn from the seed alone; sums are added in an order that threads do not change. Each epoch's
/// validation decides when to stop and which epoch's weights are kept; without `valid` the last ones are.
/// Where the context has a folder for checkpoints, what training knows is written there after every so many
/// epochs, and a checkpoint of the same data, settings and seed is gone on from: on the processor the network
/// is then the same to the bit as one that was never stopped. A checkpoint of other inputs is ignored.
/// Errors: kInvalidArgument when labels do not suit the loss, or the loss is no longer a number; kUnavailable
/// without libtorch.
TrainedNetwork train_network(const NetworkPlan& plan, const TrainingSettings& settings, const Dataset& train,
                             const Dataset* valid, const FitContext& context);

/// Returns which samples make up the batches of an epoch, counted from 0.
BatchPlan epoch_batches(const TrainingSettings& settings, const Dataset& data, std::uint64_t seed, int epoch);

/// Returns the raw scores of a data set's samples, as score_all gives them. Always on the processor.
std::vector<float> score_dataset(const NetworkPlan& plan, const std::vector<NamedTensor>& weights,
                                 const Dataset& data, ServingPrecision precision, int threads);

/// Writes the deviations of a data set's samples, as deviate_all gives them. Always on the processor.
void deviate_dataset(const NetworkPlan& plan, const std::vector<NamedTensor>& weights, const Dataset& data,
                     int passes, bool are_log_odds, int threads, std::span<double> out);

/// Writes the contributions of a data set's samples, as explain_all gives them, by `steps` points of the way
/// from zero inputs. Always on the processor.
void explain_dataset(const NetworkPlan& plan, const std::vector<NamedTensor>& weights, const Dataset& data,
                     int steps, int threads, std::span<double> out);

}  // namespace orrery::plugins::models::networks
