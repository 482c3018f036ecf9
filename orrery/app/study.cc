#include "orrery/app/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>
#include <iostream>
#include <iterator>

#include "orrery/app/fold_intervals.h"
#include "orrery/app/monitor_thresholds.h"
#include "orrery/app/parse_at.h"
#include "orrery/app/score_deviations.h"
#include "orrery/app/study_checks.h"
#include "orrery/app/study_data.h"
#include "orrery/app/study_execution.h"
#include "orrery/app/study_explanation.h"
#include "orrery/app/study_financing.h"
#include "orrery/app/study_label.h"
#include "orrery/app/study_model.h"
#include "orrery/app/study_regimes.h"
#include "orrery/app/study_risk.h"
#include "orrery/app/study_robustness.h"
#include "orrery/app/study_strategy.h"
#include "orrery/app/study_tuning.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"

namespace orrery {
namespace {

constexpr int kDefaultSeeds = 5;

void read_data(ConfigReader reader, Study& study) {
  read_price_place(reader, study);
  study.data.renames = reader.path("renames");
  if (study.lake && !study.data.renames.empty()) {
    reader.problem("renames", "belongs to data from files; a lake knows its own, as actions `rename`");
  }
  study.data.sectors = reader.path("sectors");
  study.data.delistings = reader.path("delistings");
  study.data.series = reader.paths("series");
  read_currencies(reader, study);
  read_members(reader, "index_membership", study, study.index_membership, study.lake_index_membership);
  study.data.calendar = reader.text("calendar", "XNYS");
  parse_at(reader, "calendar", [&] {
    if (study.data.calendar != "file") find_calendar(study.data.calendar);
  });
  study.data.keep_impossible_bars = reader.boolean("keep_impossible_bars", false);
  study.data.adjustment = parse_adjustment(reader.text("adjustment", "forward", adjustment_names()));
}

void read_universe(ConfigReader reader, Study& study) {
  study.universe.min_history = static_cast<int>(reader.integer("min_history", 0, 0));
  study.universe.min_price = reader.number("min_price", 0.0, 0.0);
  study.universe.min_dollar_volume = reader.number("min_dollar_volume", 0.0, 0.0);
  study.universe.include_halted = reader.boolean("include_halted", false);
  read_members(reader, "membership", study, study.universe.membership, study.universe.lake_membership);
}

void read_factor_set(ConfigReader& reader, Study& study) {
  study.factors.set = reader.text("set", "");
  if (study.factors.set.empty()) return;
  parse_at(reader, "set", [&] { study.factors.definitions = factor_set(study.factors.set); });
}

/// Checks one expression; the field names are only known once the data is read, so any field passes here.
void check_expression(const FactorDefinition& definition, bool allow_future) {
  const auto span = expression_span(definition.name, definition.expression);
  if (span.look_ahead_rows > 0 && !allow_future) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("factor '{}' reads {} sessions into the future; only a label may: {}",
                                 definition.name, span.look_ahead_rows, definition.expression));
  }
}

void read_extra_factors(ConfigReader reader, const ConfigNode* node, Study& study, ConfigProblems& problems) {
  if (node == nullptr || node->kind != ConfigNode::Kind::kMapping) return;
  for (const auto& [name, value] : node->entries) {
    const FactorDefinition definition{name, reader.text(name, "")};
    const auto same = [&, &key = name](const auto& known) { return known.name == key; };
    if (std::any_of(study.factors.definitions.begin(), study.factors.definitions.end(), same)) {
      problems.add(value.mark, reader.key_path(name), "a factor of this name is in the set already");
      continue;
    }
    parse_at(reader, name, [&] { check_expression(definition, false); });
    study.factors.definitions.push_back(definition);
  }
}

void read_factors(ConfigReader reader, Study& study, ConfigProblems& problems) {
  read_factor_set(reader, study);
  read_extra_factors(reader.section("extra"), reader.node("extra"), study, problems);
  study.factors.files = reader.paths("files");
  const auto precision = reader.text("precision", "float32", {"float32", "float64"});
  study.factors.precision = precision == "float32" ? Precision::kFloat32 : Precision::kFloat64;
  if (study.factors.definitions.empty() && study.factors.files.empty()) {
    reader.problem("set", "a study needs factors: name a set, write some under extra, or name files");
  }
}

