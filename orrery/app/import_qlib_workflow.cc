#include "orrery/app/import_qlib_workflow.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "orrery/base/config.h"
#include "orrery/base/error.h"

namespace orrery {
namespace {

using Keys = std::vector<std::string>;

/// The ridge penalty whose scores come nearest to those of qlib (0.99997 correlation on the store of
/// apps/cli/testdata/qlib_market.py); a smaller one drowns in rounding.
constexpr const char* kNextToNoPenalty = "0.000001";

const ConfigNode* find_path(const ConfigNode* node, const Keys& path) {
  for (const auto& key : path) {
    if (node == nullptr) return nullptr;
    node = node->find(key);
  }
  return node;
}

bool is_given(const ConfigNode* node) { return node != nullptr && node->kind != ConfigNode::Kind::kNull; }

std::string text_of(const ConfigNode* node, const std::string& fallback = "") {
  return is_given(node) && node->kind == ConfigNode::Kind::kScalar ? node->scalar : fallback;
}

double number_of(const ConfigNode* node, double fallback) {
  const auto text = text_of(node);
  return text.empty() ? fallback : std::strtod(text.c_str(), nullptr);
}

/// YAML as Python reads it: True and yes are true, too.
bool flag_of(const ConfigNode* node, bool fallback) {
  const auto text = text_of(node);
  return text.empty() ? fallback : text == "true" || text == "True" || text == "TRUE" || text == "yes";
}

std::string yaml_text(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return "\"" + escaped + "\"";
}

bool is_one_of(const std::string& word, const Keys& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// A processor of a handler: its class and the group of columns it works on, "" for all of them.
struct Processor {
  std::string name;
  std::string group;
  const ConfigNode* options = nullptr;
};

/// Reads the workflow part by part and collects what has no counterpart.
class WorkflowReader {
 public:
  WorkflowReader(const ConfigNode& root, std::string prices, const Plugins& plugins)
      : root_(root), prices_(std::move(prices)), plugins_(plugins) {}

  ImportedWorkflow read(const std::string& name) {
    dataset_ = find_path(&root_, {"task", "dataset", "kwargs"});
    handler_ = find_path(dataset_, {"handler"});
    if (handler_ == nullptr) {
      throw user_error(
          ErrorCode::kInvalidArgument,
          fmt::format("{}: no qlib workflow: task.dataset.kwargs.handler is missing", *root_.mark.source));
    }
    ImportedWorkflow result;
    result.store = store();
    result.market = market();
    check_top();
    auto study = sections(name);
    result.study_yaml = comments() + study;
    result.warnings = std::move(warnings_);
    return result;
  }

 private:
  void warn(const std::string& key, const std::string& found, const std::string& why) {
    warnings_.push_back(found.empty() ? fmt::format("{}: {}", key, why)
                                      : fmt::format("{}: {}: {}", key, found, why));
  }

  std::string comments() const {
    std::string text =
        "# Made from a qlib workflow. As there: no purge, halted names stay, prices adjusted backward.\n";
    for (const auto& warning : warnings_) text += "# Not carried over: " + warning + "\n";
    return text;
  }

  std::string sections(const std::string& name) {
    std::string study = fmt::format("name: {}\n", yaml_text(name));
    study += fmt::format(
        "data:       {{path: {}, calendar: file, adjustment: backward, keep_impossible_bars: true}}\n",
        yaml_text(prices_));
    // One after the other: what the handler is decides about the processors, the model about the seed.
    study += universe();
    study += factors();
    study += label();
    study += model_and_preprocess();
    study += validation();
    study += execution();
    study += portfolio();
    study += costs();
    return study + seed_;
  }

  std::string store() const {
    const auto* uri = find_path(&root_, {"qlib_init", "provider_uri"});
    const auto* daily = find_path(uri, {"day"});
    return text_of(daily == nullptr ? uri : daily);
  }

  void check_top() {
    for (const auto& [key, value] : root_.entries) {
      if (key == "sys") warn("sys", "", "modules of your own are not loaded");
      if (!is_one_of(key, {"sys", "experiment_name", "qlib_init", "market", "benchmark",
                           "data_handler_config", "port_analysis_config", "task"}))
        warn(key, "", "not known in a workflow");
    }
    const auto benchmark = text_of(find_path(analysis(), {"backtest", "benchmark"}));
    if (!benchmark.empty())
      warn("backtest.benchmark", benchmark,
           "a run is held against the equal-weight universe of its own rows");
    const auto region = text_of(find_path(&root_, {"qlib_init", "region"}), "cn");
    if (region == "cn")
      warn("qlib_init.region", region, "shares are traded in any number, not in lots of 100");
  }

  const ConfigNode* handler_option(const std::string& key) const {
    return find_path(handler_, {"kwargs", key});
  }

  std::string market() const { return text_of(handler_option("instruments"), "csi500"); }

  std::string universe() {
    const auto* instruments = handler_option("instruments");
    if (is_given(instruments) && instruments->kind != ConfigNode::Kind::kScalar)
      warn("handler.kwargs.instruments", "",
           "no name of a market; the universe is what the price file holds");
    const bool whole = market() == "all" || (is_given(instruments) && text_of(instruments).empty());
    const auto members =
        whole ? "" : fmt::format("membership: {}, ", yaml_text(members_file(prices_).string()));
    return fmt::format("universe:   {{{}include_halted: true}}\n", members);
  }

  std::string factors() {
    const auto handler = text_of(handler_->find("class"));
    is_alpha360_ = handler.starts_with("Alpha360");
    if (!is_one_of(handler, {"Alpha158", "Alpha158vwap", "Alpha360", "Alpha360vwap"}))
      warn("handler.class", handler, "only Alpha158 and Alpha360 are known; alpha158 is written instead");
    if (handler.ends_with("vwap")) label_ = "Ref($vwap, -2)/Ref($vwap, -1) - 1";
    for (const char* key : {"filter_pipe", "inst_processors", "process_type", "freq"}) {
      const auto* given = handler_option(key);
      if (is_given(given) && !is_one_of(text_of(given), {"append", "day"}))
        warn(fmt::format("handler.kwargs.{}", key), text_of(given), "has no counterpart");
    }
    return fmt::format("factors:    {{set: {}}}\n", is_alpha360_ ? "alpha360" : "alpha158");
  }

  std::string label() {
    const auto* given = handler_option("label");
    while (given != nullptr && given->kind == ConfigNode::Kind::kSequence && !given->items.empty()) {
      if (given->items.size() > 1 && given->items[1].kind == ConfigNode::Kind::kScalar)
        warn("handler.kwargs.label", text_of(&given->items[1]), "only the first expression is learned");
      given = &given->items.front();
    }
    return fmt::format("label:      {{expression: {}, allow_mismatch: true}}\n",
                       yaml_text(text_of(given, label_)));
  }

  std::vector<Processor> processors(const std::string& key, const std::vector<Processor>& defaults) const {
    const auto* given = handler_option(key);
    if (!is_given(given)) return given == nullptr ? defaults : std::vector<Processor>();
    std::vector<Processor> list;
    for (const auto& item : given->items) {
      const auto name = item.kind == ConfigNode::Kind::kScalar ? item.scalar : text_of(item.find("class"));
      const auto* options = find_path(&item, {"kwargs"});
      list.push_back({name, text_of(find_path(options, {"fields_group"})), options});
    }
    return list;
  }

  /// The steps of one of qlib's processors of features; empty where there is no counterpart.
  Keys feature_steps(const Processor& processor) const {
    const auto option = [&](const char* key) { return find_path(processor.options, {key}); };
    if (processor.name == "RobustZScoreNorm" && flag_of(option("clip_outlier"), true))
      return {"robust_zscore", "{clip: 3}"};
    if (processor.name == "RobustZScoreNorm") return {"robust_zscore"};
    if (processor.name == "ZScoreNorm") return {"zscore"};
    if (processor.name == "CSZScoreNorm" && text_of(option("method"), "zscore") == "zscore")
      return {"cs_zscore"};
    if (processor.name == "CSRankNorm") return {"cs_rank"};
    if (processor.name == "Fillna")
      return {fmt::format("{{fill_na: {:g}}}", number_of(option("fill_value"), 0))};
    return {};
  }

  Keys feature_steps() {
    static const std::vector<Processor> kOfAlpha360 = {
        {"ProcessInf", "", nullptr}, {"ZScoreNorm", "", nullptr}, {"Fillna", "", nullptr}};
    Keys steps;
    for (const auto& processor :
         processors("infer_processors", is_alpha360_ ? kOfAlpha360 : std::vector<Processor>())) {
      const auto found = feature_steps(processor);
      steps.insert(steps.end(), found.begin(), found.end());
      if (processor.name == "ProcessInf") {
        warn("infer_processors", processor.name, "infinite values stay as they are");
      } else if (found.empty() || processor.group == "label") {
        warn("infer_processors", processor.name, "has no counterpart");
      } else if (processor.group.empty() && processor.name == "Fillna") {
        warn(
            "infer_processors", processor.name,
            "without fields_group qlib fills missing labels, too; here samples without a label are left out");
      }
    }
    return steps;
  }

  std::string label_step() {
    std::string step = "none";
    for (const auto& [name, group, options] : processors(
             "learn_processors", {{"DropnaLabel", "label", nullptr}, {"CSZScoreNorm", "label", nullptr}})) {
      const bool robust = text_of(find_path(options, {"method"}), "zscore") != "zscore";
      if (name == "DropnaLabel" || (name == "DropnaProcessor" && group == "label")) continue;
      if (group == "label" && name == "CSRankNorm") {
        step = "cs_rank_norm";
      } else if (group == "label" && name == "CSZScoreNorm" && !robust) {
        step = "cs_zscore";
      } else {
        warn("learn_processors", name,
             group == "label" ? "has no counterpart for a label"
                              : "learning and scoring share their features");
      }
    }
    return step;
  }

  std::string model_and_preprocess() {
    auto steps = feature_steps();
    const auto label_as = label_step();
    auto chosen = model();
    const bool fills = std::any_of(steps.begin(), steps.end(),
                                   [](const auto& step) { return step.starts_with("{fill_na"); });
    if (needs_values_ && !fills) {
      warn("task.model", "LinearModel",
           "qlib drops samples with missing features; they are filled with 0 instead");
      steps.emplace_back("{fill_na: 0}");
    }
    return fmt::format("preprocess: {{label: {}, features: [{}]}}\n{}", label_as, fmt::join(steps, ", "),
                       chosen);
  }

  /// Keeps a setting that the model takes, names another one.
  void add_parameter(const ModelInfo& info, const std::string& key, const ConfigNode& value,
                     Keys& parameters) {
    const auto plain = scalar_value(value);
    const auto problems = check_model_parameters(info, {{key, plain}});
    if (problems.empty()) {
      parameters.push_back(fmt::format("{}: {}", key, to_string(plain)));
    } else {
      const auto& message = problems.front().message;
      const bool unknown = message.starts_with("unknown setting");  // the list of known ones is long
      warn(fmt::format("task.model.kwargs.{}", key), text_of(&value),
           unknown ? fmt::format("{} has no such setting", info.name) : message);
    }
  }

  bool is_about_the_process(const std::string& key) const {
    return is_one_of(key, {"num_threads", "n_jobs", "nthread", "verbosity", "verbose", "verbose_eval"});
  }

  /// Settings of boosted trees, with those that qlib's own class puts in.
  Keys boosting_parameters(const ConfigNode* options) {
    const auto& info = plugins_.models.get("lightgbm").info;
    Keys parameters;
    bool rounds = false;
    bool stopping = false;
    for (const auto& [key, value] : options == nullptr ? ConfigNode().entries : options->entries) {
      if (is_about_the_process(key)) continue;
      if (is_one_of(key, {"seed", "random_state", "random_seed"})) {
        seed_ = fmt::format("seed:       {}\n", text_of(&value));
      } else if (is_one_of(key, {"loss", "objective"}) && text_of(&value) == "binary") {
        warn("task.model.kwargs.loss", "binary",
             "needs a label of 0 and 1 (label.gain); mse is written instead");
      } else {
        rounds = rounds || is_one_of(key, {"num_boost_round", "num_iterations", "n_estimators"});
        stopping = stopping || key.starts_with("early_stopping");
        add_parameter(info, key, value, parameters);
      }
    }
    if (!rounds) parameters.emplace_back("num_boost_round: 1000");
    if (!stopping) parameters.emplace_back("early_stopping_rounds: 50");
    return parameters;
  }

  static std::string model_section(const char* name, const Keys& parameters) {
    return fmt::format("model:\n  name: {}\n  params: {{{}}}\n", name, fmt::join(parameters, ", "));
  }

  /// LightGBM without a seed has fixed ones of its own, which a seed would replace.
  void add_fixed_seeds(const ConfigNode* options, Keys& parameters) const {
    if (seed_.empty()) {
      for (const auto& [key, own] : {std::pair("data_random_seed", 1),
                                     {"feature_fraction_seed", 2},
                                     {"bagging_seed", 3},
                                     {"drop_seed", 4},
                                     {"extra_seed", 6}}) {
        if (find_path(options, {key}) == nullptr) parameters.push_back(fmt::format("{}: {}", key, own));
      }
    }
  }

  std::string lightgbm(const ConfigNode* options) {
    auto parameters = boosting_parameters(options);
    add_fixed_seeds(options, parameters);
    return model_section("lightgbm", parameters);
  }

  /// qlib hands the keyword arguments to xgb.train, whose rounds and stopping are fit()'s own.
  std::string xgboost(const ConfigNode* options) {
    const auto& info = plugins_.models.get("xgboost").info;
    Keys parameters;
    for (const auto& [key, value] : options == nullptr ? ConfigNode().entries : options->entries) {
      if (is_about_the_process(key)) continue;
      if (is_one_of(key, {"seed", "random_state", "random_seed"})) {
        seed_ = fmt::format("seed:       {}\n", text_of(&value));
      } else if (is_one_of(key, {"n_estimators", "num_boost_round", "early_stopping_rounds"})) {
        warn(fmt::format("task.model.kwargs.{}", key), text_of(&value),
             "qlib's class does not heed it: it trains 1000 rounds and stops after 50 without improvement, "
             "as is "
             "written");
      } else {
        add_parameter(info, key, value, parameters);
      }
    }
    parameters.emplace_back("num_boost_round: 1000");
    parameters.emplace_back("early_stopping_rounds: 50");
    return model_section("xgboost", parameters);
  }

  /// Lists stay lists; what the class has of its own has the same names here.
  std::string double_ensemble(const ConfigNode* options) {
    const auto& info = plugins_.models.get("double_ensemble").info;
    Keys parameters;
    for (const auto& [key, value] : options == nullptr ? ConfigNode().entries : options->entries) {
      if (is_about_the_process(key) || value.kind == ConfigNode::Kind::kNull) continue;
      if (is_one_of(key, {"seed", "random_state", "random_seed"})) {
        seed_ = fmt::format("seed:       {}\n", text_of(&value));
      } else if (is_one_of(key, {"base_model", "loss", "objective"})) {
        if (!is_one_of(text_of(&value), {"gbm", "mse", "regression", "l2"}))
          warn(fmt::format("task.model.kwargs.{}", key), text_of(&value),
               "only boosted trees for squared errors are known; they are written instead");
      } else if (is_one_of(key, {"enable_sr", "enable_fs"})) {
        parameters.push_back(fmt::format("{}: {}", key, flag_of(&value, true)));
      } else if (value.kind == ConfigNode::Kind::kSequence) {
        Keys items;
        for (const auto& item : value.items) items.push_back(text_of(&item));
        parameters.push_back(fmt::format("{}: [{}]", key, fmt::join(items, ", ")));
      } else {
        add_parameter(info, key, value, parameters);
      }
    }
    if (find_path(options, {"decay"}) == nullptr && flag_of(find_path(options, {"enable_sr"}), true))
      warn("task.model.kwargs.decay", "", "qlib has no default for it; 0.5 is taken");
    add_fixed_seeds(options, parameters);
    std::erase_if(parameters, [](const auto& parameter) { return parameter.starts_with("drop_seed"); });
    return model_section("double_ensemble", parameters);
  }

  std::string model() {
    const auto* task = find_path(&root_, {"task", "model"});
    const auto name = text_of(find_path(task, {"class"}));
    const auto* options = find_path(task, {"kwargs"});
    if (name == "LGBModel") return lightgbm(options);
    if (name == "DEnsembleModel") return double_ensemble(options);
    if (name == "LinearModel") return linear_model(options);
    if (name == "XGBModel") return xgboost(options);
    warn("task.model.class", name, "not known; lightgbm with qlib's defaults of it is written instead");
    return model_section("lightgbm", boosting_parameters(nullptr));
  }

  std::string linear_model(const ConfigNode* options) {
    needs_values_ = true;
    const auto estimator = text_of(find_path(options, {"estimator"}), "ols");
    if (estimator != "ols" && estimator != "ridge")
      warn("task.model.kwargs.estimator", estimator, "only ols and ridge are known; ols is written instead");
    if (flag_of(find_path(options, {"include_valid"}), false))
      warn("task.model.kwargs.include_valid", "true", "the validation span is not learned from");
    auto alpha = estimator == "ridge" ? text_of(find_path(options, {"alpha"}), "0") : "0";
    if (std::strtod(alpha.c_str(), nullptr) == 0.0) {
      warn("task.model.kwargs.alpha", alpha,
           fmt::format(
               "qlib takes the smallest of many solutions where factors depend on each other, as these "
               "do; alpha {} comes next to it",
               kNextToNoPenalty));
      alpha = kNextToNoPenalty;
    }
    return model_section(
        "ridge", {fmt::format("alpha: {}", alpha),
                  fmt::format("fit_intercept: {}", flag_of(find_path(options, {"fit_intercept"}), false)),
                  "standardize: false"});
  }

  /// A segment's first and last day within what the handler loads; days are ISO texts, so that they compare.
  std::string segment(const char* name) const {
    const auto* days = find_path(dataset_, {"segments", name});
    if (days == nullptr || days->items.size() != 2) return "";
    const auto first = std::max(text_of(&days->items[0]), text_of(handler_option("start_time")));
    const auto last = std::min(text_of(&days->items[1]), text_of(handler_option("end_time"), "9999-12-31"));
    return fmt::format("{}: [{}, {}]", name, first, last);
  }

  std::string validation() {
    Keys segments;
    for (const char* name : {"train", "valid", "test"}) {
      if (auto days = segment(name); !days.empty()) {
        segments.push_back(std::move(days));
      } else if (name != std::string_view("valid")) {
        throw user_error(ErrorCode::kInvalidArgument,
                         fmt::format("{}: task.dataset.kwargs.segments.{} must be [first day, last day]",
                                     *root_.mark.source, name));
      }
    }
    const auto fit = fmt::format("train: [{}, {}]", text_of(handler_option("fit_start_time")),
                                 text_of(handler_option("fit_end_time")));
    if (is_given(handler_option("fit_start_time")) && fit != segment("train"))
      warn("handler.kwargs.fit_start_time, fit_end_time", fit.substr(7), "preprocessing is fitted on train");
    return fmt::format("validation:\n  folds:\n    - {{{}}}\n  purge: 0\n  allow_leak: true\n",
                       fmt::join(segments, ", "));
  }

  /// The backtest's settings: those of a PortAnaRecord, else the ones that qlib's examples keep beside it.
  const ConfigNode* analysis() const {
    const auto* records = find_path(&root_, {"task", "record"});
    if (records != nullptr) {
      for (const auto& record : records->items) {
        const auto* config = find_path(&record, {"kwargs", "config"});
        if (text_of(record.find("class")) == "PortAnaRecord" && config != nullptr) return config;
      }
    }
    return root_.find("port_analysis_config");
  }

  std::string execution() {
    auto price = text_of(find_path(analysis(), {"backtest", "exchange_kwargs", "deal_price"}), "close");
    if (price.starts_with('$')) price.erase(0, 1);
    if (!is_one_of(price, {"close", "open", "vwap"})) {
      warn("exchange_kwargs.deal_price", price, "fills at close, open or vwap; close is written instead");
      price = "close";
    }
    const double account = number_of(find_path(analysis(), {"backtest", "account"}), 1e8);
    return fmt::format("execution:  {{price: {}, delay: 1, initial_cash: {:.0f}}}\n", price, account);
  }

  std::string portfolio() {
    const auto* strategy = find_path(analysis(), {"strategy"});
    const auto name = text_of(find_path(strategy, {"class"}), "TopkDropoutStrategy");
    if (name != "TopkDropoutStrategy")
      warn("strategy.class", name, "only TopkDropoutStrategy is known; it is written instead");
    const auto option = [&](const char* key) { return find_path(strategy, {"kwargs", key}); };
    for (const auto& [key, usual] : {std::pair("method_sell", "bottom"), {"method_buy", "top"}}) {
      if (const auto found = text_of(option(key), usual); found != usual)
        warn(fmt::format("strategy.kwargs.{}", key), found, fmt::format("{} is written instead", usual));
    }
    return fmt::format(
        "portfolio:  {{strategy: topk_dropout, k: {:g}, drop: {:g}, invest: {:g}, hold_sessions: {:g}, "
        "only_tradable: {}}}\n",
        number_of(option("topk"), 50), number_of(option("n_drop"), 5), number_of(option("risk_degree"), 0.95),
        number_of(option("hold_thresh"), 1), flag_of(option("only_tradable"), false));
  }

  std::string costs() {
    const auto* exchange = find_path(analysis(), {"backtest", "exchange_kwargs"});
    const double open = number_of(find_path(exchange, {"open_cost"}), 0.0015);
    const double close = number_of(find_path(exchange, {"close_cost"}), 0.0025);
    if (open != close)
      warn("exchange_kwargs.open_cost, close_cost", fmt::format("{:g} and {:g}", open, close),
           "both sides cost the same here; their mean is written");
    const auto* limit = find_path(exchange, {"limit_threshold"});
    if (is_given(limit))
      warn("exchange_kwargs.limit_threshold", text_of(limit), "daily price limits are not simulated");
    return fmt::format("costs:      {{commission_bps: {:g}, slippage_bps: 0, min_cost: {:g}}}\n",
                       (open + close) * 5000.0, number_of(find_path(exchange, {"min_cost"}), 5.0));
  }

  const ConfigNode& root_;
  std::string prices_;
  const Plugins& plugins_;
  const ConfigNode* dataset_ = nullptr;
  const ConfigNode* handler_ = nullptr;
  bool is_alpha360_ = false;
  bool needs_values_ = false;  ///< the model takes no missing features
  std::string label_ = "Ref($close, -2)/Ref($close, -1) - 1";
  std::string seed_;
  std::vector<std::string> warnings_;
};

}  // namespace

std::filesystem::path members_file(const std::filesystem::path& prices) {
  auto file = prices;
  return file.replace_extension(".members.csv");
}

ImportedWorkflow import_qlib_workflow(const std::string& text, const std::string& source,
                                      const std::string& name, const std::string& prices,
                                      const Plugins& plugins) {
  const ConfigNode root = parse_config(text, source);
  return WorkflowReader(root, prices, plugins).read(name);
}

}  // namespace orrery
