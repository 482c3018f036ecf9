#include "orrery/app/fetch_sources.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/base/threads.h"
#include "orrery/data/append_table.h"
#include "orrery/data/csv.h"
#include "orrery/data/delivered_bars.h"
#include "orrery/data/number_text.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

using Tables = std::vector<std::pair<std::string, Table>>;

/// A source of the chain, ready to be asked.
struct Source {
  const ProviderInfo* info = nullptr;
  std::unique_ptr<Provider> provider;
};

ParameterValue parse_setting(const std::string& text, const ParameterInfo& info) {
  double number = 0.0;
  const bool is_number = parse_number(text, number) == NumberText::kNumber;
  if (std::holds_alternative<bool>(info.default_value) && (text == "true" || text == "false")) {
    return text == "true";
  }
  if (std::holds_alternative<double>(info.default_value) && is_number) return number;
  if (std::holds_alternative<std::int64_t>(info.default_value) && is_number && number == std::floor(number)) {
    return static_cast<std::int64_t>(number);
  }
  return text;
}

const ParameterInfo* find_parameter(const ProviderInfo& info, const std::string& name) {
  const auto found = std::find_if(info.parameters.begin(), info.parameters.end(),
                                  [&](const auto& parameter) { return parameter.name == name; });
  return found == info.parameters.end() ? nullptr : &*found;
}

/// The settings that are meant for one source, those named after it last.
ParameterMap settings_of(const ProviderInfo& info, const FetchOptions& options) {
  ParameterMap given;
  for (const bool named : {false, true}) {
    for (const auto& [key, text] : options.settings) {
      const bool is_named = key.rfind(info.name + ".", 0) == 0;
      if (is_named != named) continue;
      const std::string name = named ? key.substr(info.name.size() + 1) : key;
      const ParameterInfo* parameter = find_parameter(info, name);
      if (parameter != nullptr) given[name] = parse_setting(text, *parameter);
      if (parameter == nullptr && named) given[name] = text;  // complete_parameters says what is wrong
    }
  }
  return complete_parameters(given, info.parameters);
}

/// A setting that no source of the chain takes is most likely a slip.
void check_settings(const std::vector<Source>& chain, const FetchOptions& options) {
  for (const auto& [key, text] : options.settings) {
    const bool is_taken = std::any_of(chain.begin(), chain.end(), [&, name = key](const Source& source) {
      return name.rfind(source.info->name + ".", 0) == 0 || find_parameter(*source.info, name) != nullptr;
    });
    if (is_taken) continue;
    std::vector<std::string> names;
    for (const auto& parameter : chain.front().info->parameters) names.push_back(parameter.name);
    throw user_error(ErrorCode::kNotFound,
                     fmt::format("no source of the chain has a setting '{}'{}; {} has: {}", key,
                                 did_you_mean(key, names), chain.front().info->name, fmt::join(names, ", ")));
  }
}

std::vector<Source> make_chain(const ProviderRegistry& registry, const FetchOptions& options,
                               const ProviderContext& context) {
  std::vector<Source> chain;
  for (const auto& name : options.chain) {
    const ProviderEntry& entry = registry.get(name);
    chain.push_back({&entry.info, entry.make(settings_of(entry.info, options), context)});
  }
  if (chain.empty()) throw user_error(ErrorCode::kInvalidArgument, "name a source to fetch from");
  check_settings(chain, options);
  return chain;
}

class Buffer final : public ProviderSink {
 public:
  void accept(std::string_view table, const Table& rows) override { tables.emplace_back(table, rows); }
  Tables tables;
};

const Table* find_table(const Tables& tables, std::string_view name) {
  for (const auto& [key, table] : tables) {
    if (key == name) return &table;
  }
  return nullptr;
}

/// One part of the request and what came of it.
class PartFetch {
 public:
  PartFetch(const std::vector<Source>& chain, const FetchOptions& options, const ProviderContext& context)
      : chain_(chain), options_(options), context_(context) {}

  void run(const ProviderRequest& request, Progress& progress) {
    part.begin = request.begin;
    part.symbol = request.symbols.size() == 1 ? request.symbols.front()
                                              : fmt::format("{}", fmt::join(request.symbols, ","));
    for (const Source& source : chain_) {
      if (ask(source, request, progress)) return;
    }
  }

  FetchedPart part;
  Tables tables;

