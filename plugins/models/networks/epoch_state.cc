#include "plugins/models/networks/epoch_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numbers>
#include <string_view>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/fingerprint.h"
#include "plugins/models/networks/safetensors.h"

namespace orrery::plugins::models::networks {
namespace {

constexpr std::string_view kMagic = "orrery-checkpoint 1 ";
constexpr std::size_t kDigestSize = 32;

std::filesystem::path path_in(const std::filesystem::path& folder) { return folder / "checkpoint.orrery"; }

/// Doubles as their bits: what is read is what was written.
std::vector<std::uint64_t> bits_of(const std::vector<double>& values) {
  std::vector<std::uint64_t> bits;
  for (const double value : values) bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

std::vector<double> doubles_of(const nlohmann::json& bits) {
  std::vector<double> values;
  for (const auto& value : bits) values.push_back(std::bit_cast<double>(value.get<std::uint64_t>()));
  return values;
}

nlohmann::json to_json(const std::string& inputs, const EpochState& state) {
  return {{"inputs", inputs},
          {"epochs", state.epochs},
          {"best_epoch", state.best_epoch},
          {"epochs_since_fall", state.epochs_since_fall},
          {"steps", state.steps},
          {"numbers", bits_of({state.best_value, state.learning_rate})},
          {"train_loss", bits_of(state.train_loss)},
          {"valid_loss", bits_of(state.valid_loss)},
          {"train_ic", bits_of(state.train_ic)},
          {"valid_ic", bits_of(state.valid_ic)},
          {"tensors", {state.weights.size(), state.best_weights.size(), state.memory.size()}}};
}

/// The parts are told apart by their names in the one list of tensors.
std::vector<NamedTensor> joined(const EpochState& state) {
  std::vector<NamedTensor> all;
  const auto add = [&](const std::string& part, const std::vector<NamedTensor>& tensors) {
    for (NamedTensor tensor : tensors) {
      tensor.name = part + tensor.name;
      all.push_back(std::move(tensor));
    }
  };
  add("weights/", state.weights);
  add("best/", state.best_weights);
  add("memory/", state.memory);
  return all;
}

std::vector<NamedTensor> part_of(const std::vector<NamedTensor>& all, std::string_view part) {
  std::vector<NamedTensor> found;
  for (NamedTensor tensor : all) {
    if (!tensor.name.starts_with(part)) continue;
    tensor.name.erase(0, part.size());
    found.push_back(std::move(tensor));
  }
  return found;
}

EpochState from_parts(const nlohmann::json& json, const std::vector<NamedTensor>& tensors) {
  EpochState state;
  state.epochs = json.at("epochs").get<int>();
  state.best_epoch = json.at("best_epoch").get<int>();
  state.epochs_since_fall = json.at("epochs_since_fall").get<int>();
  state.steps = json.at("steps").get<std::int64_t>();
  const auto numbers = doubles_of(json.at("numbers"));
  state.best_value = numbers.at(0);
  state.learning_rate = numbers.at(1);
  state.train_loss = doubles_of(json.at("train_loss"));
  state.valid_loss = doubles_of(json.at("valid_loss"));
  state.train_ic = doubles_of(json.at("train_ic"));
  state.valid_ic = doubles_of(json.at("valid_ic"));
  state.weights = part_of(tensors, "weights/");
  state.best_weights = part_of(tensors, "best/");
  state.memory = part_of(tensors, "memory/");
  return state;
}

bool improves(const TrainingSettings& settings, const EpochState& state, double value) {
  if (state.best_epoch == 0) return true;
  return settings.watched == Watched::kIc ? value > state.best_value : value < state.best_value;
}

/// The plateau schedule's step size falls after so many epochs without an improvement.
void watch_plateau(const TrainingSettings& settings, bool improved, EpochState& state) {
  state.epochs_since_fall = improved ? 0 : state.epochs_since_fall + 1;
  if (settings.schedule != Schedule::kPlateau || state.epochs_since_fall < settings.schedule_epochs) return;
  state.learning_rate *= settings.schedule_factor;
  state.epochs_since_fall = 0;
}

}  // namespace

EpochState start_of_training(const TrainingSettings& settings) {
  EpochState state;
  state.learning_rate = settings.learning_rate;
  return state;
}

double learning_rate_of(const TrainingSettings& settings, const EpochState& state) {
  switch (settings.schedule) {
    case Schedule::kConstant:
      return settings.learning_rate;
    case Schedule::kCosine:
      return settings.learning_rate * 0.5 *
             (1.0 + std::cos(std::numbers::pi * state.epochs / settings.epochs));
    case Schedule::kStep:
      return settings.learning_rate *
             std::pow(settings.schedule_factor, state.epochs / settings.schedule_epochs);
    case Schedule::kPlateau:
      return state.learning_rate;
  }
  return settings.learning_rate;
}

void finish_epoch(const TrainingSettings& settings, bool has_valid, EpochState& state) {
  ++state.epochs;
  const auto& losses = has_valid ? state.valid_loss : state.train_loss;
  const auto& correlations = has_valid ? state.valid_ic : state.train_ic;
  const double value = settings.watched == Watched::kIc ? correlations.back() : losses.back();
  const bool improved = improves(settings, state, value);
  watch_plateau(settings, improved, state);
  if (improved) state.best_value = value;
  if (improved || !has_valid) {
    state.best_epoch = state.epochs;
    state.best_weights = state.weights;
  }
}

bool is_finished(const TrainingSettings& settings, bool has_valid, const EpochState& state) {
  if (state.epochs >= settings.epochs) return true;
  return has_valid && settings.early_stopping_epochs > 0 &&
         state.epochs - state.best_epoch >= settings.early_stopping_epochs;
}

void write_checkpoint(const std::filesystem::path& folder, const std::string& inputs,
                      const EpochState& state) {
  const std::string body = to_json(inputs, state).dump() + "\n" + to_safetensors(joined(state));
  write_file_atomically(path_in(folder), fmt::format("{}{}\n{}", kMagic, fingerprint_text(body), body));
}

std::optional<EpochState> read_checkpoint(const std::filesystem::path& folder, const std::string& inputs) {
  const auto path = path_in(folder);
  if (!std::filesystem::exists(path)) return std::nullopt;
  const std::string whole = read_file(path);
  const std::string_view text = whole;
  const std::size_t start = kMagic.size() + kDigestSize + 1;
  const auto damaged = [&](std::string_view reason) {
    return external_error(
        ErrorCode::kDataCorrupt,
        fmt::format("{}: the checkpoint can't be read ({}); remove it to train from the start", path.string(),
                    reason));
  };
  if (!text.starts_with(kMagic) || text.size() < start) throw damaged("it is none of Orrery's");
  const std::string body(text.substr(start));
  if (text.substr(kMagic.size(), kDigestSize) != fingerprint_text(body))
    throw damaged("it is damaged or cut short");
  try {
    const std::size_t end = body.find('\n');
    const auto json = nlohmann::json::parse(body.substr(0, end));
    if (json.at("inputs") != inputs) return std::nullopt;
    return from_parts(json, from_safetensors(std::string_view(body).substr(end + 1)));
  } catch (const nlohmann::json::exception& error) {
    throw damaged(error.what());
  }
}

}  // namespace orrery::plugins::models::networks
