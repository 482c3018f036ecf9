#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "orrery/base/progress.h"
#include "orrery/data/provider.h"

namespace orrery {

struct FetchedPart;

/// What to fetch, from whom.
struct FetchOptions {
  std::vector<std::string> chain;  ///< sources; each next one takes over where those before it failed
  /// Settings as texts: "key" for every source that has it, "source.key" for one.
  std::vector<std::pair<std::string, std::string>> settings;
  ProviderRequest request;
  std::string calendar;  ///< "": the source's; "none": gaps and staleness are not judged
  int threads = 4;       ///< requests at a time; the result does not depend on it
  /// First days by symbol, which go before the request's; no day: everything there is.
  std::map<std::string, std::optional<Date>> begins = {};
  /// Called after a number of parts was handed over, with those parts: what has come can be kept.
  std::function<void(const std::vector<FetchedPart>& parts)> after_parts = {};
};

/// Why a source was passed over for a symbol.
struct FetchFailure {
  std::string source;
  std::string reason;
};

/// What became of one symbol, or of the whole request where a source does not take symbols apart.
struct FetchedPart {
  std::string symbol;
  std::optional<Date> begin;  ///< first day asked for; none: everything
  std::string source;         ///< "": nobody had it
  std::string doubt;          ///< what speaks against the rows, where no later source did better; "": nothing
  std::vector<FetchFailure> failures;
  std::map<std::string, std::size_t> rows;  ///< by table, quarantine too
};

/// What a fetch did.
struct FetchSummary {
  std::vector<FetchedPart> parts;  ///< in the order of the request
  std::map<std::string, std::size_t> rows;
  std::size_t failed() const;
};

/// Fetches symbol by symbol, several at a time, and hands over in the request's order what the first source
/// of the chain delivers without an error and without a doubt (doubt_bars); where all have one, the rows of
/// the first that delivered, with the doubt noted. A symbol that nobody has is noted as failed.
/// Errors: kNotFound for an unknown source or setting, kInvalidArgument for bad settings, kCancelled.
FetchSummary fetch_sources(const ProviderRegistry& registry, const FetchOptions& options,
                           const ProviderContext& context, ProviderSink& sink, Progress& progress);

/// Returns the first requests that fetch_sources would make, of the chain's first source.
std::vector<std::string> first_requests(const ProviderRegistry& registry, const FetchOptions& options,
                                        const ProviderContext& context);

/// Takes tables into memory and writes them as files: `out` ending in .parquet or .csv is the file of the
/// first table with rows, others stand beside it as STEM.TABLE.EXT; else `out` is a folder of
/// TABLE.parquet. Columns `adj_close` and `vwap` are left out where no row has a value.
class TableFiles final : public ProviderSink {
 public:
  explicit TableFiles(std::filesystem::path out) : out_(std::move(out)) {}
  void accept(std::string_view table, const Table& rows) override;
  /// Writes and returns the files. Errors: kIo.
  std::vector<std::filesystem::path> write();

 private:
  std::filesystem::path file_of(const std::string& table, bool is_first) const;

  std::filesystem::path out_;
  std::vector<std::pair<std::string, Table>> tables_;
};

}  // namespace orrery