 private:
  /// Returns true when the source's rows are taken without a doubt.
  bool ask(const Source& source, const ProviderRequest& request, Progress& progress) {
    Buffer buffer;
    try {
      source.provider->fetch(request, buffer, progress);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kCancelled || error.origin() == ErrorOrigin::kInternal) throw;
      part.failures.push_back({source.info->name, error.what()});
      return false;
    }
    const std::string doubt = doubt_of(source, request, buffer.tables);
    const bool has_rows = std::any_of(buffer.tables.begin(), buffer.tables.end(),
                                      [](const auto& table) { return table.second.rows() > 0; });
    if (doubt.empty() || (part.source.empty() && has_rows)) take(source, std::move(buffer.tables), doubt);
    if (!doubt.empty()) part.failures.push_back({source.info->name, doubt});
    return doubt.empty();
  }

  void take(const Source& source, Tables delivered, const std::string& doubt) {
    tables = std::move(delivered);
    part.source = source.info->name;
    part.doubt = doubt;
    part.rows.clear();
    for (const auto& [name, table] : tables) part.rows[name] += table.rows();
  }

  std::string doubt_of(const Source& source, const ProviderRequest& request, const Tables& delivered) const {
    const Table* prices = find_table(delivered, "prices");
    if (prices == nullptr) {
      const bool any = std::any_of(delivered.begin(), delivered.end(),
                                   [](const auto& table) { return table.second.rows() > 0; });
      return any || is_update(request) ? "" : "no rows";
    }
    if (!source.info->symbols_are_apart) return "";
    BarExpectation expected;
    expected.begin = request.begin;
    expected.end = request.end;
    expected.now = context_.clock->now();
    const std::string name = options_.calendar.empty() ? source.info->calendar : options_.calendar;
    if (!name.empty() && name != "none") expected.calendar = find_calendar(name);
    return doubt_bars(*prices, find_table(delivered, "actions"), expected).value_or("");
  }

  /// Whether the symbol's past is there already, so that there may be nothing new.
  bool is_update(const ProviderRequest& request) const {
    return request.symbols.size() == 1 && options_.begins.contains(request.symbols.front()) &&
           request.begin != options_.request.begin;
  }

  const std::vector<Source>& chain_;
  const FetchOptions& options_;
  const ProviderContext& context_;
};

std::vector<ProviderRequest> parts_of(const FetchOptions& options, const std::vector<Source>& chain) {
  const ProviderRequest& request = options.request;
  const bool apart = std::all_of(chain.begin(), chain.end(),
                                 [](const Source& source) { return source.info->symbols_are_apart; });
  if (!apart || request.symbols.empty()) return {request};
  std::vector<ProviderRequest> parts;
  for (const auto& symbol : request.symbols) {
    const auto begin = options.begins.find(symbol);
    parts.push_back({{symbol}, begin == options.begins.end() ? request.begin : begin->second, request.end});
  }
  return parts;
}

void drop_empty_column(Table& table, std::string_view name) {
  const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                  [&](const Column& column) { return column.name == name; });
  if (found == table.columns.end()) return;
  const auto& values = std::get<std::vector<double>>(found->values);
  const bool is_empty =
      std::all_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
  if (is_empty) table.columns.erase(found);
}

}  // namespace

std::size_t FetchSummary::failed() const {
  return static_cast<std::size_t>(
      std::count_if(parts.begin(), parts.end(), [](const FetchedPart& part) { return part.source.empty(); }));
}

FetchSummary fetch_sources(const ProviderRegistry& registry, const FetchOptions& options,
                           const ProviderContext& context, ProviderSink& sink, Progress& progress) {
  const auto chain = make_chain(registry, options, context);
  const auto requests = parts_of(options, chain);
  FetchSummary summary;
  progress.begin("fetch", requests.size());
  // In blocks, so that what waits to be handed over in order stays small.
  const std::size_t block = 8 * static_cast<std::size_t>(std::max(options.threads, 1));
  for (std::size_t begin = 0; begin < requests.size(); begin += block) {
    const std::size_t count = std::min(block, requests.size() - begin);
    std::vector<PartFetch> parts(count, PartFetch(chain, options, context));
    parallel_for(count, options.threads, [&](std::size_t i) {
      parts[i].run(requests[begin + i], silent_progress());
      progress.advance();
    });
    std::vector<FetchedPart> done;
    for (auto& fetched : parts) {
      for (const auto& [name, table] : fetched.tables) {
        summary.rows[name] += table.rows();
        sink.accept(name, table);
      }
      done.push_back(std::move(fetched.part));
    }
    if (options.after_parts) options.after_parts(done);
    std::move(done.begin(), done.end(), std::back_inserter(summary.parts));
  }
  progress.end();
  return summary;
}

std::vector<std::string> first_requests(const ProviderRegistry& registry, const FetchOptions& options,
                                        const ProviderContext& context) {
  const auto chain = make_chain(registry, options, context);
  std::vector<std::string> urls;
  for (const auto& part : parts_of(options, chain)) {
    for (auto& url : chain.front().provider->first_requests(part)) urls.push_back(std::move(url));
  }
  return urls;
}

void TableFiles::accept(std::string_view table, const Table& rows) {
  const auto found =
      std::find_if(tables_.begin(), tables_.end(), [&](const auto& known) { return known.first == table; });
  if (found == tables_.end()) {
    tables_.emplace_back(table, rows);
  } else {
    append_rows(found->second, rows);
  }
}

std::filesystem::path TableFiles::file_of(const std::string& table, bool is_first) const {
  const std::string extension = out_.extension().string();
  if (extension != ".parquet" && extension != ".csv") return out_ / (table + ".parquet");
  if (is_first) return out_;
  return out_.parent_path() / (out_.stem().string() + "." + table + extension);
}

std::vector<std::filesystem::path> TableFiles::write() {
  std::vector<std::filesystem::path> written;
  for (auto& [name, table] : tables_) {
    if (table.rows() == 0) continue;
    drop_empty_column(table, "adj_close");
    drop_empty_column(table, "vwap");
    const auto path = file_of(name, written.empty());
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
    if (path.extension() == ".csv") {
      write_csv(table, path);
    } else {
      write_parquet(table, path);
    }
    written.push_back(path);
  }
  return written;
}

}  // namespace orrery
