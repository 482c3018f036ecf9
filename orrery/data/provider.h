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
#include "orrery/data/table.h"

namespace orrery {

/// What a provider of market data says about itself; feeds listings, help and the reference page.
struct ProviderInfo {
  std::string name;
  std::string summary;                    ///< one line
  std::string source;                     ///< where the data, or the method that makes it, is documented
  std::vector<ParameterInfo> parameters;  ///< settings of this provider
  std::vector<std::string> tables;        ///< names of the tables that fetch() delivers, such as "prices"
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
class Provider {
 public:
  virtual ~Provider() = default;
  virtual const ProviderInfo& info() const = 0;
  /// Delivers the requested rows into `sink` and returns when all have been taken.
  /// Errors: kInvalidArgument for a request the source can't mean, kUnavailable when it does not answer.
  virtual void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) = 0;
};

/// One registered provider: its description, and how to make one from completed settings.
struct ProviderEntry {
  ProviderInfo info;
  std::function<std::unique_ptr<Provider>(const ParameterMap&)> make;
};

using ProviderRegistry = NamedRegistry<ProviderEntry>;

}  // namespace orrery
