#include "orrery/ml/searched_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/named_progress.h"
#include "orrery/ml/model_checks.h"
#include "orrery/ml/tuning/pruner.h"
#include "orrery/ml/tuning/samplers/samplers.h"

namespace orrery {
namespace {

constexpr const char* kChosenFile = "chosen.json";
constexpr std::int64_t kDefaultAutoTrials = 30;

ParameterInfo choice_of(const char* name, const char* summary, const std::vector<std::string>& choices) {
  return {name, choices.front(), summary, std::nullopt, std::nullopt, choices};
}

ModelInfo auto_info(const std::vector<SearchFamily>& families) {
  ModelInfo info;
  info.name = kAuto;
  info.summary = "The best of several families with searched settings, chosen anew in every fit";
  info.parameters = {{"trials", kDefaultAutoTrials, "trials of a fit, over all families", 1.0, 1e6},
                     {"minutes", 0.0,
                      "minutes of a fit's search; 0: no limit. The result then depends on the "
                      "machine",
                      0.0, std::nullopt},
                     {"folds", std::int64_t{4}, "inner folds that a trial is judged on", 1.0, 100.0},
                     choice_of("objective", "what a trial is judged by", score_objectives()),
                     choice_of("sampler", "what chooses settings", sampler_names()),
                     choice_of("pruner", "what gives trials up after an inner fold", pruner_names())};
  info.source = "nested validation; families by successive halving (Jamieson and Talwalkar, 2016)";
  info.accepts_missing = std::all_of(families.begin(), families.end(),
                                     [](const auto& family) { return family.entry.info.accepts_missing; });
  info.keeps_checkpoints = true;
  return info;
}

SettingsSearch search_of(const ParameterMap& given, const ModelInfo& info) {
  const ParameterMap all = complete_parameters(given, info.parameters);
  SettingsSearch search;
  search.minutes = get_double(all, "minutes");
  search.trials = static_cast<int>(get_integer(all, "trials"));
  if (search.minutes > 0.0 && !given.contains("trials")) search.trials = std::numeric_limits<int>::max();
  search.folds = static_cast<int>(get_integer(all, "folds"));
  search.objective = get_string(all, "objective");
  search.sampler = get_string(all, "sampler");
  search.pruner = get_string(all, "pruner");
  return search;
}

class SearchedModel final : public Model {
 public:
  SearchedModel(std::vector<SearchFamily> families, SettingsSearch search)
      : families_(std::move(families)),
        search_(std::move(search)),
        model_(make_model(families_.front().entry, families_.front().parameters)) {}

  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& context) override {
    require_trainable(train, "train");
    LibrarySeconds seconds;
    SearchReport found = search_settings(families_, search_, train, valid, context, seconds);
    const SearchTrial& best = found.trials[found.chosen];
    const SearchFamily& family = family_of(best.model);
    ParameterMap parameters = family.parameters;
    for (const auto& [name, value] : best.settings) parameters[name] = value;
    auto model = make_model(family.entry, parameters);
    NamedProgress named(fmt::format("chosen {}", best.model), context.progress);
    FitReport report = model->fit(train, valid, context_of(context, named));
    report.library_seconds += seconds;
    report.search = std::move(found);
    model_ = std::move(model);
    chosen_ = &family;
    return report;
  }

  bool serve_in(ServingPrecision precision) override { return model_->serve_in(precision); }
  PredictReport predict(const Dataset& data, std::span<double> out, int threads) const override {
    return model_->predict(data, out, threads);
  }
  std::optional<ExplanationMethod> explanation() const override { return model_->explanation(); }
  PredictReport contributions(const Dataset& data, std::span<double> out, int threads) const override {
    return model_->contributions(data, out, threads);
  }

  std::optional<DeviationMethod> deviation_method() const override { return model_->deviation_method(); }
  PredictReport deviations(const Dataset& data, std::span<double> out, int threads) const override {
    return model_->deviations(data, out, threads);
  }

  void save(const std::filesystem::path& folder) const override {
    require_savable(kAuto, chosen_ != nullptr);
    model_->save(folder);
    write_file_atomically(folder / kChosenFile,
                          nlohmann::json{{"model", chosen_->entry.info.name}}.dump() + "\n");
  }

  void load(const std::filesystem::path& folder) override {
    const auto file = folder / kChosenFile;
    const auto json = nlohmann::json::parse(read_file(file), nullptr, false);
    const auto name = json.is_object() ? json.value("model", "") : std::string();
    const auto found = std::find_if(families_.begin(), families_.end(),
                                    [&](const auto& family) { return family.entry.info.name == name; });
    if (found == families_.end())
      throw external_error(ErrorCode::kDataCorrupt,
                           fmt::format("{}: it names none of the families that were chosen from, found '{}'",
                                       file.string(), name));
    auto model = make_model(found->entry, found->parameters);
    model->load(folder);
    model_ = std::move(model);
    chosen_ = &*found;
  }

  ModelDescription describe() const override { return model_->describe(); }

 private:
  const SearchFamily& family_of(const std::string& name) const {
    return *std::find_if(families_.begin(), families_.end(),
                         [&](const auto& family) { return family.entry.info.name == name; });
  }

  /// The chosen model's checkpoints stand apart from the search's.
  static FitContext context_of(const FitContext& context, Progress& progress) {
    FitContext own{context.seed, context.threads, progress, {}, context.purge_rows};
    if (!context.checkpoints.empty()) {
      own.checkpoints = context.checkpoints / "chosen";
      std::filesystem::create_directories(own.checkpoints);
    }
    return own;
  }

  std::vector<SearchFamily> families_;
  SettingsSearch search_;
  std::unique_ptr<Model> model_;
  const SearchFamily* chosen_ = nullptr;  ///< of families_; null: not fitted
};

}  // namespace

ModelEntry tuned_entry(ModelEntry model, SearchSpace space, const SettingsSearch& search) {
  ModelEntry entry;
  entry.info = model.info;
  entry.info.keeps_checkpoints = true;
  entry.factory = [model = std::move(model), space = std::move(space),
                   search](const ParameterMap& parameters) -> std::unique_ptr<Model> {
    return std::make_unique<SearchedModel>(std::vector<SearchFamily>{{model, parameters, space}}, search);
  };
  return entry;
}

ModelEntry auto_entry(std::vector<SearchFamily> families) {
  if (families.empty()) throw internal_error("a choice among families needs one");
  ModelEntry entry;
  entry.info = auto_info(families);
  entry.factory = [families = std::move(families),
                   info = entry.info](const ParameterMap& parameters) -> std::unique_ptr<Model> {
    return std::make_unique<SearchedModel>(families, search_of(parameters, info));
  };
  return entry;
}

}  // namespace orrery
