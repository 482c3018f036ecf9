#include "orrery/app/compare_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "orrery/base/config.h"
#include "orrery/base/error.h"
#include "orrery/base/statistics.h"
#include "orrery/data/parquet.h"
#include "orrery/factor/evaluation.h"
#include "orrery/ml/block_bootstrap.h"

namespace orrery {
namespace {

constexpr std::size_t kFewestNames = 5;

using Series = std::map<Date, double>;

/// The finite values of a table's column by date.
Series read_series(const Table& table, const std::string& column) {
  const auto& dates = dates_of(table.column("date"));
  const auto values = numbers_of(table.column(column));
  Series series;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) series[dates[i]] = values[i];
  }
  return series;
}

/// Values of both on the dates of both.
struct Pairs {
  std::vector<Date> dates;
  std::vector<double> a, b;
};

Pairs pair_up(const Series& a, const Series& b) {
  Pairs pairs;
  for (const auto& [date, value] : a) {
    const auto other = b.find(date);
    if (other == b.end()) continue;
    pairs.dates.push_back(date);
    pairs.a.push_back(value);
    pairs.b.push_back(other->second);
  }
  return pairs;
}

PairedTest test_pairs(const std::string& name, const Pairs& pairs, const CompareOptions& options) {
  PairedTest test;
  test.name = name;
  test.sessions = pairs.dates.size();
  if (test.sessions < 2) {
    test.unavailable = fmt::format("the runs have {} sessions in common", test.sessions);
    return test;
  }
  std::vector<double> differences;
  for (std::size_t i = 0; i < pairs.a.size(); ++i) differences.push_back(pairs.a[i] - pairs.b[i]);
  const auto bootstrap = bootstrap_mean(differences, {0.0, options.draws, options.seed});
  test.mean_a = mean(pairs.a);
  test.mean_b = mean(pairs.b);
  test.difference = bootstrap.mean;
  test.low = bootstrap.low;
  test.high = bootstrap.high;
  test.p_value = bootstrap.p_value;
  test.block_length = bootstrap.block_length;
  return test;
}

PairedTest test_correlations(const std::string& name, const std::string& column, const StoredRun& a,
                             const StoredRun& b, const CompareOptions& options) {
  for (const auto* run : {&a, &b}) {
    if (std::filesystem::exists(run->folder / "daily_ic.parquet")) continue;
    PairedTest test;
    test.name = name;
    test.unavailable = fmt::format("{} has no daily_ic.parquet; run its study again", run->folder.string());
    return test;
  }
  return test_pairs(name,
                    pair_up(read_series(read_parquet(a.folder / "daily_ic.parquet"), column),
                            read_series(read_parquet(b.folder / "daily_ic.parquet"), column)),
                    options);
}

/// Scores of a run by date and symbol.
using Scores = std::map<Date, std::map<std::string, double, std::less<>>>;

Scores read_scores(const StoredRun& run) {
  const Table table = read_parquet(run.folder / "predictions.parquet", {"date", "symbol", "score"});
  const auto& dates = dates_of(table.column("date"));
  const auto values = numbers_of(table.column("score"));
  Scores scores;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) scores[dates[i]][text_at(table.column("symbol"), i)] = values[i];
  }
  return scores;
}

double rank_correlation(const std::vector<double>& x, const std::vector<double>& y) {
  std::vector<double> x_ranks(x.size());
  std::vector<double> y_ranks(y.size());
  rank_average_ties(x, x_ranks);
  rank_average_ties(y, y_ranks);
  return pearson_correlation(x_ranks, y_ranks);
}

void correlate_scores(const Scores& a, const Scores& b, ComparisonReport& report) {
  std::vector<double> daily;
  for (const auto& [date, names] : a) {
    const auto other = b.find(date);
    if (other == b.end()) continue;
    std::vector<double> x;
    std::vector<double> y;
    for (const auto& [name, score] : names) {
      const auto found = other->second.find(name);
      if (found == other->second.end()) continue;
      x.push_back(score);
      y.push_back(found->second);
    }
    if (x.size() >= kFewestNames) daily.push_back(rank_correlation(x, y));
  }
  daily = drop_missing(daily);
  report.score_correlation = mean(daily);
  report.score_sessions = daily.size();
}

