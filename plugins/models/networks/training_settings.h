#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "orrery/base/parameters.h"
#include "orrery/ml/model.h"

namespace orrery::plugins::models::networks {

/// What a network's training makes small. The cross-sectional ones (from kIc on) are computed session by
/// session and averaged, and their batches are whole sessions.
enum class Loss { kMse, kMae, kHuber, kBinary, kIc, kListnet, kPairwise };
enum class Optimizer { kAdam, kAdamW, kSgd };
enum class Schedule { kConstant, kCosine, kStep, kPlateau };
enum class Watched { kLoss, kIc };
enum class Precision { kFloat, kBfloat16 };
enum class Device { kCpu, kCuda };

/// A setting that every network declares and training does not depend on: the points that its contributions
/// are integrated over.
inline constexpr const char* kExplanationSteps = "explanation_steps";
inline constexpr const char* kDropoutPasses = "dropout_passes";

/// How every network is trained, whatever its layers.
struct TrainingSettings {
  int epochs = 0;
  std::size_t batch_size = 0;
  double learning_rate = 0.0;
  Loss loss = Loss::kMse;
  double huber_delta = 1.0;
  Optimizer optimizer = Optimizer::kAdam;
  double momentum = 0.0;
  double weight_decay = 0.0;
  double clip_norm = 0.0;
  Schedule schedule = Schedule::kConstant;
  int schedule_epochs = 1;
  double schedule_factor = 1.0;
  int early_stopping_epochs = 0;
  Watched watched = Watched::kLoss;
  Precision precision = Precision::kFloat;
  Device device = Device::kCpu;
  int checkpoint_epochs = 1;
  std::string loss_name;  ///< as declared
  std::string summary;    ///< all settings that the trained network depends on, as text
};

/// Tells whether a loss compares the samples of a session with each other.
constexpr bool is_cross_sectional(Loss loss) { return loss >= Loss::kIc; }

/// What scores mean that were learned with a loss.
Task task_of(Loss loss);

/// The settings that every network declares beside its own.
std::vector<ParameterInfo> training_parameters();

/// Other names under which qlib and its like know those settings.
std::map<std::string, std::string, std::less<>> training_aliases();

/// Reads completed parameters.
TrainingSettings training_settings(const ParameterMap& parameters);

}  // namespace orrery::plugins::models::networks
