#include "orrery/app/explain_decision.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "orrery/app/decision_contributions.h"
#include "orrery/app/study_members.h"
#include "orrery/app/universe.h"
#include "orrery/base/error.h"
#include "orrery/data/membership.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

/// What is asked about, on the market's axes.
struct Cell {
  const MarketData& market;
  std::size_t row = 0;
  std::size_t instrument = 0;

  Date date() const { return market.dates[row]; }
  const std::string& symbol() const { return market.symbols[instrument]; }
  bool has_bar() const { return market.present(row, instrument) != 0; }
};

std::string after_close(Date date) { return "after the close of " + to_string(date); }

void add_bar(const std::map<std::string, Panel, std::less<>>& panels, const Cell& cell,
             DecisionStage& stage) {
  for (const char* name : {"open", "high", "low", "close", "volume"}) {
    const auto found = panels.find(name);
    if (found != panels.end()) stage.facts.push_back({name, found->second(cell.row, cell.instrument)});
  }
}

std::string say_no_bar(const Cell& cell) {
  const auto& market = cell.market;
  const int first = market.first_row[cell.instrument];
  const int last = market.last_row[cell.instrument];
  const auto row = static_cast<int>(cell.row);
  if (first < 0) return "There is no good bar of this symbol at all.";
  const auto date = [&](int at) { return to_string(market.dates[static_cast<std::size_t>(at)]); };
  if (row < first) return fmt::format("No bar: its first one is on {}.", date(first));
  if (row > last) return fmt::format("No bar: its last one was on {}.", date(last));
  return "No bar on this session, though there are some before and after: halted, missing in the file, or "
         "quarantined.";
}

DecisionStage raw_stage(const Cell& cell) {
  DecisionStage stage{"raw bar", after_close(cell.date()), {}, {}};
  if (!cell.has_bar()) {
    stage.sentences.push_back(say_no_bar(cell));
    return stage;
  }
  add_bar(cell.market.raw, cell, stage);
  return stage;
}

DecisionStage adjusted_stage(const Cell& cell) {
  DecisionStage stage{"adjusted bar", after_close(cell.date()), {}, {}};
  if (!cell.has_bar()) return stage;
  add_bar(cell.market.fields, cell, stage);
  const double factor = cell.market.field("close")(cell.row, cell.instrument) /
                        cell.market.raw_field("close")(cell.row, cell.instrument);
  stage.facts.push_back({"adjusted / raw", factor});
  const double dividend = cell.market.dividend(cell.row, cell.instrument);
  const double split = cell.market.split_ratio(cell.row, cell.instrument);
  if (dividend != 0.0)
    stage.sentences.push_back(
        fmt::format("It went ex a dividend of {:.6g} a share on this session.", dividend));
  if (split != 1.0)
    stage.sentences.push_back(fmt::format("A split of {:.6g} for 1 took effect on this session.", split));
  return stage;
}

/// Each rule alone, so that the one that leaves the cell out can be named.
std::vector<std::string> broken_rules(const Study& study, const Cell& cell) {
  std::vector<std::string> broken;
  const auto test = [&](const UniverseRules& rules, const MaskPanel* member, const std::string& sentence) {
    if (eligible_cells(cell.market, rules, member)(cell.row, cell.instrument) == 0)
      broken.push_back(sentence);
  };
  const auto& rules = study.universe;
  UniverseRules alone;
  alone.include_halted = rules.include_halted;
  alone.min_history = rules.min_history;
  test(alone, nullptr,
       fmt::format("It has had fewer than universe.min_history = {} bars.", rules.min_history));
  alone.min_history = 0;
  alone.min_price = rules.min_price;
  test(alone, nullptr, fmt::format("Its raw close is below universe.min_price = {:g}.", rules.min_price));
  alone.min_price = 0.0;
  alone.min_dollar_volume = rules.min_dollar_volume;
  test(alone, nullptr,
       fmt::format("Its mean traded value over 20 sessions is below universe.min_dollar_volume = {:g}.",
                   rules.min_dollar_volume));
  alone.min_dollar_volume = 0.0;
  const auto members = universe_members(study);
  if (members.source.empty()) return broken;
  const auto membership = membership_mask(members.intervals, cell.market);
  test(alone, &membership.member, "It was no member by universe.membership.");
  return broken;
}

