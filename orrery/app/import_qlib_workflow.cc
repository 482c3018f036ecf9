#include "orrery/app/import_qlib_workflow.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "orrery/base/config.h"
#include "orrery/base/error.h"

namespace orrery {
namespace {

const std::string kDefaultLabel = "Ref($close, -2)/Ref($close, -1) - 1";

const ConfigNode* find_path(const ConfigNode* node, const std::vector<std::string>& path) {
  for (const auto& key : path) {
    if (node == nullptr) return nullptr;
    node = node->find(key);
  }
  return node;
}

std::string text_of(const ConfigNode* node, const std::string& fallback = "") {
  return node != nullptr && node->kind == ConfigNode::Kind::kScalar ? node->scalar : fallback;
}

std::string yaml_text(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return "\"" + escaped + "\"";
}

bool is_one_of(const std::string& word, const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Reads the workflow part by part and collects what has no counterpart.
class WorkflowReader {
 public:
  WorkflowReader(const ConfigNode& root, std::string prices) : root_(root), prices_(std::move(prices)) {}

  ImportedWorkflow read(const std::string& name) {
    dataset_ = find_path(&root_, {"task", "dataset", "kwargs"});
    handler_ = find_path(dataset_, {"handler"});
    if (handler_ == nullptr) {
      throw user_error(ErrorCode::kInvalidArgument,
                       "no qlib workflow: it has no task.dataset.kwargs.handler");
    }
    check_top();
    std::string study = fmt::format("name: {}\n", yaml_text(name));
    study += fmt::format(
        "data:       {{path: {}, calendar: file, adjustment: backward, keep_impossible_bars: true}}\n",
        yaml_text(prices_));
    study += "universe:   {include_halted: true}\n";
    study += factors() + label() + preprocess() + model() + validation();
    study += "execution:  {price: close, delay: 1}\n" + portfolio() + costs() + seed_;
    study += "baselines:  false\n";
    return {comments() + study, warnings_};
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

  void check_top() {
    if (root_.kind != ConfigNode::Kind::kMapping) return;
    for (const auto& [key, value] : root_.entries) {
      if (key == "sys") warn("sys", "", "modules of your own are not loaded");
      if (key == "experiment_name" ||
          is_one_of(key, {"qlib_init", "market", "benchmark", "data_handler_config", "port_analysis_config",
                          "task", "sys"}))
        continue;
      warn(key, "", "unknown key of a workflow");
    }
    if (const auto benchmark = text_of(root_.find("benchmark")); !benchmark.empty())
      warn("benchmark", benchmark, "a run is held against the equal-weight universe of its own rows");
    const auto market = text_of(find_path(handler_, {"kwargs", "instruments"}), "csi500");
    if (market != "all")
      warn("instruments", market,
           fmt::format("the price file must hold this market: orrery import qlib --market {}", market));
  }

  const ConfigNode* handler_option(const std::string& key) const {
    return find_path(handler_, {"kwargs", key});
  }

  std::string factors() {
    const auto handler = text_of(handler_->find("class"));
    is_alpha360_ = handler.starts_with("Alpha360");
    if (!is_alpha360_ && !handler.starts_with("Alpha158"))
      warn("handler.class", handler, "only Alpha158 and Alpha360 are known; alpha158 is written instead");
    if (handler.ends_with("vwap")) label_ = "Ref($vwap, -2)/Ref($vwap, -1) - 1";
    for (const char* key : {"filter_pipe", "inst_processors"}) {
      if (handler_option(key) != nullptr && handler_option(key)->kind != ConfigNode::Kind::kNull)
        warn(fmt::format("handler.kwargs.{}", key), "", "has no counterpart; see universe in docs/study.md");
    }
    return fmt::format("factors:    {{set: {}}}\n", is_alpha360_ ? "alpha360" : "alpha158");
  }

  std::string label() {
    const auto* given = handler_option("label");
    while (given != nullptr && given->kind == ConfigNode::Kind::kSequence && !given->items.empty()) {
      if (given->items.size() > 1)
        warn("handler.kwargs.label", describe(*given), "only its first expression is learned");
      given = &given->items.front();
    }
    label_ = text_of(given, label_);
    return fmt::format("label:      {{expression: {}, allow_mismatch: true}}\n", yaml_text(label_));
  }

  /// Names of a list of processors, qlib's defaults where there is none.
  std::vector<std::pair<std::string, const ConfigNode*>> processors(
      const std::string& key, const std::vector<std::string>& defaults) const {
    std::vector<std::pair<std::string, const ConfigNode*>> list;
    const auto* given = handler_option(key);
    if (given == nullptr) {
      for (const auto& name : defaults) list.emplace_back(name, nullptr);
      return list;
    }
    for (const auto& item : given->items) {
      const auto name = item.kind == ConfigNode::Kind::kScalar ? item.scalar : text_of(item.find("class"));
      list.emplace_back(name, find_path(&item, {"kwargs"}));
    }
    return list;
  }

  std::vector<std::string> feature_steps() {
    std::vector<std::string> steps;
    const std::vector<std::string> defaults = {"ProcessInf", "ZScoreNorm", "Fillna"};
    for (const auto& [name, options] :
         processors("infer_processors", is_alpha360_ ? defaults : std::vector<std::string>())) {
      if (name == "ProcessInf" && !is_alpha360_)
        warn("infer_processors", name, "infinite values count as missing");
      if (name == "ProcessInf") continue;
      if (name == "RobustZScoreNorm") {
        steps.emplace_back("robust_zscore");
        if (text_of(find_path(options, {"clip_outlier"}), "true") != "false") steps.emplace_back("{clip: 3}");
      } else if (name == "ZScoreNorm") {
        steps.emplace_back("zscore");
      } else if (name == "CSZScoreNorm") {
        steps.emplace_back("cs_zscore");
      } else if (name == "CSRankNorm") {
        steps.emplace_back("cs_rank");
      } else if (name == "Fillna") {
        steps.push_back(fmt::format("{{fill_na: {}}}", text_of(find_path(options, {"fill_value"}), "0")));
      } else {
        warn("infer_processors", name, "this processor is not known");
      }
    }
    return steps;
  }

  std::string label_step() {
    std::string step = "none";
    for (const auto& [name, options] : processors("learn_processors", {"DropnaLabel", "CSZScoreNorm"})) {
      const auto group = text_of(find_path(options, {"fields_group"}), "label");
      if (name == "DropnaLabel") continue;
      if (group == "label" && name == "CSRankNorm") {
        step = "cs_rank_norm";
      } else if (group == "label" && name == "CSZScoreNorm") {
        step = "cs_zscore";
      } else {
        warn("learn_processors", name, "this processor is not known here");
      }
    }
    return step;
  }

  std::string preprocess() {
    return fmt::format("preprocess: {{label: {}, features: [{}]}}\n", label_step(),
                       fmt::join(feature_steps(), ", "));
  }

  std::string boosting_parameters(const ConfigNode* options) {
    std::vector<std::string> parameters;
    bool rounds = false;
    bool stopping = false;
    for (const auto& [key, value] : options == nullptr ? ConfigNode().entries : options->entries) {
      if (is_one_of(key, {"num_threads", "n_jobs", "verbosity", "verbose"})) continue;
      if (key == "seed" || key == "random_state") {
        seed_ = fmt::format("seed:       {}\n", text_of(&value));
        continue;
      }
      rounds = rounds || is_one_of(key, {"num_boost_round", "num_iterations", "n_estimators"});
      stopping =
          stopping || is_one_of(key, {"early_stopping_rounds", "early_stopping_round", "early_stopping"});
      parameters.push_back(
          fmt::format("{}: {}", key == "early_stopping_rounds" ? "early_stopping_round" : key,
                      key == "loss" && text_of(&value) == "mse" ? "regression" : text_of(&value)));
    }
    if (!rounds) parameters.emplace_back("num_boost_round: 1000");
    if (!stopping) parameters.emplace_back("early_stopping_round: 50");
    return fmt::format("{}", fmt::join(parameters, ", "));
  }

  std::string model() {
    const auto* task = find_path(&root_, {"task", "model"});
    const auto name = text_of(find_path(task, {"class"}));
    const auto* options = find_path(task, {"kwargs"});
    if (name == "LGBModel")
      return fmt::format("model:      {{name: lightgbm, params: {{{}}}}}\n", boosting_parameters(options));
    if (name == "LinearModel") return linear_model(options);
    warn("task.model.class", name, "this model is not known; lightgbm with its defaults is written instead");
    return "model:      {name: lightgbm}\n";
  }

  std::string linear_model(const ConfigNode* options) {
    const auto estimator = text_of(find_path(options, {"estimator"}), "ols");
    if (estimator != "ols" && estimator != "ridge")
      warn("task.model.kwargs.estimator", estimator, "only ols and ridge are known; ols is written instead");
    const auto alpha = estimator == "ridge" ? text_of(find_path(options, {"alpha"}), "0.0") : "0.0";
    const auto intercept = text_of(find_path(options, {"fit_intercept"}), "false");
    return fmt::format(
        "model:      {{name: ridge, params: {{alpha: {}, fit_intercept: {}, standardize: false}}}}\n", alpha,
        intercept == "true" || intercept == "True" ? "true" : "false");
  }

  std::string segment(const char* name) const {
    const auto* days = find_path(dataset_, {"segments", name});
    if (days == nullptr || days->items.size() != 2) return "";
    return fmt::format("{}: [{}, {}]", name, text_of(&days->items[0]), text_of(&days->items[1]));
  }

  std::string validation() {
    std::vector<std::string> segments;
    for (const char* name : {"train", "valid", "test"}) {
      if (auto days = segment(name); !days.empty()) segments.push_back(std::move(days));
    }
    const auto fit = fmt::format("train: [{}, {}]", text_of(handler_option("fit_start_time")),
                                 text_of(handler_option("fit_end_time")));
    if (handler_option("fit_start_time") != nullptr && fit != segment("train"))
      warn("handler.kwargs.fit_start_time, fit_end_time", fit.substr(7),
           "preprocessing is fitted on the training span");
    return fmt::format("validation: {{folds: [{{{}}}], purge: 0, allow_leak: true}}\n",
                       fmt::join(segments, ", "));
  }

  const ConfigNode* analysis() const {
    if (const auto* found = root_.find("port_analysis_config")) return found;
    const auto* records = find_path(&root_, {"task", "record"});
    for (const auto& record : records == nullptr ? std::vector<ConfigNode>() : records->items) {
      if (text_of(record.find("class")) == "PortAnaRecord") {
        config_copy_ = record;
        return find_path(&config_copy_, {"kwargs", "config"});
      }
    }
    return nullptr;
  }

  std::string portfolio() {
    const auto* strategy = find_path(analysis(), {"strategy"});
    const auto name = text_of(find_path(strategy, {"class"}), "TopkDropoutStrategy");
    if (name != "TopkDropoutStrategy")
      warn("strategy.class", name, "only TopkDropoutStrategy is known; it is written instead");
    return fmt::format("portfolio:  {{strategy: topk_dropout, k: {}, drop: {}}}\n",
                       text_of(find_path(strategy, {"kwargs", "topk"}), "50"),
                       text_of(find_path(strategy, {"kwargs", "n_drop"}), "5"));
  }

  std::string costs() {
    const auto* exchange = find_path(analysis(), {"backtest", "exchange_kwargs"});
    const double open = std::strtod(text_of(find_path(exchange, {"open_cost"}), "0.0015").c_str(), nullptr);
    const double close = std::strtod(text_of(find_path(exchange, {"close_cost"}), "0.0025").c_str(), nullptr);
    if (open != close)
      warn("exchange_kwargs.open_cost, close_cost", fmt::format("{:g} and {:g}", open, close),
           "both sides cost the same here; their mean is written");
    if (const auto limit = text_of(find_path(exchange, {"limit_threshold"}));
        !limit.empty() && limit != "null")
      warn("exchange_kwargs.limit_threshold", limit, "daily price limits are not simulated");
    if (const auto price = text_of(find_path(exchange, {"deal_price"}), "close"); price != "close")
      warn("exchange_kwargs.deal_price", price, "fills at the close are written; see execution.price");
    return fmt::format("costs:      {{commission_bps: {:g}, slippage_bps: 0, min_cost: {}}}\n",
                       (open + close) * 5000.0, text_of(find_path(exchange, {"min_cost"}), "5"));
  }

  const ConfigNode& root_;
  std::string prices_;
  const ConfigNode* dataset_ = nullptr;
  const ConfigNode* handler_ = nullptr;
  bool is_alpha360_ = false;
  std::string label_ = kDefaultLabel;
  std::string seed_;
  mutable ConfigNode config_copy_;
  std::vector<std::string> warnings_;
};

}  // namespace

ImportedWorkflow import_qlib_workflow(const std::string& text, const std::string& source,
                                      const std::string& name, const std::string& prices) {
  const ConfigNode root = parse_config(text, source);
  return WorkflowReader(root, prices).read(name);
}

}  // namespace orrery
