#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plugins/models/networks/tensor.h"
#include "plugins/models/networks/training_settings.h"

namespace orrery::plugins::models::networks {

/// What training knows after an epoch: enough to go on as if it had never stopped.
struct EpochState {
  int epochs = 0;      ///< done
  int best_epoch = 0;  ///< counted from 1; 0: none
  double best_value = 0.0;
  int epochs_since_fall = 0;   ///< of the plateau schedule: since the last improvement or fall
  double learning_rate = 0.0;  ///< of the plateau schedule
  std::int64_t steps = 0;      ///< of the optimizer
  std::vector<double> train_loss, valid_loss, train_ic, valid_ic;
  std::vector<NamedTensor> weights, best_weights, memory;
};

/// The first epoch's state, before it.
EpochState start_of_training(const TrainingSettings& settings);

/// Returns the step size of the next epoch.
double learning_rate_of(const TrainingSettings& settings, const EpochState& state);

/// Takes in an epoch's metrics, which stand last in the state: whether it is the best one, and whether the
/// plateau schedule falls. The state's weights are already the epoch's. Without validation the last epoch is
/// taken for the best.
void finish_epoch(const TrainingSettings& settings, bool has_valid, EpochState& state);

/// Tells whether all epochs are done, or enough of them without an improvement.
bool is_finished(const TrainingSettings& settings, bool has_valid, const EpochState& state);

/// Writes `folder/checkpoint.orrery` whole or not at all. `inputs`: a fingerprint of all that training
/// depends on. Errors: kIo.
void write_checkpoint(const std::filesystem::path& folder, const std::string& inputs,
                      const EpochState& state);

/// Reads a checkpoint of the same inputs; none when there is no file, or it is of other inputs. Errors:
/// kDataCorrupt when it is damaged, naming the file.
std::optional<EpochState> read_checkpoint(const std::filesystem::path& folder, const std::string& inputs);

}  // namespace orrery::plugins::models::networks