std::vector<double> grow(const std::vector<double>& returns) {
  std::vector<double> equity;
  double value = 1.0;
  for (const double change : returns) equity.push_back(value *= 1.0 + change);
  return equity;
}

/// A value on one line, as YAML writes flow style; text as it stands.
std::string flow_text(const ConfigNode& node) {
  std::vector<std::string> parts;
  switch (node.kind) {
    case ConfigNode::Kind::kNull:
      return "";
    case ConfigNode::Kind::kScalar:
      return node.scalar;
    case ConfigNode::Kind::kSequence:
      for (const auto& item : node.items) parts.push_back(flow_text(item));
      return fmt::format("[{}]", fmt::join(parts, ", "));
    case ConfigNode::Kind::kMapping:
      for (const auto& [key, value] : node.entries)
        parts.push_back(fmt::format("{}: {}", key, flow_text(value)));
      return fmt::format("{{{}}}", fmt::join(parts, ", "));
  }
  return "";
}

using FlatStudy = std::vector<std::pair<std::string, std::string>>;

void flatten(const ConfigNode& node, const std::string& path, FlatStudy& flat) {
  if (node.kind != ConfigNode::Kind::kMapping || node.entries.empty()) {
    flat.emplace_back(path, flow_text(node));
    return;
  }
  const std::string prefix = path.empty() ? "" : path + ".";
  for (const auto& [key, value] : node.entries) flatten(value, prefix + key, flat);
}

std::string find_value(const FlatStudy& flat, const std::string& key) {
  const auto same = [&](const auto& entry) { return entry.first == key; };
  const auto found = std::find_if(flat.begin(), flat.end(), same);
  return found == flat.end() ? "" : found->second;
}

std::vector<MetricPair> key_metrics(const StoredRun& a, const StoredRun& b) {
  std::vector<MetricPair> metrics = {{"rank_ic_mean", "rank IC, mean a day", false, 4},
                                     {"rank_ic_t", "its t", false, 2, true},
                                     {"ic_mean", "IC, mean a day", false, 4},
                                     {"annual_return", "annual return, net", true, 2},
                                     {"annual_return_gross", "annual return, gross", true, 2},
                                     {"excess_annual_return", "over the universe, a year", true, 2},
                                     {"annual_volatility", "annual volatility", true, 2},
                                     {"sharpe", "Sharpe, net", false, 2},
                                     {"sharpe_standard_error", "its standard error", false, 2, true},
                                     {"max_drawdown", "largest drawdown", true, 2},
                                     {"turnover_two_way", "turnover a day, both sides", true, 2},
                                     {"cost_drag", "costs took a year", true, 2},
                                     {"break_even_cost_bps", "break-even cost, bp a side", false, 1}};
  for (auto& metric : metrics) {
    metric.a = a.metric(metric.key);
    metric.b = b.metric(metric.key);
  }
  return metrics;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    lines.push_back(line.substr(std::min<std::size_t>(9, line.size())));
  return lines;
}

ComparedRun describe_run(const std::string& label, const StoredRun& run, const LedgerVerdict& verdict) {
  return {label,
          run.name,
          run.folder.filename().string(),
          run.banner,
          run.key.test_first,
          run.key.test_last,
          lines_of(verdict_text(verdict))};
}

}  // namespace

std::vector<StudyDifference> study_differences(const std::string& a_yaml, const std::string& b_yaml) {
  FlatStudy a;
  FlatStudy b;
  flatten(parse_config(a_yaml, "study of A"), "", a);
  flatten(parse_config(b_yaml, "study of B"), "", b);
  std::vector<StudyDifference> differences;
  for (const auto& [key, value] : a) {
    const auto other = find_value(b, key);
    if (other != value) differences.push_back({key, value, other});
  }
  for (const auto& [key, value] : b) {
    const bool known =
        std::any_of(a.begin(), a.end(), [&key = key](const auto& entry) { return entry.first == key; });
    if (!known) differences.push_back({key, "", value});
  }
  return differences;
}

