#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "orrery/backtest/performance.h"
#include "orrery/base/random.h"
#include "orrery/data/factor_returns.h"
#include "orrery/factor/evaluation.h"
#include "orrery/factor/sector_neutral.h"
#include "orrery/ml/outcome_bootstrap.h"
#include "orrery/report/study_report.h"

namespace orrery::testing {

/// A made-up study of the shape of the real one: 370 sessions, 120 names, three folds, every section filled.
/// The numbers come from a weak signal in noise, evaluated by the real functions.
class ReportFixture {
 public:
  StudyReport make() {
    StudyReport report;
    report.name = "fixture-daily";
    report.subtitle =
        "120 made-up stocks, 2017-07-03 to 2018-12-28, LightGBM on alpha158, three walk-forward folds";
    report.label = "Ref($close,-2)/Ref($close,-1)-1";
    add_results(report);
    add_folds(report);
    add_explanation(report);
    add_recommendations(report);
    add_data(report);
    report.study_yaml =
        "name: fixture-daily\ndata: {source: parquet, path: prices.parquet}  # <made up> & \"quoted\"\n";
    report.method_notes = {
        "Scores are out of sample: each comes from a model whose training ended before it.",
        "IC is measured against the raw return, not its rank."};
    report.provenance = {
        {"Data fingerprint", "d41d8cd98f00b204e9800998ecf8427e"}, {"Seed", "7"}, {"Version", "0.1.0"}};
    return report;
  }

  static ClassificationMetrics make_classification() {
    ClassificationMetrics metrics;
    metrics.count = 44400;
    metrics.events = 240;
    metrics.base_rate = 0.0054;
    metrics.average_precision = 0.0193;
    metrics.brier = 0.005311;
    metrics.brier_base_rate = 0.005371;
    metrics.log_loss = 0.03012;
    metrics.log_loss_base_rate = 0.03361;
    metrics.top_picks = {{5, 370, 0.031, 5.7}, {10, 370, 0.024, 4.4}, {50, 370, 0.012, 2.2}};
    for (int i = 0; i < 8; ++i) {
      const double said = 0.002 + 0.006 * i;
      metrics.reliability.push_back({0.006 * i, 0.006 * (i + 1),
                                     static_cast<std::size_t>(20000 / (1 + i * i)), said,
                                     said * (0.8 + 0.05 * i)});
      metrics.groups.push_back(
          {0.006 * i, 0.006 * (i + 1), metrics.count / 8, said, said * (0.8 + 0.05 * i)});
    }
    return metrics;
  }

 private:
  static constexpr std::size_t kSessions = 370;
  static constexpr std::size_t kNames = 120;

  void make_market() {
    Date date = make_date(2017, 7, 3);
    while (dates_.size() < kSessions) {
      if (weekday(date) < 5) dates_.push_back(date);
      date = date + 1;
    }
    for (std::size_t t = 0; t < kSessions; ++t) {
      const double market = 0.0003 + 0.008 * random_.normal();
      for (std::size_t i = 0; i < kNames; ++i) {
        const double before = t == 0 ? 100.0 : closes_(t - 1, i);
        closes_(t, i) = before * (1.0 + market + 0.015 * random_.normal());
      }
    }
    for (std::size_t t = 0; t + 2 < kSessions; ++t) {
      for (std::size_t i = 0; i < kNames; ++i) {
        returns_(t, i) = closes_(t + 2, i) / closes_(t + 1, i) - 1.0;
        const double before = t == 0 ? 0.0 : scores_(t - 1, i);
        scores_(t, i) = 0.8 * before + 0.6 * random_.normal() + 1.2 * returns_(t, i);
      }
    }
  }