void read_execution(ConfigReader reader, Study& study, std::string& price) {
  price = reader.text("price", "close", {"close", "open", "vwap"});
  study.backtest.price = parse_fill_price(price);
  study.backtest.delay = static_cast<int>(reader.integer("delay", 1, 1));
  study.backtest.initial_cash = reader.number("initial_cash", 1e8, 1.0);
  study.backtest.fractional = reader.boolean("fractional", true);
  if (reader.has("max_volume_share"))
    study.backtest.max_volume_share = reader.number("max_volume_share", 0.1, 0.0);
  study.backtest.max_bar_share = reader.number("max_bar_share", 1.0, 0.0);
  study.backtest.delist_after = static_cast<int>(reader.integer("delist_after", 5, 1));
  read_orders(reader, study.backtest);
}

/// `uniqueness`, or `{uniqueness: true, half_life: 250}`, or `{uniqueness: true, linear_decay: 0.5}`.
void read_weights(ConfigReader& reader, Study& study) {
  const auto* node = reader.node("weights");
  if (node != nullptr && node->kind == ConfigNode::Kind::kScalar) {
    study.weights.uniqueness = reader.text("weights", "", {"uniqueness"}) == "uniqueness";
    return;
  }
  ConfigReader weights = reader.section("weights");
  study.weights.uniqueness = weights.boolean("uniqueness", false);
  weights.node("half_life");
  if (weights.has("half_life")) study.weights.half_life = weights.number("half_life", 250.0, 1.0);
  weights.node("linear_decay");
  if (weights.has("linear_decay"))
    study.weights.linear_decay = weights.number("linear_decay", 1.0, -0.99, 1.0);
  if (study.weights.half_life && study.weights.linear_decay)
    weights.problem("linear_decay", "is another way of forgetting than half_life; give one of them");
}

/// `isotonic`, `platt`, or `{method: isotonic, share: 0.5}`.
void read_calibration(ConfigReader& reader, Study& study) {
  const auto* node = reader.node("calibration");
  if (node == nullptr) return;
  const std::vector<std::string> methods = {"isotonic", "platt"};
  CalibrationSpec spec;
  std::string method;
  if (node->kind == ConfigNode::Kind::kScalar) {
    method = reader.text("calibration", "isotonic", methods);
  } else {
    ConfigReader calibration = reader.section("calibration");
    method = calibration.text("method", "isotonic", methods);
    spec.share = calibration.number("share", spec.share, 0.05, 0.95);
  }
  spec.method = method == "platt" ? CalibrationMethod::kPlatt : CalibrationMethod::kIsotonic;
  study.calibration = spec;
}

void read_selection(ConfigReader& reader, Study& study) {
  const bool wanted = reader.has("select");
  ConfigReader section = reader.section("select");
  SelectionSpec spec;
  spec.by = section.text("by", "rank_ic", {"ic", "rank_ic"}) == "ic" ? SelectionSpec::By::kIc
                                                                     : SelectionSpec::By::kRankIc;
  spec.top = static_cast<int>(section.integer("top", spec.top, 1));
  spec.max_correlation = section.number("max_correlation", spec.max_correlation, 0.01, 1.0);
  if (wanted) study.selection = spec;
}

FeatureStep read_step(const ConfigNode& node) {
  if (node.kind == ConfigNode::Kind::kScalar) return parse_feature_step(node.scalar);
  if (node.kind == ConfigNode::Kind::kMapping && node.entries.size() == 1) {
    const auto& [name, value] = node.entries.front();
    const auto number = scalar_value(value);
    if (const auto* whole = std::get_if<std::int64_t>(&number))
      return parse_feature_step(name, static_cast<double>(*whole));
    if (const auto* real = std::get_if<double>(&number)) return parse_feature_step(name, *real);
  }
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("a step is a name or one {{name: number}}, found {}", describe(node)));
}

