#include "orrery/app/study_financing.h"

#include <fmt/format.h>

namespace orrery {
namespace {

constexpr double kMostAYear = 100.0;

void read_rates_by_symbol(ConfigReader& financing, std::map<std::string, double>& rates) {
  const ConfigNode* node = financing.node("borrow_by_symbol");
  if (node == nullptr) return;
  if (node->kind != ConfigNode::Kind::kMapping) {
    financing.problem(
        "borrow_by_symbol",
        fmt::format("must give annual rates by symbol, such as {{GME: 0.3}}; found {}", describe(*node)));
    return;
  }
  ConfigReader section = financing.section("borrow_by_symbol");
  for (const auto& entry : node->entries) {
    rates[entry.first] = section.number(entry.first, 0.0, 0.0, kMostAYear);
  }
}

}  // namespace

void read_financing(ConfigReader financing, BacktestConfig& config) {
  config.financing.borrow = financing.number("borrow", 0.0, 0.0, kMostAYear);
  config.financing.cash = financing.number("cash", 0.0, -1.0, kMostAYear);
  config.financing.loan = financing.number("loan", 0.0, -1.0, kMostAYear);
  read_rates_by_symbol(financing, config.borrow_by_symbol);
}

}  // namespace orrery