  void add_results(StudyReport& report) {
    make_market();
    report.evaluation = evaluate_signal(scores_, returns_, dates_);
    report.evaluation->sector_neutral = evaluate_within_sectors(scores_, returns_, made_up_sectors());
    report.evaluation->decay = evaluate_decay(scores_, closes_, 1, default_horizons());
    std::vector<double> gross(kSessions, 0.0);
    std::vector<double> universe(kSessions, 0.0);
    for (std::size_t t = 2; t < kSessions; ++t) {
      gross[t] = report.evaluation->quantiles.daily(t - 2, 4);
      for (std::size_t i = 0; i < kNames; ++i) universe[t] += returns_(t - 2, i) / kNames;
    }
    const std::vector<double> costs(kSessions, 0.0002);
    const std::vector<double> turnover(kSessions, 0.2);
    std::vector<double> net = gross;
    for (double& value : net) value -= 0.0002;
    PerformanceInputs inputs;
    inputs.dates = dates_;
    inputs.net_returns = net;
    inputs.gross_returns = gross;
    inputs.benchmark_returns = universe;
    inputs.costs = costs;
    inputs.turnover = turnover;
    report.performance = measure_performance(inputs);
    report.trust = measure_trust(*report.evaluation, *report.performance, inputs, 1);
    Baselines baselines;
    baselines.draws = 100;
    baselines.annual_return = {-0.061, 0.013, 0.092, 0.97};
    baselines.sharpe = {-0.31, 0.12, 0.66, 0.98};
    baselines.turnover_two_way = 0.2;
    baselines.simple = {{"reversal_5", "5-day reversal", 0.0042, 0.061, 0.48, 0.19},
                        {"momentum_12_1", "12−1 momentum", -0.0031, 0.024, 0.21, 0.11}};
    baselines.simple.push_back({"ridge", "Ridge regression, same factors", 0.0102, 0.058, 0.55, 0.21});
    report.trust->baselines = baselines;
    report.trust->survivorship = make_survivorship();
    report.trust->by_time = measure_by_time({*report.evaluation, inputs, dates_, universe});
    report.trust->intervals = make_intervals();
    report.trust->outcomes = make_outcomes();
    report.trust->seeds = SeedSpread{true,
                                     {{7, 0.0081, 0.0102, 0.071, 0.61},
                                      {8, 0.0075, 0.0098, 0.052, 0.47},
                                      {9, 0.0090, 0.0111, 0.083, 0.72},
                                      {10, 0.0069, 0.0094, 0.044, 0.41},
                                      {11, 0.0084, 0.0107, 0.066, 0.58}}};
    add_sources(inputs, report);
  }

  /// Of returns that swing about a small gain.
  OutcomePaths make_outcomes() {
    std::vector<double> returns;
    for (int i = 0; i < 300; ++i) returns.push_back(0.0003 + 0.01 * std::sin(1.7 * i));
    BlockBootstrapOptions options;
    options.draws = 500;
    return bootstrap_outcomes(returns, 252, options);
  }
  IntervalCoverage make_intervals() {
    IntervalCoverage coverage;
    coverage.window = 250;
    coverage.dates.assign(dates_.begin() + 40, dates_.end());
    for (std::size_t t = 0; t < coverage.dates.size(); ++t)
      coverage.daily.push_back(0.85 + 0.1 * std::sin(static_cast<double>(t) / 30.0));
    coverage.intervals = 61234;
    coverage.covered = 0.853;
    coverage.half_width = 0.031;
    coverage.estimate_spread = 0.0011;
    coverage.falling = 0.2;
    coverage.rolling = 20;
    coverage.lowest = 0.751;
    coverage.highest = 0.949;
    return coverage;
  }
  static Survivorship make_survivorship() {
    Survivorship survivorship;
    survivorship.names = kNames;
    survivorship.names_starting_later = 9;
    survivorship.names_ending_early = 2;
    survivorship.sectors_known = true;
    survivorship.membership_file = "members.csv";
    survivorship.years = {{make_date(2017, 7, 3), make_date(2017, 12, 29), 130, 17, 14800, 1036, 0},
                          {make_date(2018, 1, 2), make_date(2018, 11, 30), 128, 12, 29600, 592, 148}};
    survivorship.index =
        IndexCoverage{make_date(2017, 7, 3), make_date(2018, 11, 30), 139, 21, 44400, 1628, 148};
    return survivorship;
  }

  /// A file of two factors that ends ten sessions early, exposures that drift, four trades a session.
  void add_sources(const PerformanceInputs& inputs, StudyReport& report) {
    FactorReturns factors;
    factors.file = "factors_daily.csv";
    factors.unit = ReturnUnit::kPercent;
    factors.dates.assign(dates_.begin(), dates_.end() - 10);
    factors.names = {"Mkt-RF", "SMB"};
    factors.returns.resize(2);
    factors.cash.assign(factors.dates.size(), 0.00004);
    for (std::size_t t = 0; t < factors.dates.size(); ++t) {
      factors.returns[0].push_back(inputs.benchmark_returns[t] + 0.001 * random_.normal());
      factors.returns[1].push_back(0.003 * random_.normal());
    }
    ReturnSources sources;
    sources.attribution = attribute_returns(inputs, &factors, dates_);
    sources.exposure.dates = dates_;
    std::vector<ImpactTrade> trades;
    for (std::size_t t = 0; t < kSessions; ++t) {
      const auto wave = std::sin(0.03 * static_cast<double>(t));
      sources.exposure.beta.push_back(1.05 + 0.1 * wave);
      sources.exposure.universe_beta.push_back(1.0);
      sources.exposure.size.push_back(-0.3 - 0.2 * wave);
      for (int k = 0; k < 4; ++k) trades.push_back({t, 0.05, 4e7, 0.015 + 0.01 * random_.uniform()});
    }
    sources.capacity = measure_capacity(inputs, trades, 1.0);
    report.sources = sources;
  }

