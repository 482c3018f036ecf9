#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "orrery/data/prices.h"
#include "orrery/factor/compute.h"
#include "orrery/factor/factor_set.h"

namespace orrery::cli {

/// Which factors a command shall compute, as its options say it.
struct FactorRequest {
  std::vector<std::string> sets;
  std::vector<std::string> expressions;  ///< NAME=EXPRESSION
  std::string precision = "float32";

  /// Errors: kNotFound for a set, kInvalidArgument for an expression without a name, or when there is
  /// nothing.
  std::vector<FactorDefinition> definitions() const;
  /// What is said of each of `definitions`, in the same order; nothing of expressions.
  std::vector<FactorNote> notes() const;
  Precision parsed_precision() const;
};

/// Adds `--set`, `--expr` and `--precision`.
void add_factor_options(CLI::App& command, FactorRequest& request);

/// How a command reads a price file.
struct PriceRequest {
  PriceSource source;
  std::string adjustment = "forward";

  /// Returns the source of a file. `threads` as in PriceSource.
  PriceSource of_file(const std::string& path, int threads) const;
};

/// Adds `--calendar`, `--adjustment`, `--sectors` and `--series`.
void add_price_options(CLI::App& command, PriceRequest& request);

}  // namespace orrery::cli
