#include "orrery/app/factor_tables.h"

#include <fmt/format.h>

#include <cmath>

namespace orrery {
namespace {

std::string cell(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

std::string cell(std::size_t value) { return fmt::format("{}", value); }

/// Quoted where a comma, a quote or a line's end asks for it (RFC 4180).
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted(1, '"');
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  quoted.push_back('"');
  return quoted;
}

/// Adds a cell to a line that has some.
template <class Value>
void append_cell(std::string& text, const Value& value) {
  text.push_back(',');
  text.append(cell(value));
}

template <class... Cells>
std::string line(const std::string& first, const Cells&... cells) {
  std::string text = cell(first);
  (append_cell(text, cells), ...);
  text.push_back('\n');
  return text;
}

const FactorHorizon& primary_of(const FactorReport& report, std::size_t factor) {
  return report.evaluation.factors[factor].horizons[report.evaluation.primary()];
}

}  // namespace

std::string ranking_csv(const FactorReport& report) {
  std::string text =
      "factor,rank_ic,rank_ic_t,p_value,q_value,rank_icir,ic,ic_t,long_short,long_short_t,long_short_net,"
      "break_even_bps,turnover,autocorrelation,half_life,coverage,resembles,correlation,expression\n";
  const auto& ranking = report.ranking;
  for (const std::size_t f : ranking.order) {
    const auto& factor = report.evaluation.factors[f];
    const auto& at = primary_of(report, f);
    const auto& resembled = ranking.resembles[f];
    text += line(factor.name, at.rank_ic.mean, ranking.t[f], ranking.p_values[f], ranking.q_values[f],
                 at.rank_ic.icir, at.ic.mean, at.ic.newey_west_t, at.long_short.gross.mean,
                 at.long_short.gross.t, at.long_short.net_mean, at.long_short.break_even_bps,
                 0.5 * (at.quantiles.turnover.front() + at.quantiles.turnover.back()), at.autocorrelation,
                 factor.decay.half_life, factor.coverage,
                 resembled ? report.evaluation.factors[resembled->factor].name : std::string(),
                 resembled ? resembled->correlation : DailyMean::kMissing, report.labels[f].expression);
  }
  return text;
}

std::string horizons_csv(const FactorReport& report) {
  const auto quantiles = static_cast<std::size_t>(report.evaluation.spec.quantiles);
  std::string text =
      "factor,sessions,days,ic,ic_t,icir,rank_ic,rank_ic_t,rank_icir,positive_share,newey_west_lag,long_"
      "short,"
      "long_short_t,long_short_net,break_even_bps,monotonicity,autocorrelation";
  const auto& first = report.evaluation.factors.front().horizons.front();
  for (const auto& neutral : first.neutral) {
    text += fmt::format(",rank_ic_{0}_neutral,rank_ic_{0}_neutral_t", to_string(neutral.of));
  }
  for (std::size_t q = 1; q <= quantiles; ++q) text += fmt::format(",mean_{0},excess_{0},turnover_{0}", q);
  text += '\n';
  for (const std::size_t f : report.ranking.order) {
    for (const auto& at : report.evaluation.factors[f].horizons) {
      std::string row = line(report.evaluation.factors[f].name, static_cast<std::size_t>(at.sessions),
                             at.rank_ic.days, at.ic.mean, at.ic.newey_west_t, at.ic.icir, at.rank_ic.mean,
                             at.rank_ic.newey_west_t, at.rank_ic.icir, at.rank_ic.positive_share,
                             static_cast<std::size_t>(at.rank_ic.newey_west_lag), at.long_short.gross.mean,
                             at.long_short.gross.t, at.long_short.net_mean, at.long_short.break_even_bps,
                             at.quantiles.monotonicity, at.autocorrelation);
      row.pop_back();
      for (const auto& neutral : at.neutral) {
        append_cell(row, neutral.rank_ic.mean);
        append_cell(row, neutral.rank_ic.newey_west_t);
      }
      for (std::size_t q = 0; q < quantiles; ++q) {
        append_cell(row, at.quantiles.mean[q]);
        append_cell(row, at.quantiles.excess[q]);
        append_cell(row, at.quantiles.turnover[q]);
      }
      text.append(row).push_back('\n');
    }
  }
  return text;
}

std::string decay_csv(const FactorReport& report) {
  std::string text = "factor,session,rank_ic\n";
  for (const std::size_t f : report.ranking.order) {
    const auto& factor = report.evaluation.factors[f];
    for (std::size_t k = 0; k < factor.decay.rank_ic.size(); ++k) {
      text += line(factor.name, k + 1, factor.decay.rank_ic[k]);
    }
  }
  return text;
}

std::string by_time_csv(const FactorReport& report) {
  std::string text = "factor,slice,days,rank_ic,rank_ic_t\n";
  for (const std::size_t f : report.ranking.order) {
    std::size_t at = 0;
    for (const auto& group : report.groups) {
      for (const auto& slice : group.slices) {
        const SliceMean& found = report.slices[f][at++];
        text += line(report.evaluation.factors[f].name, slice.key, found.days, found.mean, found.t);
      }
    }
  }
  return text;
}

std::string correlations_csv(const FactorReport& report) {
  const auto& factors = report.evaluation.factors;
  std::string text = "factor";
  for (const auto& factor : factors) append_cell(text, factor.name);
  text.push_back('\n');
  for (std::size_t f = 0; f < factors.size(); ++f) {
    text += cell(factors[f].name);
    for (std::size_t g = 0; g < factors.size(); ++g) append_cell(text, report.evaluation.correlations(f, g));
    text.push_back('\n');
  }
  return text;
}

Table daily_table(const FactorEvaluation& evaluation) {
  std::vector<Date> dates;
  DictionaryStrings names;
  std::vector<std::int64_t> horizons;
  std::vector<double> ic;
  std::vector<double> rank_ic;
  std::vector<double> long_short;
  for (const auto& factor : evaluation.factors) {
    const auto code = static_cast<std::int32_t>(names.dictionary.size());
    names.dictionary.push_back(factor.name);
    for (const auto& at : factor.horizons) {
      dates.insert(dates.end(), evaluation.dates.begin(), evaluation.dates.end());
      names.codes.insert(names.codes.end(), evaluation.dates.size(), code);
      horizons.insert(horizons.end(), evaluation.dates.size(), at.sessions);
      ic.insert(ic.end(), at.ic.daily.begin(), at.ic.daily.end());
      rank_ic.insert(rank_ic.end(), at.rank_ic.daily.begin(), at.rank_ic.daily.end());
      long_short.insert(long_short.end(), at.long_short.daily.begin(), at.long_short.daily.end());
    }
  }
  return {{{"date", dates},
           {"factor", names},
           {"horizon", horizons},
           {"ic", ic},
           {"rank_ic", rank_ic},
           {"long_short", long_short}}};
}

}  // namespace orrery