  void add_folds(StudyReport& report) {
    for (int f = 0; f < 3; ++f) {
      FoldSection fold;
      const Date start = add_months(make_date(2015, 1, 1), 6 * f);
      fold.train_first = start;
      fold.train_last = add_months(start, 24) - 1;
      fold.valid_first = fold.train_last + 1;
      fold.valid_last = add_months(start, 30) - 1;
      fold.test_first = fold.valid_last + 1;
      fold.test_last = add_months(start, 36) - 1;
      fold.train_rows = 228000 + 1000 * static_cast<std::size_t>(f);
      fold.purged_rows = 940;
      fold.rounds = 31 + 17 * f;
      fold.test_ic = 0.012 + 0.003 * f;
      fold.test_rank_ic = 0.014 + 0.002 * f;
      for (int i = 0; i < 40; ++i) {
        fold.importance.push_back({fmt::format("{}{}",
                                               i % 3 == 0   ? "CORR"
                                               : i % 3 == 1 ? "STD"
                                                            : "RESI",
                                               5 * (i + 1)),
                                   (100.0 / (i + 3)) * (0.7 + 0.6 * random_.uniform())});
      }
      report.folds.push_back(fold);
    }
    std::vector<std::vector<ImportanceEntry>> importances;
    for (const FoldSection& fold : report.folds) importances.push_back(fold.importance);
    report.trust->importance = measure_importance_stability(importances);
  }

  /// Contributions in the order of the importances, a third of them falling, and curves for nine features.
  static void add_explanation(StudyReport& report) {
    Random random(5);
    report.explanation.emplace();
    report.explanation->method = "TreeSHAP";
    report.explanation->unit = "score";
    for (const FoldSection& fold : report.folds) {
      FoldExplanation& told = report.explanation->folds.emplace_back();
      told.samples = 500;
      told.permutation.emplace();
      told.permutation->rank_ic = 0.02;
      told.permutation->sessions = 20;
      for (std::size_t i = 0; i < fold.importance.size(); ++i) {
        const auto& [name, importance] = fold.importance[i];
        const double size = importance * (0.8 + 0.4 * random.uniform()) / 5000.0;
        told.contributions.push_back({name, size, i % 3 == 1 ? -0.8 : i % 5 == 0 ? 0.1 : 0.7});
        if (i >= 9) continue;
        told.permutation->features.push_back({name, 0.4 * size + 0.001 * random.normal(), 0.0008});
        PartialDependence curve{name, {}, {}, 0.001};
        for (int point = -2; point <= 2; ++point) {
          curve.values.push_back(point);
          curve.scores.push_back(0.001 + (i % 3 == 1 ? -0.6 : 0.6) * size * point + 0.0002 * random.normal());
        }
        told.dependence.push_back(curve);
      }
    }
  }

  static std::vector<std::string> made_up_sectors() {
    std::vector<std::string> sectors;
    for (std::size_t i = 0; i < kNames; ++i) sectors.push_back(fmt::format("Sector {}", i % 6));
    return sectors;
  }

  void add_recommendations(StudyReport& report) {
    const std::vector<std::string> sectors = {
        "Industrials", "Health Care", "Information Technology", "Financials", "Consumer Discretionary",
        "Energy"};
    report.recommendations_date = dates_.back();
    for (int i = 0; i < 24; ++i) {
      Recommendation entry;
      entry.symbol = fmt::format("{}{}{}", static_cast<char>('A' + i % 26),
                                 static_cast<char>('A' + (i * 7) % 26), i % 4 == 0 ? "X" : "");
      entry.sector = sectors[static_cast<std::size_t>(i) % sectors.size()];
      entry.rank = i + 1;
      entry.score = 1.9 - 0.06 * i;
      entry.weight = i < 22 ? 1.0 / 22 : 0.0;
      entry.change = i % 7 == 0 ? entry.weight : i >= 22 ? -1.0 / 22 : 0.0004 * (i % 3 - 1);
      report.recommendations.push_back(entry);
    }
    double share = 0.26;
    for (const std::string& sector : sectors) {
      report.sectors.push_back({sector, share, 1.0 / 6});
      share -= 0.037;
    }
  }

  void add_data(StudyReport& report) {
    DataQualityReport data;
    data.source = "prices.parquet";
    data.rows_read = 470242;
    data.rows_good = 470238;
    data.quarantined = {{"duplicate date and symbol, the last row was kept", 3}, {"high below low", 1}};
    data.first_date = make_date(2015, 1, 12);
    data.last_date = dates_.back();
    data.sessions = 999;
    data.instruments = 478;
    data.missing_sessions = {make_date(2018, 12, 5)};
    data.halted_cells = 27;
    data.ignored_columns = {"currency", "exchange"};
    data.notes = {
        "The universe is what the file holds: names that left the market before its first day are not in it, "
        "so absolute returns are too good."};
    report.data = data;
    report.delistings = {{"closed at the last price", 0.081, 0.62, -0.184},
                         {"-30 % on the last price", 0.068, 0.53, -0.191}};
  }

  Random random_{20170703};
  std::vector<Date> dates_;
  Panel closes_{kSessions, kNames};
  Panel returns_{kSessions, kNames};
  Panel scores_{kSessions, kNames};
};

}  // namespace orrery::testing