DecisionStage universe_stage(const Study& study, const MaskPanel& universe, const Cell& cell) {
  DecisionStage stage{"universe", after_close(cell.date()), {}, {}};
  const bool eligible = universe(cell.row, cell.instrument) != 0;
  stage.facts.push_back({"eligible", eligible ? "yes" : "no"});
  if (eligible) return stage;
  if (!cell.has_bar() && !study.universe.include_halted) {
    stage.sentences.push_back("Not in the universe: it has no bar.");
    return stage;
  }
  for (const auto& rule : broken_rules(study, cell))
    stage.sentences.push_back("Not in the universe. " + rule);
  return stage;
}

/// The fold that tested the date; nothing outside all test spans.
std::optional<std::size_t> fold_of(const StoredRun& run, Date date) {
  for (std::size_t i = 0; i < run.tests.size(); ++i) {
    if (run.tests[i].first <= date && date <= run.tests[i].second) return i;
  }
  return std::nullopt;
}

/// The names of a fold's features, most important first; empty where the run did not keep it.
std::vector<std::pair<std::string, double>> fold_importance(const StoredRun& run,
                                                            std::optional<std::size_t> fold) {
  std::vector<std::pair<std::string, double>> order;
  if (!fold) return order;
  const auto file = run.folder / "models" / fmt::format("fold_{}", *fold + 1) / "importance.parquet";
  if (!std::filesystem::exists(file)) return order;
  const Table table = read_parquet(file);
  const auto gains = numbers_of(table.column("gain"));
  for (std::size_t i = 0; i < gains.size(); ++i)
    order.emplace_back(text_at(table.column("feature"), i), gains[i]);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return order;
}

std::vector<std::string> names_by_importance(const StoredRun& run, const FactorFrame& factors, Date date) {
  std::vector<std::string> names;
  for (const auto& [name, gain] : fold_importance(run, fold_of(run, date))) names.push_back(name);
  for (const auto& name : factors.names) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

DecisionStage factor_stage(const StoredRun& run, const FactorFrame* computed, const Cell& cell,
                           const ExplainOptions& options) {
  DecisionStage stage{"factors", after_close(cell.date()), {}, {}};
  if (computed == nullptr) {
    stage.sentences.push_back("The scores of this run were made elsewhere; it has no factors.");
    return stage;
  }
  const FactorFrame& factors = *computed;
  const auto names = names_by_importance(run, factors, cell.date());
  const std::size_t shown = options.factors == 0 ? names.size() : std::min(options.factors, names.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const auto found = std::find(factors.names.begin(), factors.names.end(), names[i]);
    if (found == factors.names.end()) continue;
    const auto column = static_cast<std::size_t>(found - factors.names.begin());
    stage.facts.push_back({names[i], static_cast<double>(factors.panels[column](cell.row, cell.instrument))});
  }
  const bool weighed = fold_of(run, cell.date()).has_value();
  stage.sentences.push_back(
      shown == names.size()
          ? "Before preprocessing."
          : fmt::format("The {} {} of {}, before preprocessing; orrery why --all shows every one.", shown,
                        weighed ? "most important" : "first", names.size()));
  return stage;
}

/// A run's table with the rows of one date, or of one date and symbol.
class DayTable {
 public:
  DayTable(const StoredRun& run, const std::string& name)
      : table_(read_parquet(run.folder / name)), dates_(dates_of(table_.column("date"))) {}

  std::vector<std::size_t> rows(Date date) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < dates_.size(); ++i) {
      if (dates_[i] == date) found.push_back(i);
    }
    return found;
  }
  std::vector<std::size_t> rows(Date date, const std::string& symbol) const {
    auto found = rows(date);
    std::erase_if(found, [&](std::size_t i) { return text_at(table_.column("symbol"), i) != symbol; });
    return found;
  }
  std::vector<double> numbers(const std::string& column) const { return numbers_of(table_.column(column)); }
  double number(const std::string& column, std::size_t row) const { return numbers(column)[row]; }
  const std::string& text(const std::string& column, std::size_t row) const {
    return text_at(table_.column(column), row);
  }

 private:
  Table table_;
  const std::vector<Date>& dates_;
};

