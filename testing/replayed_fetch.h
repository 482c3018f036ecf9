#pragma once

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/provider.h"
#include "orrery/net/http_client.h"
#include "testing/fake_wait_clock.h"
#include "testing/replay_server.h"

namespace orrery::testing {

/// What a provider made of the answers of testing/replay.
struct ReplayedRun {
  std::map<std::string, Table> tables;  ///< without the quarantine
  std::multiset<std::string> rows;      ///< every row as text, without `retrieved`
  std::multiset<std::string> quarantine;
  std::string error;
  std::vector<std::string> first_requests;
};

inline nlohmann::json replay_file(const std::string& service) {
  return nlohmann::json::parse(read_file("testing/replay/" + service + ".json"));
}

/// Returns what the replay was asked in a case, as JSON.
inline std::string replay_log(const std::string& test_case) {
  FakeWaitClock clock;
  HttpOptions options;
  options.name = "replay";
  HttpClient client(options, clock, 1);
  return client.get({replay_address() + "/" + test_case + "/log"}).body;
}

inline std::string cell_text(const ColumnValues& values, std::size_t row) {
  struct Visitor {
    std::size_t row;
    std::string operator()(const std::vector<double>& v) const { return fmt::format("{}", v[row]); }
    std::string operator()(const std::vector<float>& v) const { return fmt::format("{}", v[row]); }
    std::string operator()(const std::vector<std::int64_t>& v) const { return fmt::format("{}", v[row]); }
    std::string operator()(const std::vector<Date>& v) const { return to_string(v[row]); }
    std::string operator()(const std::vector<std::string>& v) const { return v[row]; }
    std::string operator()(const DictionaryStrings& v) const {
      return v.codes[row] < 0 ? "" : v.dictionary[static_cast<std::size_t>(v.codes[row])];
    }
  };
  return std::visit(Visitor{row}, values);
}

inline std::string row_text(const std::string& name, const Table& table, std::size_t row) {
  std::string text = name;
  for (const auto& column : table.columns) {
    if (column.name != "retrieved") text += " " + column.name + "=" + cell_text(column.values, row);
  }
  return text;
}

/// Collects what is delivered.
class ReplayedSink final : public ProviderSink {
 public:
  explicit ReplayedSink(ReplayedRun& run) : run_(run) {}
  void accept(std::string_view name, const Table& table) override {
    auto& rows = name == "quarantine" ? run_.quarantine : run_.rows;
    for (std::size_t i = 0; i < table.rows(); ++i) rows.insert(row_text(std::string(name), table, i));
    if (name != "quarantine") run_.tables[std::string(name)] = table;
  }

 private:
  ReplayedRun& run_;
};

inline ParameterMap replay_settings(const ProviderEntry& entry, const nlohmann::json& request,
                                    const std::string& url, const ParameterMap& own) {
  ParameterMap given = {{"attempts", std::int64_t{3}}, {"stall_seconds", 0.2}, {"requests_per_minute", 0.0}};
  for (const auto& parameter : entry.info.parameters) {
    if (parameter.name.ends_with("_url")) given[parameter.name] = url;
  }
  if (request.contains("settings")) {
    for (const auto& [name, value] : request["settings"].items()) {
      if (value.is_number_integer()) {
        given[name] = value.get<std::int64_t>();
      } else {
        given[name] = value.get<std::string>();
      }
    }
  }
  for (const auto& [name, value] : own) given[name] = value;
  return complete_parameters(given, entry.info.parameters);
}

/// Fetches what the "request" of testing/replay/NAME.json says, under a fault, on a clock that does not wait.
inline ReplayedRun replayed_fetch(const ProviderEntry& entry, const std::string& fault,
                                  const std::string& test_case, const ParameterMap& own = {},
                                  const std::optional<ProviderRequest>& other = {}) {
  const auto request = replay_file(entry.info.name).at("request");
  const std::string url = replay_url(test_case, fault, entry.info.name);
  FakeWaitClock clock;
  const auto provider = entry.make(replay_settings(entry, request, url, own), {&clock, 1});
  ProviderRequest asked;
  asked.symbols = request.value("symbols", std::vector<std::string>{});
  if (request.contains("from")) asked.begin = parse_date(request["from"].get<std::string>());
  if (request.contains("to")) asked.end = parse_date(request["to"].get<std::string>());
  if (other) asked = *other;
  ReplayedRun run;
  run.first_requests = provider->first_requests(asked);
  ReplayedSink sink(run);
  try {
    provider->fetch(asked, sink, silent_progress());
  } catch (const Error& error) {
    run.error = error.what();
  }
  return run;
}

}  // namespace orrery::testing
