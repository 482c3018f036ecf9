#include <algorithm>
#include <cctype>

#include "orrery/base/statistics.h"
#include "orrery/report/metric_definition.h"
#include "orrery/report/metric_parts.h"

namespace orrery {
namespace {

using Sources = ReturnSources;

constexpr std::string_view kHac = "statsmodels OLS, cov_type=HAC; Newey and West (1987, 1994)";
constexpr std::string_view kImpact =
    "Grinold and Kahn (2000), ch. 16; Almgren et al. (2005); Tóth et al. (2011)";

double mean_of(const std::vector<double>& values) { return mean(drop_missing(values)); }

/// The regression on the file, or one of nothing.
const FactorRegression& on_factors(const Sources& sources) {
  static const FactorRegression kNone;
  return sources.attribution.factors ? *sources.attribution.factors : kNone;
}

const MetricDefinition<Sources> kSources[] = {
    {"universe_r_squared", "fraction",
     "Share of the variance of net return over cash that a constant and the equal-weight universe over cash "
     "explain.",
     kHac, [](const Sources& s) -> MetricValue { return s.attribution.universe.r_squared; }},
    {"universe_residual_volatility", "fraction a year",
     "Standard deviation (n - 2) of what they leave × sqrt(periods_per_year). Alpha and beta: `alpha`, "
     "`alpha_t`, "
     "`beta`.",
     kHac, [](const Sources& s) -> MetricValue { return s.attribution.universe.residual_volatility; }},
    {"factor_alpha", "fraction a year",
     "(1 + a)^periods_per_year - 1, a the constant in net - cash = a + the sum of beta × factor over all "
     "factors of the "
     "file; cash is the file's RF where it has one. Null without a file, or when too little of it overlaps.",
     kHac, [](const Sources& s) -> MetricValue { return on_factors(s).alpha; }},
    {"factor_alpha_t", "standard errors", "Newey-West t of that constant.", kHac,
     [](const Sources& s) -> MetricValue { return on_factors(s).alpha_t; }},
    {"factor_r_squared", "fraction", "R² of that regression.", kHac,
     [](const Sources& s) -> MetricValue { return on_factors(s).r_squared; }},
    {"factor_residual_volatility", "fraction a year", "Its residual volatility.", kHac,
     [](const Sources& s) -> MetricValue { return on_factors(s).residual_volatility; }},
    {"factor_periods", "sessions or months", "Periods of the run that the file has with every factor.", kOwn,
     [](const Sources& s) -> MetricValue {
       return static_cast<std::int64_t>(s.attribution.overlap ? s.attribution.overlap->common : 0);
     }},
    {"exposure_beta", "ratio",
     "Mean over the sessions of the weighted trailing beta (252 sessions, to the equal-weight universe) of "
     "the "
     "holdings.",
     kOwn, [](const Sources& s) -> MetricValue { return mean_of(s.exposure.beta); }},
    {"exposure_size", "standard deviations",
     "Mean over the sessions of the weighted size score of the holdings: z-score of the logarithm of 20 "
     "sessions' "
     "traded value among the day's names; the universe's is 0.",
     kOwn, [](const Sources& s) -> MetricValue { return mean_of(s.exposure.size); }},
    {"impact_coefficient", "",
     "Coefficient c of impact = c × daily volatility × sqrt(trade value / daily value).", kImpact,
     [](const Sources& s) -> MetricValue { return s.capacity.impact_coefficient; }},
    {"capacity_half_sharpe", "currency",
     "Assets under management at which impact leaves half of the net Sharpe ratio; null when it isn't "
     "positive, or no "
     "amount does.",
     kImpact, [](const Sources& s) -> MetricValue { return s.capacity.assets_at_half_sharpe; }},
    {"capacity_no_excess", "currency",
     "Assets at which impact leaves the annual return of the equal-weight universe; null when it wasn't "
     "above it, or no "
     "amount does.",
     kImpact, [](const Sources& s) -> MetricValue { return s.capacity.assets_at_no_excess; }},
};

/// "Mkt-RF" → "mkt_rf": letters and digits, the rest underscores.
std::string key_of(std::string name) {
  for (char& c : name) {
    const auto letter = static_cast<unsigned char>(c);
    c = std::isalnum(letter) != 0 ? static_cast<char>(std::tolower(letter)) : '_';
  }
  return name;
}

}  // namespace

void append_source_metrics(const ReturnSources& sources, std::vector<Metric>& metrics) {
  append_metrics(kSources, &sources, metrics);
  for (const FactorLoading& loading : on_factors(sources).loadings) {
    const auto key = "factor_beta_" + key_of(loading.factor);
    metrics.push_back({key, loading.beta, "ratio", "Coefficient of that factor of the file.", kHac});
    metrics.push_back({key + "_t", loading.t, "standard errors", "Its Newey-West t.", kHac});
  }
  for (const CapacityPoint& point : sources.capacity.points) {
    metrics.push_back({fmt::format("sharpe_at_assets_{:.0f}_million", point.assets / 1e6), point.sharpe,
                       "per root year", "Net Sharpe ratio after impact at these assets under management.",
                       kImpact});
  }
}

void append_source_reference(std::string& page) {
  append_reference(page, "Attribution, exposure and capacity", kSources);
  page +=
      "\nFor each factor of the file there are also `factor_beta_name` and `factor_beta_name_t`, for each "
      "amount of\n"
      "assets under management from 1 million to 10 billion `sharpe_at_assets_n_million`.\n";
}

}  // namespace orrery
