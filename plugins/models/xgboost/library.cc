#include "plugins/models/xgboost/library.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>

#include "orrery/base/error.h"
#include "orrery/base/shared_library.h"

namespace orrery::plugins::models::xgboost {
namespace {

constexpr const char* kFileName = ORRERY_XGBOOST_FILE;

Library find_functions(const SharedLibrary& shared) {
  Library found{};
  const auto find = [&shared]<class Function>(Function*& function, const char* name) {
    function = shared.function<Function>(name);
  };
  find(found.last_error, "XGBGetLastError");
  find(found.set_global_config, "XGBSetGlobalConfig");
  find(found.create_proxy, "XGProxyDMatrixCreate");
  find(found.set_proxy_rows, "XGProxyDMatrixSetDataDense");
  find(found.set_info, "XGDMatrixSetInfoFromInterface");
  find(found.set_text_info, "XGDMatrixSetStrFeatureInfo");
  find(found.create_table, "XGQuantileDMatrixCreateFromCallback");
  find(found.free_table, "XGDMatrixFree");
  find(found.create_booster, "XGBoosterCreate");
  find(found.free_booster, "XGBoosterFree");
  find(found.set_parameter, "XGBoosterSetParam");
  find(found.update, "XGBoosterUpdateOneIter");
  find(found.evaluate, "XGBoosterEvalOneIter");
  find(found.predict, "XGBoosterPredictFromDense");
  find(found.create_dense, "XGDMatrixCreateFromDense");
  find(found.predict_table, "XGBoosterPredictFromDMatrix");
  find(found.save, "XGBoosterSaveModelToBuffer");
  find(found.load, "XGBoosterLoadModelFromBuffer");
  find(found.slice, "XGBoosterSlice");
  find(found.feature_score, "XGBoosterFeatureScore");
  return found;
}

Library load() {
  try {
    static const SharedLibrary shared{kFileName};
    auto found = find_functions(shared);
    found.set_global_config(R"({"verbosity": 0})");
    return found;
  } catch (const Error& error) {
    throw external_error(
        ErrorCode::kUnavailable,
        fmt::format("XGBoost's library is not there; tools/setup.sh installs it ({})", error.what()));
  }
}

}  // namespace

const Library& library() {
  static const Library loaded = load();
  return loaded;
}

void check(int status, std::string_view call) {
  if (status == 0) return;
  throw external_error(ErrorCode::kUnavailable,
                       fmt::format("XGBoost refused {}: {}", call, library().last_error()));
}

std::string array_interface(const void* values, const std::vector<std::size_t>& shape,
                            std::string_view type) {
  return fmt::format(R"({{"data": [{}, true], "shape": [{}], "typestr": "{}", "version": 3}})",
                     std::bit_cast<std::uintptr_t>(values), fmt::join(shape, ", "), type);
}

Booster booster_from_bytes(std::string_view bytes) {
  Handle handle = nullptr;
  check(library().create_booster(nullptr, 0, &handle), "to make a booster");
  Booster booster(handle);
  check(library().load(booster.get(), bytes.data(), bytes.size()), "to read a booster");
  return booster;
}

std::string booster_to_bytes(const Booster& booster, int rounds) {
  Handle handle = nullptr;
  check(library().slice(booster.get(), 0, rounds, 1, &handle), "to take the first rounds");
  const Booster first(handle);
  std::uint64_t size = 0;
  const char* bytes = nullptr;
  check(library().save(first.get(), R"({"format": "ubj"})", &size, &bytes), "to write a booster");
  return {bytes, size};
}

}  // namespace orrery::plugins::models::xgboost
