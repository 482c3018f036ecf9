#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/parameters.h"
#include "orrery/base/registry.h"
#include "orrery/base/timestamp.h"

namespace orrery {

/// What is told of the values of a view that are served.
struct Materialization {
  std::string view;
  std::string definition;             ///< ViewDefinition::fingerprint that they were computed by
  std::vector<std::string> features;  ///< order of a row's values
  Date session;                       ///< up to which they were computed
  Timestamp known;                    ///< from when on that session was known
  Timestamp made;                     ///< when they were computed
  std::int64_t generation = 0;        ///< counts the writes of a view, from 1; given by the store

  bool operator==(const Materialization&) const = default;
};

/// The newest values of all symbols of a view.
struct ViewValues {
  Materialization about;
  std::vector<std::string> symbols;  ///< ascending byte order
  std::vector<Date> sessions;        ///< by symbol: that of its newest bar
  std::vector<float> values;         ///< [symbol × feature]; NaN: missing

  std::span<const float> row(std::size_t symbol) const {
    return {values.data() + symbol * about.features.size(), about.features.size()};
  }
};

/// What a store has of some symbols, all of one materialization.
struct OnlineRows {
  std::shared_ptr<const Materialization> about;  ///< null: the view was never materialized
  std::vector<std::uint8_t> found;               ///< by symbol asked for: whether the view knows it
  std::vector<Date> sessions;                    ///< by symbol
  std::vector<float> values;                     ///< [symbol × feature of `about`]
};

/// What a write has changed.
struct OnlineWrite {
  std::int64_t generation = 0;
  std::size_t written = 0;    ///< rows that are new or have changed by a bit
  std::size_t unchanged = 0;  ///< rows that were there already
  std::size_t removed = 0;    ///< rows of symbols that are no more
};

/// Where the newest values of features are served from. A write appears whole or not at all, to this process
/// and to others, also when the writer is killed; a read is of one write. Thread-safe.
/// Errors of all: kIo, kDataCorrupt, kUnavailable.
class OnlineStore {
 public:
  virtual ~OnlineStore() = default;

  /// Returns what there is of the symbols, in their order.
  virtual OnlineRows read(const std::string& view, std::span<const std::string> symbols) = 0;
  /// Returns what is told of a view's values; nothing where it was never materialized.
  virtual std::optional<Materialization> latest(const std::string& view) = 0;
  /// Makes these the values of their view. Errors: kAlreadyExists where a later session is there and `back`
  /// is not set, so that a writer with older data can't undo a newer one.
  virtual OnlineWrite write(const ViewValues& values, bool back) = 0;
  /// Looks for what other processes wrote; a store that keeps nothing in memory has nothing to do.
  virtual void refresh() {}
};

/// What a store is opened with.
struct OnlineStoreContext {
  std::filesystem::path folder;  ///< for what it keeps on this machine
  ParameterMap parameters;       ///< completed
};

/// What a store says about itself.
struct OnlineStoreInfo {
  std::string summary;  ///< one line
  std::vector<ParameterInfo> parameters;
};

struct OnlineStoreEntry {
  OnlineStoreInfo info;
  std::function<std::unique_ptr<OnlineStore>(const OnlineStoreContext&)> open;
};

using OnlineStoreRegistry = NamedRegistry<OnlineStoreEntry>;

/// Throws kAlreadyExists where `found` is of a later session than `wanted`. For implementations.
void refuse_older(const std::optional<Materialization>& found, const Materialization& wanted, bool back);

}  // namespace orrery
