#include "orrery/app/constraint_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "orrery/app/parse_at.h"
#include "orrery/app/return_file.h"
#include "orrery/base/config.h"
#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/data/csv.h"
#include "orrery/data/text_file.h"

namespace orrery {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

/// Reads one file of constraints into one problem.
class ConstraintReader {
 public:
  ConstraintReader(PortfolioProblem& problem, ConfigProblems& problems)
      : problem_(problem), problems_(problems) {}

  void read(const ConfigNode& root) {
    ConfigReader reader(&root, "", problems_);
    auto& constraints = problem_.constraints;
    constraints.budget = reader.number("budget", 1.0);
    read_weights(reader);
    read_groups(reader);
    read_sectors(reader);
    read_exposures(reader);
    constraints.gross = optional_number(reader, "gross", 1e-6);
    constraints.turnover = optional_number(reader, "turnover", 0.0);
    constraints.minimum_trade = reader.number("minimum_trade", 0.0, 0.0);
    if (reader.has("max_names")) constraints.max_names = static_cast<int>(reader.integer("max_names", 1, 1));
    read_costs(reader);
    problem_.current = read_vector(reader, "current", 0.0);
    problem_.benchmark = read_vector(reader, "benchmark", 0.0);
    problem_.risk_budgets = read_vector(reader, "risk_budgets", std::nan(""));
  }

 private:
  static std::optional<double> optional_number(ConfigReader& reader, std::string_view key, double minimum) {
    if (!reader.has(key)) return std::nullopt;
    return reader.number(key, 0.0, minimum);
  }

  /// Returns the place of a name, or reports it.
  std::optional<std::size_t> place_of(const std::string& name, ConfigReader& reader, std::string_view key) {
    const auto found = std::find(problem_.names.begin(), problem_.names.end(), name);
    if (found != problem_.names.end()) return static_cast<std::size_t>(found - problem_.names.begin());
    reader.problem(key, fmt::format("'{}' is none of the {} names with returns{}", name,
                                    problem_.names.size(), did_you_mean(name, problem_.names)));
    return std::nullopt;
  }

  void read_weights(ConfigReader& reader) {
    auto weights = reader.section("weights");
    problem_.constraints.lower.assign(problem_.names.size(), weights.number("min", 0.0));
    problem_.constraints.upper.assign(problem_.names.size(), weights.number("max", 1.0));
    auto names = reader.section("names");
    const ConfigNode* node = reader.node("names");
    if (node == nullptr) return;
    for (const auto& [name, value] : node->entries) {
      auto limits = names.section(name);
      const bool low = limits.has("min"), high = limits.has("max");
      const double least = limits.number("min", 0.0), most = limits.number("max", 0.0);
      const auto place = place_of(name, names, name);
      if (!place) continue;
      if (low) problem_.constraints.lower[*place] = least;
      if (high) problem_.constraints.upper[*place] = most;
    }
  }

  /// Reads `min` and `max` into a limit and adds it; one without either is a mistake.
  void add_limit(ConfigReader& reader, ExposureLimit limit) {
    if (!reader.has("min") && !reader.has("max"))
      reader.problem("max", "expected min, max or both, found neither");
    limit.low = reader.number("min", -kUnlimited);
    limit.high = reader.number("max", kUnlimited);
    problem_.constraints.exposures.push_back(std::move(limit));
  }

  void read_groups(ConfigReader& reader) {
    const ConfigNode* node = reader.node("groups");
    auto groups = reader.section("groups");
    if (node == nullptr) return;
    for (const auto& [label, value] : node->entries) {
      auto group = groups.section(label);
      ExposureLimit limit{"group " + label, std::vector<double>(problem_.names.size(), 0.0)};
      const ConfigNode* names = group.node("names");
      if (names == nullptr || names->items.empty()) group.problem("names", "expected a list of names");
      for (std::size_t i = 0; names != nullptr && i < names->items.size(); ++i) {
        if (const auto place = place_of(names->items[i].scalar, group, "names")) limit.loadings[*place] = 1.0;
      }
      add_limit(group, std::move(limit));
    }
  }