void read_preprocess(ConfigReader reader, Study& study, ConfigProblems& problems) {
  const auto label = reader.text("label", "none");
  parse_at(reader, "label", [&] { study.preprocess.label = parse_label_step(label); });
  const auto* features = reader.node("features");
  if (features == nullptr) return;
  if (features->kind != ConfigNode::Kind::kSequence) {
    reader.problem("features", fmt::format("must be a list of steps, found {}", describe(*features)));
    return;
  }
  for (const auto& item : features->items) {
    try {
      study.preprocess.features.push_back(read_step(item));
    } catch (const Error& error) {
      problems.add(item.mark, reader.key_path("features"), error.what());
    }
  }
}

DateRange read_range(ConfigReader& fold, std::string_view key, bool required) {
  const auto* node = fold.node(key);
  if (node == nullptr) {
    if (required) fold.problem(key, "is required and missing: [first day, last day]");
    return {{1}, {0}};
  }
  const bool pair = node->kind == ConfigNode::Kind::kSequence && node->items.size() == 2;
  const auto first = pair ? parse_date(node->items[0].scalar) : std::nullopt;
  const auto last = pair ? parse_date(node->items[1].scalar) : std::nullopt;
  if (!first || !last) {
    fold.problem(key, fmt::format("must be two days [YYYY-MM-DD, YYYY-MM-DD], found {}", describe(*node)));
    return {{1}, {0}};
  }
  if (*last < *first)
    fold.problem(key, fmt::format("ends before it begins: {} to {}", to_string(*first), to_string(*last)));
  return {*first, *last};
}

void read_folds(ConfigReader& reader, Study& study, ConfigProblems& problems) {
  const auto* folds = reader.node("folds");
  if (folds == nullptr) return;
  if (folds->kind != ConfigNode::Kind::kSequence || folds->items.empty()) {
    reader.problem("folds", "must be a list of {train: [..], valid: [..], test: [..]}");
    return;
  }
  for (std::size_t i = 0; i < folds->items.size(); ++i) {
    ConfigReader fold(&folds->items[i], fmt::format("{}[{}]", reader.key_path("folds"), i), problems);
    const auto train = read_range(fold, "train", true);
    const auto valid = read_range(fold, "valid", false);
    study.validation.folds.push_back({train, valid, read_range(fold, "test", true)});
  }
}

void read_purge(ConfigReader& reader, Study& study) {
  const auto text = reader.text("purge", "auto");
  study.validation.purge.allow_shorter = reader.boolean("allow_leak", false);
  if (text == "auto") return;
  study.validation.purge.automatic = false;
  study.validation.purge.rows = static_cast<int>(reader.integer("purge", 0, 0));
  parse_at(reader, "purge", [&] { resolve_purge(study.validation.purge, study.label.span_rows); });
}

void read_validation(ConfigReader reader, Study& study, ConfigProblems& problems) {
  read_validation_scheme(reader);
  const auto period = [&](std::string_view key, std::string_view fallback) {
    Period result;
    const auto text = reader.text(key, fallback);
    parse_at(reader, key, [&] { result = parse_period(text); });
    return result;
  };
  study.validation.train = period("train", "2y");
  study.validation.valid = period("valid", "6m");
  study.validation.test = period("test", "6m");
  read_folds(reader, study, problems);
  read_purge(reader, study);
}

/// The portfolio section holds the strategy's own settings beside its name.
void read_portfolio(ConfigReader& reader, Study& study, const Plugins& plugins, ConfigProblems& problems) {
  const auto* node = reader.node("portfolio");
  ConfigReader portfolio(node, "portfolio", problems);
  portfolio.node("sizing");
  StrategyChoice choice = read_strategy(node, portfolio, plugins);
  study.strategy = std::move(choice.name);
  study.strategy_parameters = std::move(choice.parameters);
  if (problems.empty()) study.sizing = read_sizing(portfolio, study, plugins);
}

