#pragma once

#include <LightGBM/c_api.h>

#include <memory>
#include <string>
#include <string_view>

namespace orrery::plugins::models::lightgbm {

/// Throws when a call into LightGBM failed: kExternal origin, with the library's own words.
void check(int status, std::string_view call);

struct FreeDataset {
  void operator()(void* handle) const { LGBM_DatasetFree(handle); }
};
struct FreeBooster {
  void operator()(void* handle) const { LGBM_BoosterFree(handle); }
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
