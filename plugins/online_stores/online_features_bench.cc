// How long answers with online features take in the process, for bench/online_features.py.
//
// usage: orrery_online_features_bench DEFINITIONS.yaml EXPECTED.parquet VIEW SYMBOLS REQUESTS
//
// Asks REQUESTS times for all features of a view of SYMBOLS random symbols, by their names, with everything
// that is served written down as a server does it. Every answer is held against EXPECTED (symbol, a float
// column a feature) between two measurements. Prints microseconds as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "orrery/base/clock.h"
#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/base/stopwatch.h"
#include "orrery/data/parquet.h"
#include "orrery/feature/online_features.h"
#include "plugins/online_stores/registry.h"

namespace {

using orrery::AnsweredView;

/// The expected values by symbol, in the order of the view's features.
struct Expected {
  std::vector<std::string> symbols;
  std::vector<std::string> features;  // "view:feature"
  std::map<std::string, std::vector<float>> values;
};

Expected read_expected(const char* file, const orrery::ViewDefinition& view) {
  const orrery::Table table = orrery::read_parquet(file);
  Expected expected;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    expected.symbols.push_back(orrery::text_at(table.column("symbol"), i));
    auto& row = expected.values[expected.symbols.back()];
    for (const auto& feature : view.features)
      row.push_back(std::get<std::vector<float>>(table.column(feature.name).values)[i]);
  }
  for (const auto& feature : view.features) expected.features.push_back(view.name + ":" + feature.name);
  return expected;
}

void check(const Expected& expected, const std::vector<std::string>& symbols, const AnsweredView& answer) {
  const std::size_t width = answer.features.size();
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const auto& row = expected.values.at(symbols[i]);
    for (std::size_t j = 0; j < width; ++j) {
      const float found = answer.values[i * width + j];
      const bool same = std::isnan(row[j])
                            ? answer.statuses[i * width + j] == orrery::FeatureStatus::kMissing
                            : std::bit_cast<std::uint32_t>(found) == std::bit_cast<std::uint32_t>(row[j]);
      if (!same)
        throw orrery::internal_error(fmt::format("{} of {}: {}, not {}", j, symbols[i], found, row[j]));
    }
  }
}

double share(std::vector<double>& sorted, double of) {
  return 1e6 * sorted[static_cast<std::size_t>(of * static_cast<double>(sorted.size() - 1))];
}

int measure(char** arguments) {
  orrery::OnlineStoreRegistry stores("online store");
  orrery::plugins::online_stores::register_all(stores);
  orrery::OnlineFeatures features(orrery::read_feature_definitions(arguments[1], stores), stores);
  const Expected expected = read_expected(arguments[2], features.definitions().view(arguments[3]));
  const auto count = static_cast<std::size_t>(std::stoul(arguments[4]));
  const auto requests = static_cast<std::size_t>(std::stoul(arguments[5]));
  orrery::Random random(1);
  std::atomic<bool> done{false};
  std::thread refreshing([&] {
    while (!done) {
      features.refresh();
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  });
  std::vector<double> seconds;
  std::vector<std::string> symbols(count);
  for (std::size_t request = 0; request < requests; ++request) {
    for (auto& symbol : symbols) symbol = expected.symbols[random.below(expected.symbols.size())];
    const orrery::Stopwatch watch;
    const auto answer = features.get(symbols, features.find(expected.features, {}), orrery::current_time());
    seconds.push_back(watch.seconds());
    check(expected, symbols, answer.front());
    if (request % 10 == 9) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  done = true;
  refreshing.join();
  std::sort(seconds.begin(), seconds.end());
  fmt::print("{{\"requests\": {}, \"median\": {:.1f}, \"p99\": {:.1f}, \"p999\": {:.1f}, \"dropped\": {}}}\n",
             requests, share(seconds, 0.5), share(seconds, 0.99), share(seconds, 0.999),
             features.log().dropped());
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count == 6) return measure(arguments);
    fmt::print(stderr, "usage: {} DEFINITIONS.yaml EXPECTED.parquet VIEW SYMBOLS REQUESTS\n", arguments[0]);
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