void read_costs(ConfigReader reader, Study& study) {
  study.backtest.costs.commission_bps = reader.number("commission_bps", 5.0, 0.0);
  study.backtest.costs.slippage_bps = reader.number("slippage_bps", 5.0, 0.0);
  study.backtest.costs.min_cost = reader.number("min_cost", 0.0, 0.0);
  study.backtest.costs.exchange_bps = reader.number("exchange_bps", 0.0, 0.0);
  if (reader.has("exchange_bps") && study.data.currencies.empty()) {
    reader.problem("exchange_bps", "is what exchanging money costs; the study has no data.currencies");
  }
}

void read_comparisons(ConfigReader& reader, Study& study) {
  study.baselines = reader.boolean("baselines", true);
  const bool spreads = study.baselines && !searches_settings(study);
  study.seeds = static_cast<int>(reader.integer("seeds", spreads ? kDefaultSeeds : 1, 1));
  auto attribution = reader.section("attribution");
  study.attribution.factors = attribution.path("factors");
  const auto unit = attribution.text("unit", "auto", {"auto", "percent", "fraction"});
  study.attribution.unit = unit == "auto"      ? ReturnUnit::kAutomatic
                           : unit == "percent" ? ReturnUnit::kPercent
                                               : ReturnUnit::kFraction;
  study.impact_coefficient = reader.section("capacity").number("impact_coefficient", 1.0, 0.0);
}

void read_sections(ConfigReader& reader, Study& study, const Plugins& plugins, ConfigProblems& problems) {
  study.name = reader.required_text("name");
  read_data(reader.section("data"), study);
  read_universe(reader.section("universe"), study);
  read_factors(reader.section("factors"), study, problems);
  std::string price;
  read_execution(reader.section("execution"), study, price);
  read_label(reader.section("label"), study, price);
  read_weights(reader, study);
  read_selection(reader, study);
  read_preprocess(reader.section("preprocess"), study, problems);
  read_model(reader.section("model"), plugins, problems, study);
  read_calibration(reader, study);
  read_validation(reader.section("validation"), study, problems);
  study.robustness = read_robustness(reader);
  study.explanation = read_explanation(reader);
  read_intervals(reader.section("intervals"), study, plugins, problems);
  study.monitor = read_thresholds(reader.section("monitor"));
  study.tune = read_tuning(reader, study, plugins, problems);
  read_portfolio(reader, study, plugins, problems);
  study.regimes = read_regimes(reader, plugins, problems);
  study.backtest.ladder = read_ladder(reader.section("risk"));
  read_costs(reader.section("costs"), study);
  study.checks = read_checks(reader);
  study.compliance = read_compliance(reader, plugins.rules);
  study.backtest.order_checks =
      order_checks_of(study.checks, study.compliance, plugins.rules, study.backtest.costs);
  read_financing(reader.section("financing"), study.backtest);
  study.seed = static_cast<std::uint64_t>(reader.integer("seed", 7, 0));
  study.trials = static_cast<int>(reader.integer("trials", 1, 1));
  study.cash_rate = reader.number("cash_rate", 0.0, -0.1, 1.0);
  read_comparisons(reader, study);
}

/// A yes or no needs a model of probabilities, and such a model a yes or no.
void check_objective(Study& study, const Plugins& plugins, const ConfigNode& root, ConfigProblems& problems) {
  if (!problems.empty()) return;
  const auto task = make_model(study_model(study, plugins), study.model_parameters)->describe().task;
  if (study.label.is_event() && task != Task::kBinary) {
    problems.add(root.find("label")->mark, "label",
                 "a label of 0 and 1 (a gain, or a triple_barrier's value: profit) needs a model of "
                 "probabilities: logistic, or model.params.objective binary");
  }
  if (!study.label.is_event() && task == Task::kBinary) {
    problems.add(root.mark, "model",
                 "a model of probabilities needs a label of 0 and 1: label {gain: …, within: …}, or "
                 "{triple_barrier: {…, value: profit}}");
  }
  if (study.calibration && task != Task::kBinary) {
    problems.add(
        root.find("calibration")->mark, "calibration",
        "only probabilities can be calibrated: the label must be 0 or 1 and the model one of probabilities");
  }
  if (study.label.is_event() && study.preprocess.label != LabelStep::kNone) {
    problems.add(root.find("label")->mark, "preprocess.label",
                 "a label of 0 and 1 is learned as it stands: preprocess.label must be none");
  }
}