DecisionStage score_stage(const StoredRun& run, const Cell& cell) {
  DecisionStage stage{"score", after_close(cell.date()), {}, {}};
  const DayTable table(run, "predictions.parquet");
  const auto own = table.rows(cell.date(), cell.symbol());
  const auto day = table.rows(cell.date());
  if (own.empty() || std::isnan(table.number("score", own.front()))) {
    stage.sentences.push_back(
        day.empty() ? fmt::format("No score: no name has one on this session; the run tests {} to {}.",
                                  to_string(run.key.test_first), to_string(run.key.test_last))
                    : "No score: it is not in the universe on this session.");
    return stage;
  }
  const auto scores = table.numbers("score");
  const double score = scores[own.front()];
  double above = 0.0;
  for (const std::size_t i : day) above += scores[i] > score ? 1.0 : 0.0;
  stage.facts = {{"score", score}, {"rank", above + 1.0}, {"names scored", static_cast<double>(day.size())}};
  if (const auto fold = fold_of(run, cell.date())) {
    stage.facts.push_back({"fold", static_cast<double>(*fold + 1)});
    stage.sentences.push_back(
        fmt::format("By the model of fold {}, which was trained on labels that were complete before {}.",
                    *fold + 1, to_string(run.tests[*fold].first)));
  }
  return stage;
}

DecisionStage weight_stage(const StoredRun& run, const Cell& cell) {
  DecisionStage stage{"target weight", after_close(cell.date()), {}, {}};
  const DayTable table(run, "weights.parquet");
  const auto own = table.rows(cell.date(), cell.symbol());
  if (!own.empty()) {
    stage.facts = {{"weight", table.number("weight", own.front())}};
    const auto& reason = table.text("reason", own.front());
    if (!reason.empty()) stage.facts.push_back({"reason", reason});
    return stage;
  }
  stage.sentences.push_back(table.rows(cell.date()).empty()
                                ? "No targets were set after this session."
                                : "Not among the targets: the strategy did not choose it.");
  return stage;
}

double held_after(const DayTable& positions, Date date, const std::string& symbol) {
  const auto own = positions.rows(date, symbol);
  return own.empty() ? 0.0 : positions.number("quantity", own.front());
}

/// The session at which a decision is filled; nothing when the data ends before.
std::optional<Date> fill_date(const Study& study, const Cell& cell) {
  const std::size_t row = cell.row + static_cast<std::size_t>(study.backtest.delay);
  if (row >= cell.market.rows()) return std::nullopt;
  return cell.market.dates[row];
}

std::string say_unfilled(const std::string& reason) {
  if (reason == "halted") return "it had no bar on the session of the fill";
  if (reason == "average_volume")
    return "it was cut to execution.max_volume_share of the average volume before";
  if (reason == "bar_volume") return "it was cut to execution.max_bar_share of the bar's own volume";
  if (reason == "cash") return "the cash did not suffice";
  if (reason == "price") return "the market did not come to the order's price";
  if (reason == "below_lot") return "what was left was less than one share";
  return reason;
}

/// Why nothing was ordered.
std::string say_no_order(const StoredRun& run, const Cell& cell) {
  const DayTable weights(run, "weights.parquet");
  if (weights.rows(cell.date()).empty()) return "No order: nothing was decided after this session.";
  if (weights.rows(cell.date(), cell.symbol()).empty()) return "No order: it was not among the targets.";
  return "No order: the target asked for no change of what was held.";
}

DecisionStage order_stage(const StoredRun& run, const Cell& cell, std::optional<Date> fill) {
  DecisionStage stage{"order", after_close(cell.date()), {}, {}};
  const DayTable positions(run, "positions.parquet");
  stage.facts.push_back({"held after the close", held_after(positions, cell.date(), cell.symbol())});
  if (!fill) {
    stage.sentences.push_back("The data ends before an order could be filled.");
    return stage;
  }
  const DayTable trades(run, "trades.parquet");
  const DayTable unfilled(run, "unfilled.parquet");
  double ordered = 0.0;
  for (const std::size_t i : trades.rows(*fill, cell.symbol())) {
    if (trades.text("kind", i) != "trade") continue;
    stage.facts.push_back({"side", trades.text("side", i)});
    ordered += trades.number("quantity", i);
  }
  for (const std::size_t i : unfilled.rows(*fill, cell.symbol())) {
    if (ordered == 0.0) stage.facts.push_back({"side", unfilled.text("side", i)});
    ordered += unfilled.number("quantity", i);
  }
  if (ordered > 0.0) {
    stage.facts.push_back({"shares ordered", ordered});
  } else {
    stage.sentences.push_back(say_no_order(run, cell));
  }
  return stage;
}

