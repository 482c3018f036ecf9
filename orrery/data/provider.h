#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/parameters.h"
#include "orrery/base/progress.h"
#include "orrery/base/registry.h"
#include "orrery/base/wait_clock.h"
#include "orrery/data/table.h"

namespace orrery {

/// What a provider of market data says about itself; feeds listings, help and the reference page.
struct ProviderInfo {
  std::string name;
  std::string summary;                    ///< one line
  std::string source;                     ///< where the data, or the method that makes it, is documented
  std::vector<ParameterInfo> parameters;  ///< settings of this provider
  std::vector<std::string> tables;        ///< names of the tables that fetch() delivers, such as "prices"
  std::string key = {};                   ///< environment variable of the key that it needs; "": none
  std::string calendar = {};              ///< sessions on which its prices are expected; "": nobody knows
  bool symbols_are_apart = true;  ///< asking for many symbols is the same as asking for each by itself
};

/// What a provider works with beside its settings.
struct ProviderContext {
  WaitClock* clock = &system_wait_clock();  ///< tells when rows were retrieved; lets waits pass
  std::uint64_t seed = 1;                   ///< of the jitter between attempts
};

/// What to fetch. An empty field means "everything there is".
struct ProviderRequest {
  std::vector<std::string> symbols;
  std::optional<Date> begin;  ///< first session, inclusive
  std::optional<Date> end;    ///< last session, inclusive
};

/// Takes what a provider delivers, in blocks as they arrive. Not called from two threads at a time.
class ProviderSink {
 public:
  virtual ~ProviderSink() = default;
  /// Takes rows of one of the tables that the provider's info names; all blocks of a table have the same
  /// columns.
  virtual void accept(std::string_view table, const Table& rows) = 0;
};

/// A source of market data: a service, a folder of files, a simulation.
///
/// Tables of a service carry `source` (its name) and `retrieved` (int64 nanoseconds, UTC, as all moments in
/// tables). Rows that can't be taken as they are go to the table "quarantine" with their reason, the good
/// ones beside them go on. Nothing is delivered unless all of it has come: fetch() calls the sink at its end.
class Provider {
 public:
  virtual ~Provider() = default;
  virtual const ProviderInfo& info() const = 0;
  /// Returns the addresses that fetch() would ask for first, without keys; none for what asks nobody.
  virtual std::vector<std::string> first_requests(const ProviderRequest& /*request*/) const { return {}; }
  /// Delivers the requested rows into `sink` and returns when all have been taken. Thread-safe for services.
  /// Errors: kInvalidArgument for a request the source can't mean, kUnavailable when it does not answer.
  virtual void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) = 0;
};

/// One registered provider: its description, and how to make one from completed settings.
struct ProviderEntry {
  ProviderInfo info;
  std::function<std::unique_ptr<Provider>(const ParameterMap&, const ProviderContext&)> make;
};

using ProviderRegistry = NamedRegistry<ProviderEntry>;

}  // namespace orrery