std::string model_in_words(const Study& study) {
  if (study.calibration) return fmt::format("the model {} gives none once it is calibrated", study.model);
  if (!study.families.empty()) return "none of the families that model auto tries gives any";
  return fmt::format("the model {} gives none as it is set", study.model);
}

/// Who sizes by deviations needs a model that gives some.
void check_deviations(const Study& study, const Plugins& plugins, const ConfigNode& root,
                      ConfigProblems& problems) {
  if (!problems.empty()) return;
  const auto strategy = study_strategy(study, plugins, nullptr);
  if (!strategy->needs_deviations() || may_give_deviations(study, plugins)) return;
  const ConfigNode* portfolio = root.find("portfolio");
  const bool sizes = study.sizing && study.sizing->confidence == SizeConfidence::kDeviation;
  const ConfigNode* place = portfolio->find(sizes ? "sizing" : "weights");
  problems.add((place != nullptr ? place : portfolio)->mark,
               sizes ? "portfolio.sizing.confidence" : "portfolio.weights",
               fmt::format("{} needs the deviation that a model gives with each score, and {}; "
                           "take bayesian_ridge, an ensemble that averages, a network with dropout and "
                           "dropout_passes, or {}",
                           sizes ? "deviation" : "inverse_deviation", model_in_words(study),
                           sizes ? "confidence: width" : "weights: inverse_width"));
}

/// `model: NAME` means `model: {name: NAME}`.
void name_plain_model(ConfigNode& root) {
  for (auto& [key, value] : root.entries) {
    if (key != "model" || value.kind != ConfigNode::Kind::kScalar) continue;
    ConfigNode named;
    named.kind = ConfigNode::Kind::kMapping;
    named.mark = value.mark;
    named.entries.emplace_back("name", value);
    value = std::move(named);
  }
}

}  // namespace

bool searches_settings(const Study& study) {
  return !study.families.empty() || (study.tune && study.tune->nested);
}

std::string default_label_expression(const std::string& price, int delay) {
  return fmt::format("Ref(${0},-{1})/Ref(${0},-{2})-1", price, delay + 1, delay);
}

bool label_matches_fills(const std::string& expression, const std::string& price, int delay) {
  std::string text;
  std::copy_if(expression.begin(), expression.end(), std::back_inserter(text),
               [](unsigned char c) { return std::isspace(c) == 0; });
  std::string_view rest = text;
  const auto take = [&](std::string_view part) {
    const bool there = rest.starts_with(part);
    if (there) rest.remove_prefix(part.size());
    return there;
  };
  const auto start = fmt::format("Ref(${},-", price);
  int exit = 0;
  int entry = 0;
  const auto take_lag = [&](int& lag) {
    const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), lag);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return failure == std::errc();
  };
  const bool has_shape =
      take(start) && take_lag(exit) && take(")/") && take(start) && take_lag(entry) && take(")-1");
  return has_shape && rest.empty() && entry == delay && exit > delay;
}

Study parse_study(const std::string& text, const std::string& source, const StudyOverrides& overrides,
                  const Plugins& plugins) {
  ConfigNode root = parse_config(text, source);
  for (const auto& [key, value] : overrides) set_config_value(root, key, value);
  name_plain_model(root);
  Study study;
  ConfigProblems problems;
  {
    ConfigReader reader(&root, "", problems);
    read_sections(reader, study, plugins, problems);
  }
  check_objective(study, plugins, root, problems);
  check_deviations(study, plugins, root, problems);
  problems.throw_if_any();
  study.yaml = overrides.empty() ? text : to_yaml(root);
  return study;
}

Study read_study(const std::filesystem::path& file, const StudyOverrides& overrides, const Plugins& plugins) {
  if (file == "-") {
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    return parse_study(text, "standard input", overrides, plugins);
  }
  return parse_study(read_file(file), file.string(), overrides, plugins);
}

}  // namespace orrery