LedgerVerdict judge_stored_run(const StoredRun& run, const std::filesystem::path& ledger) {
  TrialOutcome outcome;
  outcome.sharpe = run.metric("sharpe") / std::sqrt(run.metric("periods_per_year"));
  outcome.periods = run.metric("periods");
  outcome.skewness = run.metric("skewness");
  outcome.kurtosis = run.metric("kurtosis");
  return judge_among(outcome, TrialLedger(ledger).trials(run.key));
}

RunComparison compare_runs(const StoredRun& a, const StoredRun& b, const CompareOptions& options) {
  RunComparison comparison;
  comparison.verdict_a = judge_stored_run(a, options.ledger);
  comparison.verdict_b = judge_stored_run(b, options.ledger);
  auto& report = comparison.report;
  report.a = describe_run("A", a, comparison.verdict_a);
  report.b = describe_run("B", b, comparison.verdict_b);
  report.same_data = a.key.data_fingerprint == b.key.data_fingerprint;
  report.differences = study_differences(a.study_yaml, b.study_yaml);
  const auto returns = pair_up(read_series(read_parquet(a.folder / "equity.parquet"), "net_return"),
                               read_series(read_parquet(b.folder / "equity.parquet"), "net_return"));
  report.tests = {test_correlations("rank IC", "rank_ic", a, b, options),
                  test_correlations("IC", "ic", a, b, options), test_pairs("net return", returns, options)};
  report.metrics = key_metrics(a, b);
  correlate_scores(read_scores(a), read_scores(b), report);
  report.return_correlation =
      returns.a.size() < 2 ? PairedTest::kMissing : pearson_correlation(returns.a, returns.b);
  report.dates = returns.dates;
  report.equity_a = grow(returns.a);
  report.equity_b = grow(returns.b);
  for (std::size_t i = 0; i < report.dates.size(); ++i)
    report.ratio.push_back(report.equity_a[i] / report.equity_b[i] - 1.0);
  return comparison;
}

std::string comparison_json(const RunComparison& comparison) {
  using Json = nlohmann::ordered_json;
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(); };
  const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
  const auto& report = comparison.report;
  const auto run = [&](const ComparedRun& of, const LedgerVerdict& verdict) -> Json {
    return {{"name", of.name},
            {"run", of.folder},
            {"banner", of.banner},
            {"test_first", to_string(of.test_first)},
            {"test_last", to_string(of.test_last)},
            {"ledger", Json::parse(verdict_json(verdict))}};
  };
  Json json = {{"a", run(report.a, comparison.verdict_a)},
               {"b", run(report.b, comparison.verdict_b)},
               {"same_data", report.same_data},
               {"verdict", comparison_verdict(report)},
               {"study_differences", Json::array()},
               {"tests", Json::array()},
               {"metrics", Json::object()},
               {"score_correlation", number(report.score_correlation)},
               {"score_sessions", report.score_sessions},
               {"return_correlation", number(report.return_correlation)},
               {"return_sessions", report.dates.size()}};
  for (const auto& difference : report.differences)
    json["study_differences"].push_back(
        {{"key", difference.key}, {"a", text(difference.a)}, {"b", text(difference.b)}});
  for (const auto& test : report.tests) {
    json["tests"].push_back({{"of", test.name},
                             {"sessions", test.sessions},
                             {"mean_a", number(test.mean_a)},
                             {"mean_b", number(test.mean_b)},
                             {"difference", number(test.difference)},
                             {"low_95", number(test.low)},
                             {"high_95", number(test.high)},
                             {"p_value", number(test.p_value)},
                             {"block_length", number(test.block_length)},
                             {"unavailable", text(test.unavailable)}});
  }
  for (const auto& metric : report.metrics)
    json["metrics"][metric.key] = {{"a", number(metric.a)}, {"b", number(metric.b)}};
  return json.dump(1) + "\n";
}

}  // namespace orrery
