#include "orrery/report/overfitting_line.h"

#include <fmt/format.h>

#include <cmath>

#include "orrery/ml/overfitting.h"
#include "orrery/report/html.h"

namespace orrery {
namespace {

/// Of a single run one trial is known, whatever the study says was tried.
std::string say_missing(const Trust& trust) {
  if (trust.trials_with_returns >= kFewestTrialsForOverfitting)
    return fmt::format("{} trials, but too few sessions in common", trust.trials_with_returns);
  const auto said = fmt::format("{} trial{}", trust.trials, trust.trials == 1 ? "" : "s");
  const bool enough = trust.trials >= static_cast<int>(kFewestTrialsForOverfitting);
  return said + (enough ? ", whose returns this run does not have" : "");
}

}  // namespace

std::string render_overfitting(const Trust& trust) {
  const std::string name = "Probability of backtest overfitting";
  if (!std::isfinite(trust.overfitting_probability)) {
    return fmt::format("<p class=\"note\">{}: not computable: {}. At least {} are needed.</p>\n", name,
                       say_missing(trust), kFewestTrialsForOverfitting);
  }
  return fmt::format(
      "<p class=\"note\">{}: <b>{}</b>. That often the best of {} trials in one half of the sessions was "
      "below their "
      "median in the other; 50% is what choosing among noise gives.</p>\n",
      name, html::percent(trust.overfitting_probability, 0), trust.trials_with_returns);
}

}  // namespace orrery
