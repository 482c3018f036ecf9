#include "orrery/app/view_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/app/parse_at.h"
#include "orrery/app/return_file.h"
#include "orrery/base/config.h"
#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/data/text_file.h"
#include "orrery/portfolio/black_litterman.h"

namespace orrery {
namespace {

/// Reads one file of views about the names of a problem.
class ViewReader {
 public:
  ViewReader(const PortfolioProblem& problem, ConfigProblems& problems)
      : problem_(problem), problems_(problems) {}

  void read(const ConfigNode& root) {
    ConfigReader reader(&root, "", problems_);
    read_equilibrium(reader);
    const ConfigNode* views = reader.node("views");
    if (views == nullptr || views->items.empty()) {
      reader.problem("views", "expected a list of views, each with name or long, and return");
      return;
    }
    for (std::size_t i = 0; i < views->items.size(); ++i) {
      ConfigReader view(&views->items[i], fmt::format("views[{}]", i), problems_);
      read_view(view);
    }
  }

  std::vector<double> equilibrium() const {
    return equilibrium_returns(problem_.risk, market_, risk_aversion_, risk_free_);
  }
  const std::vector<ReturnView>& views() const { return views_; }

 private:
  void read_equilibrium(ConfigReader& reader) {
    risk_aversion_ = reader.number("risk_aversion", 2.5, 0.0);
    risk_free_ = reader.number("risk_free", 0.0);
    market_.assign(problem_.names.size(), 1.0 / static_cast<double>(problem_.names.size()));
    const auto path = reader.path("market");
    if (path.empty()) return;
    parse_at(reader, "market", [&] {
      market_ = read_numbers_for(path, problem_.names, 0.0);
      double sum = 0.0;
      for (const double weight : market_) {
        if (!(weight >= 0.0)) {
          throw user_error(
              ErrorCode::kInvalidArgument,
              fmt::format("{}: weights and market values are 0 or more, found {}", path.string(), weight));
        }
        sum += weight;
      }
      if (!(sum > 0.0)) {
        throw user_error(ErrorCode::kInvalidArgument, fmt::format("{}: all weights are 0", path.string()));
      }
      for (double& weight : market_) weight /= sum;
    });
  }

  void read_view(ConfigReader& reader) {
    ReturnView view;
    view.weights.assign(problem_.names.size(), 0.0);
    if (reader.has("name") == reader.has("long")) {
      reader.problem("name",
                     "a view is about a name (name), or about some against others (long, short); expected "
                     "one of the two");
    }
    if (reader.has("name")) {
      add(reader, "name", reader.required_text("name"), 1.0, view.weights);
      if (reader.has("short")) reader.problem("short", "goes with long, not with name");
    }
    add_side(reader, "long", 1.0, view.weights);
    add_side(reader, "short", -1.0, view.weights);
    if (!reader.has("return")) reader.problem("return", "expected what this will earn in one period");
    view.expected_return = reader.number("return", 0.0);
    view.confidence = reader.number("confidence", 0.5, 0.0, 1.0);
    views_.push_back(std::move(view));
  }

  /// Spreads a weight equally over a list of names.
  void add_side(ConfigReader& reader, std::string_view key, double weight, std::vector<double>& weights) {
    const ConfigNode* node = reader.node(key);
    if (node == nullptr) return;
    if (node->items.empty()) reader.problem(key, "expected a list of names");
    for (const auto& item : node->items) {
      add(reader, key, item.scalar, weight / static_cast<double>(node->items.size()), weights);
    }
  }

  void add(ConfigReader& reader, std::string_view key, const std::string& name, double weight,
           std::vector<double>& weights) {
    const auto found = std::find(problem_.names.begin(), problem_.names.end(), name);
    if (found == problem_.names.end()) {
      reader.problem(key, fmt::format("'{}' is none of the {} names with returns{}", name,
                                      problem_.names.size(), did_you_mean(name, problem_.names)));
      return;
    }
    double& own = weights[static_cast<std::size_t>(found - problem_.names.begin())];
    if (own != 0.0) reader.problem(key, fmt::format("'{}' stands twice in this view", name));
    own += weight;
  }

  const PortfolioProblem& problem_;
  ConfigProblems& problems_;
  std::vector<double> market_;
  double risk_aversion_ = 0.0, risk_free_ = 0.0;
  std::vector<ReturnView> views_;
};

}  // namespace

std::vector<double> read_views(const std::filesystem::path& path, const PortfolioProblem& problem) {
  ConfigProblems problems;
  const ConfigNode root = parse_config(read_text_file(path), path.string());
  ViewReader reader(problem, problems);
  reader.read(root);
  problems.throw_if_any();
  return posterior_returns(problem.risk, reader.equilibrium(), reader.views());
}

}  // namespace orrery
