#include "plugins/models/networks/training_settings.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "orrery/base/error.h"

namespace orrery::plugins::models::networks {
namespace {

constexpr std::array<std::string_view, 7> kLosses{"mse", "mae",     "huber",   "binary",
                                                  "ic",  "listnet", "pairwise"};
constexpr std::array<std::string_view, 3> kOptimizers{"adam", "adamw", "sgd"};
constexpr std::array<std::string_view, 4> kSchedules{"constant", "cosine", "step", "plateau"};
constexpr std::array<std::string_view, 2> kWatched{"loss", "ic"};
constexpr std::array<std::string_view, 2> kPrecisions{"float32", "bfloat16"};
constexpr std::array<std::string_view, 2> kDevices{"cpu", "cuda"};

/// A setting that is one of some names, the first by default; its enum has the names' order.
template <class Names>
ParameterInfo choice(std::string name, const Names& names, std::string summary) {
  ParameterInfo info{std::move(name), std::string(names.front()), std::move(summary)};
  info.choices.assign(names.begin(), names.end());
  return info;
}

template <class Enum, class Names>
Enum chosen(const ParameterMap& parameters, std::string_view name, const Names& names) {
  const auto found = std::find(names.begin(), names.end(), get_string(parameters, name));
  if (found == names.end()) throw internal_error("a network's setting has a value that is not declared");
  return static_cast<Enum>(found - names.begin());
}

int small(const ParameterMap& parameters, std::string_view name) {
  return static_cast<int>(get_integer(parameters, name));
}

ParameterInfo whole(std::string name, std::int64_t value, std::string summary, double least) {
  return {std::move(name), value, std::move(summary), least, 1e9};
}

}  // namespace

Task task_of(Loss loss) {
  if (loss == Loss::kBinary) return Task::kBinary;
  return is_cross_sectional(loss) ? Task::kRanking : Task::kRegression;
}

std::vector<ParameterInfo> training_parameters() {
  return {
      whole("epochs", 100, "passes over the training samples at most", 1),
      whole("batch_size", 2048,
            "samples a step; ic, listnet and pairwise take whole sessions up to that many, or one", 1),
      {"learning_rate", 0.001, "the optimizer's step size at the start", 0.0, 100.0},
      choice("loss", kLosses,
             "what is made small: mse, mae, huber, binary (labels 0 and 1), or session by session ic (the "
             "negative "
             "correlation), listnet, pairwise (logistic)"),
      {"huber_delta", 1.0, "error from which huber grows linearly", 1e-9, std::nullopt},
      choice("optimizer", kOptimizers, "as PyTorch's of the same name"),
      {"momentum", 0.9, "of sgd", 0.0, 1.0},
      {"weight_decay", 0.0, "penalty on the weights: in the gradient (adam, sgd) or apart from it (adamw)",
       0.0, 1e3},
      {"clip_norm", 1.0, "gradients are scaled down to this length; 0: never", 0.0, std::nullopt},
      choice("schedule", kSchedules,
             "how the step size falls: not, as a half cosine to 0, by schedule_factor every schedule_epochs, "
             "or after "
             "schedule_epochs without improvement"),
      whole("schedule_epochs", 10, "epochs between falls of the step size (step, plateau)", 1),
      {"schedule_factor", 0.5, "what a fall multiplies the step size by (step, plateau)", 0.0, 1.0},
      whole("early_stopping_epochs", 10,
            "epochs without improvement on the validation samples until stopping; 0: never", 0),
      choice("stop_on", kWatched, "what has to improve: the loss, or the mean correlation within sessions"),
      choice("precision", kPrecisions, "of products while training; float32 predicts always"),
      choice("device", kDevices, "where to train; prediction is on the processor"),
      whole("checkpoint_epochs", 1, "epochs between checkpoints, where a folder for them is given", 1)};
}

std::map<std::string, std::string, std::less<>> training_aliases() {
  return {{"n_epochs", "epochs"},        {"max_epochs", "epochs"},
          {"lr", "learning_rate"},       {"early_stop", "early_stopping_epochs"},
          {"objective", "loss"},         {"early_stopping_rounds", "early_stopping_epochs"},
          {"max_grad_norm", "clip_norm"}};
}

TrainingSettings training_settings(const ParameterMap& parameters) {
  TrainingSettings settings;
  settings.epochs = small(parameters, "epochs");
  settings.batch_size = static_cast<std::size_t>(get_integer(parameters, "batch_size"));
  settings.learning_rate = get_double(parameters, "learning_rate");
  settings.loss = chosen<Loss>(parameters, "loss", kLosses);
  settings.huber_delta = get_double(parameters, "huber_delta");
  settings.optimizer = chosen<Optimizer>(parameters, "optimizer", kOptimizers);
  settings.momentum = get_double(parameters, "momentum");
  settings.weight_decay = get_double(parameters, "weight_decay");
  settings.clip_norm = get_double(parameters, "clip_norm");
  settings.schedule = chosen<Schedule>(parameters, "schedule", kSchedules);
  settings.schedule_epochs = small(parameters, "schedule_epochs");
  settings.schedule_factor = get_double(parameters, "schedule_factor");
  settings.early_stopping_epochs = small(parameters, "early_stopping_epochs");
  settings.watched = chosen<Watched>(parameters, "stop_on", kWatched);
  settings.precision = chosen<Precision>(parameters, "precision", kPrecisions);
  settings.device = chosen<Device>(parameters, "device", kDevices);
  settings.checkpoint_epochs = small(parameters, "checkpoint_epochs");
  settings.loss_name = get_string(parameters, "loss");
  for (const auto& [name, value] : parameters) {
    if (name != "checkpoint_epochs" && name != kExplanationSteps && name != kDropoutPasses)
      settings.summary += name + "=" + to_string(value) + "\n";
  }
  return settings;
}

}  // namespace orrery::plugins::models::networks
