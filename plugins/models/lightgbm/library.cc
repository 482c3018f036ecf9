#include "plugins/models/lightgbm/library.h"

#include <fmt/format.h>

#include <cstdint>

#include "orrery/base/error.h"
#include "orrery/base/shared_library.h"

namespace orrery::plugins::models::lightgbm {
namespace {

constexpr const char* kFileName = ORRERY_LIGHTGBM_FILE;

Library find_functions(const SharedLibrary& shared) {
  Library found{};
  const auto find = [&shared]<class Function>(Function*& function, const char* name) {
    function = shared.function<Function>(name);
  };
  find(found.add_validation, "LGBM_BoosterAddValidData");
  find(found.create_booster, "LGBM_BoosterCreate");
  find(found.feature_importance, "LGBM_BoosterFeatureImportance");
  find(found.free_booster, "LGBM_BoosterFree");
  find(found.current_round, "LGBM_BoosterGetCurrentIteration");
  find(found.evaluate, "LGBM_BoosterGetEval");
  find(found.predict_own_rows, "LGBM_BoosterGetPredict");
  find(found.count_metrics, "LGBM_BoosterGetEvalCounts");
  find(found.metric_names, "LGBM_BoosterGetEvalNames");
  find(found.load, "LGBM_BoosterLoadModelFromString");
  find(found.predict, "LGBM_BoosterPredictForMat");
  find(found.save, "LGBM_BoosterSaveModelToString");
  find(found.update, "LGBM_BoosterUpdateOneIter");
  find(found.create_table_like, "LGBM_DatasetCreateByReference");
  find(found.create_table, "LGBM_DatasetCreateFromMat");
  find(found.create_table_from_sample, "LGBM_DatasetCreateFromSampledColumn");
  find(found.free_table, "LGBM_DatasetFree");
  find(found.push_rows, "LGBM_DatasetPushRows");
  find(found.set_field, "LGBM_DatasetSetField");
  find(found.last_error, "LGBM_GetLastError");
  find(found.count_sample, "LGBM_GetSampleCount");
  find(found.sample_rows, "LGBM_SampleIndices");
  return found;
}

SharedLibrary load() {
  try {
    return SharedLibrary(kFileName);
  } catch (const Error& error) {
    throw external_error(
        ErrorCode::kUnavailable,
        fmt::format("LightGBM's library is not there; tools/setup.sh installs it ({})", error.what()));
  }
}

/// The text ends with the parameters of training, the number of threads among them, on which nothing depends:
/// the same model must give the same bytes.
void forget_threads(std::string& text) {
  constexpr std::string_view kKey = "\n[num_threads: ";
  const auto found = text.find(kKey);
  if (found == std::string::npos) return;
  const auto begin = found + kKey.size();
  text.replace(begin, text.find(']', begin) - begin, 1, '0');
}

}  // namespace

const Library& library() {
  static const Library loaded = find_functions(load());
  return loaded;
}

void check(int status, std::string_view call) {
  if (status == 0) return;
  throw external_error(ErrorCode::kUnavailable,
                       fmt::format("LightGBM refused {}: {}", call, library().last_error()));
}

Booster booster_from_text(const std::string& text) {
  int rounds = 0;
  BoosterHandle handle = nullptr;
  check(library().load(text.c_str(), &rounds, &handle), "to read a model");
  return Booster(handle);
}

std::string booster_to_text(const Booster& booster, int rounds) {
  std::int64_t size = 0;
  check(library().save(booster.get(), 0, rounds, C_API_FEATURE_IMPORTANCE_SPLIT, 0, &size, nullptr),
        "to measure a model");
  std::string text(static_cast<std::size_t>(size), '\0');
  check(library().save(booster.get(), 0, rounds, C_API_FEATURE_IMPORTANCE_SPLIT, size, &size, text.data()),
        "to write a model");
  text.resize(static_cast<std::size_t>(size) - 1);  // the size counts the closing zero byte
  forget_threads(text);
  return text;
}

}  // namespace orrery::plugins::models::lightgbm
