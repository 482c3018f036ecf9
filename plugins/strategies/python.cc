// A strategy that is a Python class of the user's, with decide(date, scores, holdings, tradable) and, where
// it takes it, uncertainty. The class works in a Python process of its own (orrery/base/python_worker.h).

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/python_worker.h"
#include "orrery/portfolio/ranking.h"
#include "plugins/strategies/registry.h"

namespace orrery::plugins::strategies::python_plugin {
namespace {

using Json = nlohmann::ordered_json;

/// Rounding of weights that should sum up to the limit.
constexpr double kSlack = 1e-9;

StrategyInfo describe() {
  StrategyInfo info;
  info.summary = "A class of your own that answers scores with weights (docs/python.md).";
  info.parameters = {
      {"class", std::string(), "FILE.py:CLASS; empty is the equal-weight strategy that comes with Orrery"},
      {"params", std::string("{}"), "what the class is made with: a JSON object of named arguments"},
      {"max_gross", 1.0, "most that the absolute weights may sum up to, of the equity", 0.0, 2.0},
      {"interpreter", std::string(), "the Python program; empty is $ORRERY_PYTHON, else python3 on PATH"}};
  info.source = "the user's own; without a class, the 50 best names with equal weights";
  info.gross_limit = 2.0;
  info.shorts = true;
  return info;
}

Json class_arguments(const std::string& text) {
  Json arguments = Json::parse(text, nullptr, false);
  if (arguments.is_object()) return arguments;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("the params of a Python strategy must be a JSON object of named arguments, found {}",
                  text));
}

template <class T>
void append_bytes(std::span<const T> values, std::string& bytes) {
  const std::size_t before = bytes.size();
  bytes.resize(before + values.size_bytes());
  std::memcpy(bytes.data() + before, values.data(), values.size_bytes());
}

class PythonStrategy final : public Strategy {
 public:
  explicit PythonStrategy(const ParameterMap& parameters)
      : class_(get_string(parameters, "class")),
        arguments_(class_arguments(get_string(parameters, "params"))),
        interpreter_(get_string(parameters, "interpreter")),
        max_gross_(get_double(parameters, "max_gross")) {}
  PythonStrategy(const PythonStrategy&) = delete;
  PythonStrategy& operator=(const PythonStrategy&) = delete;
  ~PythonStrategy() override {
    try {
      if (worker_ != nullptr) ask({{"do", "drop"}}, "");
    } catch (const Error&) {
      // The worker is gone, and the object with it.
    }
  }

  bool reads_uncertainty() override {
    start();
    return reads_uncertainty_;
  }

  void decide(const StrategyInput& input, Decision& decision) override {
    rank_by_score(input.scores, ranking_);
    if (ranking_.empty()) return;
    start();
    const Json weights = ask(request_of(input), numbers_of(input)).at("weights");
    if (weights.is_null()) return;
    write_targets(input, weights, decision);
  }

  std::string save(std::span<const std::string>) const override {
    return worker_ == nullptr ? "" : ask({{"do", "save_strategy"}}, "").at("state").get<std::string>();
  }

  void restore(std::string_view saved, std::span<const std::string>) override {
    if (saved.empty()) return;
    start();
    ask({{"do", "restore_strategy"}, {"state", saved}}, "");
  }

 private:
  Json ask(Json request, std::string bytes) const {
    request["id"] = id_;
    request["class"] = class_;
    return Json::parse(worker_->ask({request.dump(), std::move(bytes)}).text);
  }

  /// Makes the object when a backtest begins, so that a study that is only read starts no Python.
  void start() {
    if (worker_ != nullptr) return;
    auto worker = PythonWorker::of(interpreter_);
    const Json request = {{"do", "strategy"}, {"class", class_}, {"params", arguments_}};
    const Json made = Json::parse(worker->ask({request.dump(), ""}).text);
    id_ = made.at("id").get<std::int64_t>();
    reads_uncertainty_ = made.at("reads_uncertainty").get<bool>();
    worker_ = std::move(worker);
  }

  Json request_of(const StrategyInput& input) {
    Json holdings = Json::array();
    for (const Holding& holding : input.holdings) holdings.push_back({holding.instrument, holding.weight});
    Json request = {{"do", "decide"}, {"date", to_string(input.date)}, {"holdings", std::move(holdings)}};
    if (!told_symbols_) request["symbols"] = input.symbols;
    told_symbols_ = true;
    return request;
  }

  /// Scores, bars and, for a class that takes them, the intervals; what nobody knows is missing.
  std::string numbers_of(const StrategyInput& input) const {
    std::string bytes;
    append_bytes(input.scores, bytes);
    append_bytes(input.tradable, bytes);
    if (!reads_uncertainty_) return bytes;
    const std::vector<double> unknown(input.scores.size(), std::numeric_limits<double>::quiet_NaN());
    const ScoreUncertainty& known = input.uncertainty;
    for (const auto& values : {known.expected, known.lower, known.upper, known.deviation})
      append_bytes(values.empty() ? std::span<const double>(unknown) : values, bytes);
    return bytes;
  }

  void write_targets(const StrategyInput& input, const Json& weights, Decision& decision) {
    wanted_.assign(input.scores.size(), 0.0);
    named_.assign(input.scores.size(), 0);
    double gross = 0.0;
    for (const auto& pair : weights) {
      const auto instrument = pair.at(0).get<std::size_t>();
      wanted_[instrument] = pair.at(1).get<double>();
      named_[instrument] = 1;
      gross += std::abs(wanted_[instrument]);
    }
    check_gross(input, gross);
    for (const Holding& holding : input.holdings) named_[holding.instrument] = 1;
    decision.rebalance = true;
    for (std::size_t i = 0; i < ranking_.size(); ++i) {
      add_target(input, ranking_[i].instrument, static_cast<int>(i) + 1, decision);
    }
    for (std::uint32_t instrument = 0; instrument < named_.size(); ++instrument) {
      add_target(input, instrument, 0, decision);
    }
  }

  void add_target(const StrategyInput& input, std::uint32_t instrument, int rank, Decision& decision) {
    if (named_[instrument] == 0) return;
    named_[instrument] = 0;
    Target target;
    target.instrument = instrument;
    target.weight = wanted_[instrument];
    target.score = input.scores[instrument];
    target.rank = rank;
    target.reason = target.weight == 0.0 ? "closed" : "decided";
    decision.targets.push_back(target);
  }

  void check_gross(const StrategyInput& input, double gross) const {
    if (gross <= max_gross_ + kSlack) return;
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("the strategy {} wants weights that sum up to {:.6g} on {}; max_gross is {:.6g}", class_,
                    gross, to_string(input.date), max_gross_));
  }

  const std::string class_;
  const Json arguments_;
  const std::string interpreter_;
  const double max_gross_;
  std::shared_ptr<PythonWorker> worker_;
  std::int64_t id_ = 0;
  bool reads_uncertainty_ = false;
  bool told_symbols_ = false;  ///< with the first decision
  std::vector<RankedName> ranking_;
  std::vector<double> wanted_;
  std::vector<std::uint8_t> named_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("python", {describe(), [](const ParameterMap& parameters) {
                            return std::make_unique<PythonStrategy>(parameters);
                          }});
}

}  // namespace orrery::plugins::strategies::python_plugin
