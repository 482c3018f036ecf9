#include "orrery/app/evaluate_factor_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "orrery/app/factor_trials.h"
#include "orrery/app/universe.h"
#include "orrery/base/cancellable_progress.h"
#include "orrery/base/error.h"
#include "orrery/base/stopwatch.h"
#include "orrery/market/trailing_volume.h"
#include "orrery/market/universe_state.h"

namespace orrery {
namespace {

constexpr double kSessionsPerYear = 252.0;

void check_definitions(const std::vector<FactorDefinition>& definitions) {
  if (definitions.empty()) throw user_error(ErrorCode::kInvalidArgument, "there is no factor to judge");
  std::set<std::string_view> seen;
  for (const auto& definition : definitions) {
    expression_span(definition.name, definition.expression);  // what can't be read is no trial
    if (seen.insert(definition.name).second) continue;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("two factors have the name '{}'; names must differ", definition.name));
  }
}

/// What size is, and of whom.
struct Sizes {
  Panel log;
  std::string source;
};

Sizes measure_sizes(const MarketData& market) {
  Sizes sizes{Panel(market.rows(), market.instruments()), "log of the mean traded value of 20 sessions"};
  const auto capitalisation = market.fields.find("market_cap");
  const bool given = capitalisation != market.fields.end();
  if (given) sizes.source = "log of the field market_cap";
  const Panel& close = market.raw_field("close");
  const Panel& volume = market.raw_field("volume");
  for (std::size_t row = 0; row < market.rows(); ++row) {
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      const double value =
          given ? capitalisation->second(row, i) : trailing_dollar_volume(close, volume, row, i);
      if (value > 0.0) sizes.log(row, i) = std::log(value);
    }
  }
  return sizes;
}

RowRange judged_rows(const FactorJob& job, const MarketData& market) {
  RowRange rows{job.first ? market.lower_row(*job.first) : 0, market.rows()};
  if (job.last) rows.end = market.lower_row(*job.last + 1);
  if (!rows.empty()) return rows;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("there is no session to judge: the prices go from {} to {}",
                               to_string(market.dates.front()), to_string(market.dates.back())));
}

/// The universe's state on the evening of every judged day.
UniverseState judged_state(const MarketData& market, RowRange rows) {
  const auto all = trail_universe(equal_weight_returns(market, market.present), kSessionsPerYear);
  const auto part = [&](const std::vector<double>& values) {
    return std::vector<double>(values.begin() + static_cast<std::ptrdiff_t>(rows.begin),
                               values.begin() + static_cast<std::ptrdiff_t>(rows.end));
  };
  return {part(all.volatility), part(all.change)};
}

void add_slices(const MarketData& market, RowRange rows, FactorReport& report) {
  report.groups = part_days(report.evaluation.dates, judged_state(market, rows));
  for (const auto& factor : report.evaluation.factors) {
    const auto& rank_ic = factor.horizons[report.evaluation.primary()].rank_ic;
    report.slices.push_back(slice_means(rank_ic.daily, report.groups, rank_ic.newey_west_lag));
  }
}

std::size_t count_sectors(const std::vector<std::string>& sectors) {
  std::set<std::string_view> known(sectors.begin(), sectors.end());
  known.erase("");
  return known.size();
}

std::vector<FactorLabel> label_factors(const FactorJob& job) {
  std::vector<FactorLabel> labels;
  for (std::size_t f = 0; f < job.definitions.size(); ++f) {
    labels.push_back({job.definitions[f].expression, "", ""});
    if (f >= job.notes.size()) continue;
    labels.back().summary = job.notes[f].summary;
    labels.back().direction = job.notes[f].direction;
  }
  return labels;
}

FactorBlocks compute_blocks(const FactorJob& job, const MarketData& market, double& seconds) {
  FactorOptions options;
  options.precision = job.precision;
  options.threads = job.threads;
  return [&job, &market, &seconds, options](std::size_t first, std::size_t count) {
    const Stopwatch watch;
    const auto block = std::span<const FactorDefinition>(job.definitions).subspan(first, count);
    FactorFrame factors = compute_factors(block, market, options);
    seconds += watch.seconds();
    return factors;
  };
}

}  // namespace

JudgedFactors judge_factors(const FactorJob& job, const std::filesystem::path& ledger, Progress& progress) {
  check_definitions(job.definitions);
  const FactorEvaluationSpec spec = checked_spec(job.spec);
  CancellableProgress told(progress, job.cancelled);
  FactorTrials trials(job.definitions, spec, job.precision == Precision::kFloat64 ? "float64" : "float32",
                      ledger);
  const PriceLoad prices = load_prices(job.prices, told);
  const MarketData& market = prices.market;
  std::vector<std::string> names;
  std::vector<std::string> fields;
  for (const auto& definition : job.definitions) names.push_back(definition.name);
  for (const auto& [name, panel] : market.fields) fields.push_back(name);
  check_factors(job.definitions, fields);
  const RowRange rows = judged_rows(job, market);
  trials.locate({prices.fingerprint, market.dates[rows.begin], market.dates[rows.end - 1]});

  const Stopwatch watch;
  JudgedFactors judged;
  const Sizes sizes = measure_sizes(market);
  FactorReport& report = judged.report;
  const EvaluationMarket view{market.dates, market.field("close"), market.present, market.sectors, sizes.log,
                              rows};
  report.evaluation = evaluate_factors(names, compute_blocks(job, market, judged.compute_seconds), view, spec,
                                       job.threads, told);
  report.ranking = rank_factors(report.evaluation);
  add_slices(market, rows, report);
  report.title = job.title;
  report.banner = job.banner;
  report.data = job.prices.path.filename().string();
  report.instruments = market.instruments();
  report.sectors = count_sectors(market.sectors);
  report.size_source = sizes.source;
  report.labels = label_factors(job);
  judged.prices = prices.summary;
  judged.data_fingerprint = prices.fingerprint;
  judged.verdict = trials.finish(report.evaluation, report.ranking);
  judged.evaluate_seconds = watch.seconds() - judged.compute_seconds;
  return judged;
}

}  // namespace orrery
