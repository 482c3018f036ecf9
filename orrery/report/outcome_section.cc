#include <fmt/format.h>

#include "orrery/report/html.h"
#include "orrery/report/sections.h"

namespace orrery {

std::string render_outcomes(const OutcomePaths& outcomes) {
  if (outcomes.draws == 0) return {};
  using html::percent;
  html::Figure figure;
  figure.name = "outcome-fan";
  figure.title = fmt::format("{} sessions like those that were traded, net", outcomes.sessions);
  figure.label = fmt::format("Fan chart of what {} sessions could bring: {} to {} in nine of ten paths.",
                             outcomes.sessions, percent(outcomes.low.back()), percent(outcomes.high.back()));
  figure.caption = fmt::format(
      "{} paths put together from blocks of the traded sessions' net returns, {:.1f} sessions long on "
      "average "
      "(stationary bootstrap). Along: sessions from the start. Line: the median; dark: half of the paths; "
      "pale: nine of ten. A mean that was "
      "luck "
      "is repeated in all of them, and no day is worse than the worst that was traded.",
      html::count(static_cast<std::size_t>(outcomes.draws)), outcomes.block_length);
  const std::string said = fmt::format(
      "Half of the paths end above {}; one in twenty ends below {}, one in twenty above {}. {} end with a "
      "loss. "
      "Half fall by {} or more on the way, one in twenty by {} or more.",
      percent(outcomes.median.back()), percent(outcomes.low.back()), percent(outcomes.high.back()),
      percent(outcomes.loss_probability, 0), percent(outcomes.fall_median), percent(outcomes.fall_high));
  return html::section("outcomes", "What a year could bring", said, html::figure(figure));
}

}  // namespace orrery