DecisionStage fill_stage(const StoredRun& run, const Study& study, const Cell& cell, Date fill) {
  const char* price = study.backtest.price == FillPrice::kOpen ? "at the open of " : "at the close of ";
  DecisionStage stage{"fill", price + to_string(fill), {}, {}};
  const DayTable trades(run, "trades.parquet");
  for (const std::size_t i : trades.rows(fill, cell.symbol())) {
    const auto& kind = trades.text("kind", i);
    if (kind != "trade") {
      stage.sentences.push_back(
          fmt::format("On the same session the books have a {} of {:.6g}.", kind, trades.number("value", i)));
      continue;
    }
    for (const char* column : {"quantity", "price", "value", "commission", "slippage"})
      stage.facts.push_back({column, trades.number(column, i)});
  }
  const DayTable unfilled(run, "unfilled.parquet");
  for (const std::size_t i : unfilled.rows(fill, cell.symbol())) {
    stage.sentences.push_back(fmt::format("Not filled: {:.6g} shares, because {}.",
                                          unfilled.number("quantity", i),
                                          say_unfilled(unfilled.text("reason", i))));
  }
  if (stage.facts.empty() && stage.sentences.empty()) stage.sentences.push_back("Nothing was to be filled.");
  stage.facts.push_back(
      {"held after it", held_after(DayTable(run, "positions.parquet"), fill, cell.symbol())});
  return stage;
}

}  // namespace

DecisionExplanation explain_decision(const StoredRun& run, const std::string& symbol, Date date,
                                     const Plugins& plugins, const ExplainOptions& options,
                                     Progress& progress) {
  return explain_decision(RunMarket(run, plugins, options.threads, progress), symbol, date, plugins, options);
}

DecisionExplanation explain_decision(const RunMarket& again, const std::string& symbol, Date date,
                                     const Plugins& plugins, const ExplainOptions& options) {
  const StoredRun& run = again.run();
  const Study& study = again.study();
  const MaskPanel& universe = again.universe();
  const std::size_t instrument = again.instrument(symbol);
  const Cell cell{again.market(), again.row(date), instrument};
  const auto fill = fill_date(study, cell);
  const FactorFrame* factors = again.factors();
  DecisionExplanation explanation{symbol, date, run.folder.filename().string(), run.banner, {}};
  explanation.stages = {raw_stage(cell), adjusted_stage(cell), universe_stage(study, universe, cell),
                        factor_stage(run, factors, cell, options), score_stage(run, cell)};
  const auto fold = fold_of(run, date);
  if (fold && factors != nullptr && universe(cell.row, cell.instrument) != 0) {
    const ScoredCell scored{cell.market, *factors, universe, cell.row, cell.instrument, *fold};
    explanation.stages.push_back(contributions_stage(run, study, scored, plugins, options));
  }
  explanation.stages.push_back(weight_stage(run, cell));
  explanation.stages.push_back(order_stage(run, cell, fill));
  if (fill) explanation.stages.push_back(fill_stage(run, study, cell, *fill));
  return explanation;
}

std::string explanation_json(const DecisionExplanation& explanation) {
  using Json = nlohmann::ordered_json;
  Json json = {{"symbol", explanation.symbol},
               {"date", to_string(explanation.date)},
               {"run", explanation.run},
               {"banner", explanation.banner},
               {"stages", Json::array()}};
  for (const auto& stage : explanation.stages) {
    Json facts = Json::object();
    for (const auto& fact : stage.facts) {
      if (const auto* number = std::get_if<double>(&fact.value)) {
        facts[fact.name] = std::isfinite(*number) ? Json(*number) : Json();
      } else {
        facts[fact.name] = std::get<std::string>(fact.value);
      }
    }
    json["stages"].push_back(
        {{"name", stage.name}, {"known", stage.known}, {"facts", facts}, {"sentences", stage.sentences}});
  }
  return json.dump(1) + "\n";
}

}  // namespace orrery
