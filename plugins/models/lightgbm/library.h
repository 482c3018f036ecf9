#pragma once

#include <LightGBM/c_api.h>

#include <memory>
#include <string>
#include <string_view>

/// The part of LightGBM's C interface that Orrery calls.
namespace orrery::plugins::models::lightgbm {

/// The functions, by what they do here; they return 0 or -1 but for the first.
struct Library {
  decltype(&LGBM_GetLastError) last_error;
  decltype(&LGBM_BoosterAddValidData) add_validation;
  decltype(&LGBM_BoosterCreate) create_booster;
  decltype(&LGBM_BoosterFeatureImportance) feature_importance;
  decltype(&LGBM_BoosterFree) free_booster;
  decltype(&LGBM_BoosterGetCurrentIteration) current_round;
  decltype(&LGBM_BoosterGetEval) evaluate;
  decltype(&LGBM_BoosterGetPredict) predict_own_rows;
  decltype(&LGBM_BoosterGetEvalCounts) count_metrics;
  decltype(&LGBM_BoosterGetEvalNames) metric_names;
  decltype(&LGBM_BoosterLoadModelFromString) load;
  decltype(&LGBM_BoosterPredictForMat) predict;
  decltype(&LGBM_BoosterSaveModelToString) save;
  decltype(&LGBM_BoosterUpdateOneIter) update;
  decltype(&LGBM_DatasetCreateByReference) create_table_like;
  decltype(&LGBM_DatasetCreateFromMat) create_table;
  decltype(&LGBM_DatasetCreateFromSampledColumn) create_table_from_sample;
  decltype(&LGBM_DatasetFree) free_table;
  decltype(&LGBM_DatasetPushRows) push_rows;
  decltype(&LGBM_DatasetSetField) set_field;
  decltype(&LGBM_GetSampleCount) count_sample;
  decltype(&LGBM_SampleIndices) sample_rows;
};

/// Returns the library, loaded on the first call. Thread-safe. Errors: kUnavailable, naming the command that
/// installs it.
const Library& library();

/// Throws when a call into LightGBM failed: kExternal origin, with the library's own words.
void check(int status, std::string_view call);

struct FreeDataset {
  void operator()(void* handle) const { library().free_table(handle); }
};
struct FreeBooster {
  void operator()(void* handle) const { library().free_booster(handle); }
};

/// LightGBM's own binned table.
using BinnedTable = std::unique_ptr<void, FreeDataset>;
/// A model of LightGBM's.
using Booster = std::unique_ptr<void, FreeBooster>;

/// Reads a booster from LightGBM's text form. Errors: kUnavailable with the library's words.
Booster booster_from_text(const std::string& text);

/// Writes the first `rounds` rounds (0: all) in LightGBM's text form.
std::string booster_to_text(const Booster& booster, int rounds);

}  // namespace orrery::plugins::models::lightgbm