  void read_sectors(ConfigReader& reader) {
    if (!reader.has("sectors")) return;
    auto section = reader.section("sectors");
    const auto path = section.path("file");
    const double low = section.number("min", -kUnlimited), high = section.number("max", kUnlimited);
    std::map<std::string, double> own;  // sectors with a limit of their own
    if (section.has("limits")) {
      auto limits = section.section("limits");
      for (const auto& [label, value] : section.node("limits")->entries)
        own[label] = limits.number(label, high);
    }
    if (path.empty()) {
      section.problem("file", "expected a table with the columns symbol and sector");
      return;
    }
    parse_at(section, "file", [&] { add_sectors(path, low, high, own, section); });
  }

  void add_sectors(const std::filesystem::path& path, double low, double high,
                   const std::map<std::string, double>& own, ConfigReader& section) {
    const TextTable table = read_text_table(path);
    const std::size_t symbols = find_text_column(table, {"symbol", "ticker", "name"});
    const std::size_t sectors = find_text_column(table, {"sector", "group", "industry"});
    std::map<std::string, ExposureLimit> limits;
    std::vector<std::string> known;
    for (const auto& row : table.rows) {
      if (row[sectors].empty()) continue;
      known.push_back(row[sectors]);
      const auto found = std::find(problem_.names.begin(), problem_.names.end(), row[symbols]);
      if (found == problem_.names.end()) continue;
      auto& limit = limits[row[sectors]];
      limit.loadings.resize(problem_.names.size(), 0.0);
      limit.loadings[static_cast<std::size_t>(found - problem_.names.begin())] = 1.0;
    }
    for (const auto& [label, value] : own) {
      if (std::find(known.begin(), known.end(), label) == known.end()) {
        section.problem("limits",
                        fmt::format("no name is in the sector '{}'{}", label, did_you_mean(label, known)));
      }
    }
    for (auto& [label, limit] : limits) {
      limit.label = "sector " + label;
      limit.low = low;
      limit.high = own.contains(label) ? own.at(label) : high;
      problem_.constraints.exposures.push_back(std::move(limit));
    }
  }

  void read_exposures(ConfigReader& reader) {
    const ConfigNode* node = reader.node("exposures");
    auto exposures = reader.section("exposures");
    if (node == nullptr) return;
    for (const auto& [label, value] : node->entries) {
      auto exposure = exposures.section(label);
      ExposureLimit limit{"exposure " + label, read_vector(exposure, "file", std::nan(""))};
      if (limit.loadings.empty()) {
        exposure.problem("file", "expected a table of two columns, a name and its loading");
        continue;
      }
      add_limit(exposure, std::move(limit));
    }
  }

  void read_costs(ConfigReader& reader) {
    auto costs = reader.section("costs");
    const double linear = costs.number("linear", 0.0, 0.0), impact = costs.number("impact", 0.0, 0.0);
    if (linear > 0.0) problem_.costs.linear.assign(problem_.names.size(), linear);
    if (impact > 0.0) problem_.costs.power.assign(problem_.names.size(), impact);
  }

  /// Reads a file of numbers by name; empty when the key is absent. NaN as `missing` means that every name
  /// needs a number.
  std::vector<double> read_vector(ConfigReader& reader, std::string_view key, double missing) {
    const auto path = reader.path(key);
    std::vector<double> values;
    if (path.empty()) return values;
    parse_at(reader, key, [&] {
      values = read_numbers_for(path, problem_.names, missing);
      const auto gap =
          std::find_if(values.begin(), values.end(), [](double value) { return std::isnan(value); });
      if (gap == values.end()) return;
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{} has no number for '{}'", path.string(),
                                   problem_.names[static_cast<std::size_t>(gap - values.begin())]));
    });
    return values;
  }

  PortfolioProblem& problem_;
  ConfigProblems& problems_;
};

}  // namespace

void read_constraints(const std::filesystem::path& path, PortfolioProblem& problem) {
  ConfigProblems problems;
  const ConfigNode root = path.empty() ? ConfigNode{} : parse_config(read_text_file(path), path.string());
  ConstraintReader(problem, problems).read(root);
  problems.throw_if_any();
}

}  // namespace orrery
