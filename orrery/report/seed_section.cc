#include "orrery/report/seed_section.h"

#include <fmt/format.h>

#include "orrery/report/html.h"

namespace orrery {
namespace {

using html::number;
using html::signed_percent;
using html::TableCell;
using Row = std::vector<TableCell>;

Row result_row(const SeedResult& result, bool own) {
  const auto name = fmt::format("Seed {}", result.seed);
  return {{own ? fmt::format("<b>{}, this run</b>", name) : name},
          {number(result.ic_mean, 4)},
          {number(result.rank_ic_mean, 4)},
          {signed_percent(result.annual_return)},
          {number(result.sharpe, 2)}};
}

Row range_row(const SeedSpread& spread) {
  return {{"Standard deviation"},
          {number(seed_range(spread, &SeedResult::ic_mean).deviation, 4)},
          {number(seed_range(spread, &SeedResult::rank_ic_mean).deviation, 4)},
          {html::percent(seed_range(spread, &SeedResult::annual_return).deviation)},
          {number(seed_range(spread, &SeedResult::sharpe).deviation, 2)}};
}

}  // namespace

std::string render_seeds(const SeedSpread& spread) {
  if (!spread.model_depends_on_seed) {
    return "<p class=\"note\">The model does not depend on its seed: fitted with another one, it gave the "
           "same "
           "scores.</p>\n";
  }
  if (spread.results.size() < 2) return {};
  std::vector<Row> rows;
  for (std::size_t i = 0; i < spread.results.size(); ++i)
    rows.push_back(result_row(spread.results[i], i == 0));
  rows.push_back(range_row(spread));
  const SeedRange sharpe = seed_range(spread, &SeedResult::sharpe);
  return "<figure><h3>The same study with other seeds</h3>" +
         html::table("Results by the model's seed",
                     {{"Model fitted with"}, {"IC"}, {"Rank IC"}, {"Annual return"}, {"Sharpe ratio"}},
                     rows) +
         fmt::format(
             "<figcaption>The model's own chance: everything else is the same. The Sharpe ratio lies between "
             "{} and "
             "{}; a difference to another model that is within this spread is none. Seeds are no trials, "
             "nothing "
             "was chosen among them.</figcaption></figure>\n",
             number(sharpe.lowest, 2), number(sharpe.highest, 2));
}

}  // namespace orrery
