#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The part of XGBoost's C interface that Orrery calls, declared as its documentation has it
/// (https://xgboost.readthedocs.io/en/stable/dev/c__api_8h.html): the wheel has the library without a header.
namespace orrery::plugins::models::xgboost {

/// DMatrixHandle, BoosterHandle and DataIterHandle.
using Handle = void*;

/// The functions: each is the C function XG, XGDMatrix, XGBooster … as its comment says. They return 0 or -1.
struct Library {
  const char* (*last_error)();                                    ///< XGBGetLastError
  int (*set_global_config)(const char* json);                     ///< XGBSetGlobalConfig
  int (*create_proxy)(Handle* out);                               ///< XGProxyDMatrixCreate
  int (*set_proxy_rows)(Handle proxy, const char* array);         ///< XGProxyDMatrixSetDataDense
  int (*set_info)(Handle, const char* field, const char* array);  ///< XGDMatrixSetInfoFromInterface
  int (*set_text_info)(Handle, const char* field, const char** values,
                       std::uint64_t count);  ///< XGDMatrixSetStrFeatureInfo
  int (*create_table)(Handle source, Handle proxy, Handle like, void (*reset)(Handle), int (*next)(Handle),
                      const char* config, Handle* out);  ///< XGQuantileDMatrixCreateFromCallback
  int (*free_table)(Handle);                             ///< XGDMatrixFree
  int (*create_booster)(const Handle* tables, std::uint64_t count, Handle* out);  ///< XGBoosterCreate
  int (*free_booster)(Handle);                                                    ///< XGBoosterFree
  int (*set_parameter)(Handle, const char* name, const char* value);              ///< XGBoosterSetParam
  int (*update)(Handle, int round, Handle table);                                 ///< XGBoosterUpdateOneIter
  int (*evaluate)(Handle, int round, Handle* tables, const char** names, std::uint64_t count,
                  const char** out);  ///< XGBoosterEvalOneIter
  int (*predict)(Handle, const char* array, const char* config, Handle info, const std::uint64_t** shape,
                 std::uint64_t* dimensions, const float** out);             ///< XGBoosterPredictFromDense
  int (*create_dense)(const char* array, const char* config, Handle* out);  ///< XGDMatrixCreateFromDense
  int (*predict_table)(Handle, Handle table, const char* config, const std::uint64_t** shape,
                       std::uint64_t* dimensions, const float** out);  ///< XGBoosterPredictFromDMatrix
  int (*save)(Handle, const char* config, std::uint64_t* size,
              const char** out);                                    ///< XGBoosterSaveModelToBuffer
  int (*load)(Handle, const void* bytes, std::uint64_t size);       ///< XGBoosterLoadModelFromBuffer
  int (*slice)(Handle, int begin, int end, int step, Handle* out);  ///< XGBoosterSlice
  int (*feature_score)(Handle, const char* config, std::uint64_t* count, const char*** features,
                       std::uint64_t* dimensions, const std::uint64_t** shape,
                       const float** out);  ///< XGBoosterFeatureScore
};

/// Returns the library, loaded on the first call. Thread-safe. Errors: kUnavailable, naming the command that
/// installs it.
const Library& library();

/// Throws when a call into XGBoost failed: kExternal origin, with the library's own words.
void check(int status, std::string_view call);

struct FreeTable {
  void operator()(Handle handle) const { library().free_table(handle); }
};
struct FreeBooster {
  void operator()(Handle handle) const { library().free_booster(handle); }
};

/// XGBoost's own quantised table.
using Table = std::unique_ptr<void, FreeTable>;
/// A model of XGBoost's.
using Booster = std::unique_ptr<void, FreeBooster>;

/// Describes values in memory to XGBoost, by NumPy's array interface. `type`: such as "<f4".
std::string array_interface(const void* values, const std::vector<std::size_t>& shape, std::string_view type);

/// Reads a booster from XGBoost's form UBJSON. Errors: kUnavailable with the library's words.
Booster booster_from_bytes(std::string_view bytes);

/// Writes the first `rounds` rounds in XGBoost's form UBJSON.
std::string booster_to_bytes(const Booster& booster, int rounds);

}  // namespace orrery::plugins::models::xgboost
