#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orrery/base/timestamp.h"
#include "orrery/feature/feature_answer.h"

namespace orrery {

/// What of one view one request was answered.
struct ServedValues {
  Timestamp time;
  std::string view;
  std::string definition;  ///< ViewDefinition::fingerprint; "" where it was never materialized
  std::vector<std::string> features;
  std::vector<std::string> symbols;
  std::vector<std::int32_t> sessions;   ///< by symbol, days since 1970; kNoSession where it has no bar
  std::vector<FeatureStatus> statuses;  ///< [symbol × feature]
  std::vector<float> values;            ///< [symbol × feature]

  static constexpr std::int32_t kNoSession = INT32_MIN;
};

/// Writes down what was served, in a file of bounded size from which the oldest goes first. Several processes
/// may write the same file. Records wait in memory until flush(): a kill loses those. Thread-safe.
class ServingLog {
 public:
  /// Nothing is opened before the first flush. `sample`: the share of requests that is kept, spread evenly.
  ServingLog(std::filesystem::path file, double sample, std::int64_t megabytes);
  ~ServingLog();
  ServingLog(const ServingLog&) = delete;
  ServingLog& operator=(const ServingLog&) = delete;

  /// Whether the next request is one of the sample; counts it.
  bool takes_next();
  /// Keeps a record until it is written; where too many wait, drops it and counts it.
  void add(ServedValues served);
  /// Writes what waits. Errors: kIo, kDataCorrupt; the records are lost then.
  void flush();
  /// Records that were dropped, of this process.
  std::size_t dropped() const;

  /// Hands out what a file holds, oldest first; nothing where there is none. Errors: kIo, kDataCorrupt.
  static void read(const std::filesystem::path& file, const std::function<void(const ServedValues&)>& take);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orrery
