#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "orrery/portfolio/portfolio_problem.h"

namespace orrery {

/// Returns of several names, out of a table with a row for each period.
struct NamedReturns {
  std::vector<std::string> names;  ///< in the file's order
  std::string first, last;         ///< the dates of the first and last period that count, as they stand there
  std::vector<std::string> dates;  ///< of every period that counts
  ReturnTable table;
  std::size_t incomplete = 0;  ///< periods left out because a name has no return there
};

/// What the cells of such a table are.
enum class ReturnFileKind { kReturns, kPrices };

/// Reads a table (.csv, .csv.gz or a file of columns) whose first column is the date and whose others are
/// names, oldest row first. Of prices, the returns from one row to the next are made. Rows in which a name is
/// missing are left out, so that every period has them all. Errors: kNotFound, kDataCorrupt; kInvalidArgument
/// with the line for what is no number, a price not above zero, dates that don't ascend, or fewer than two
/// complete periods, with the name whose values begin last.
NamedReturns read_returns(const std::filesystem::path& path, ReturnFileKind kind);

/// Reads some names of such a table alone, in the order given, so that what the others miss doesn't matter.
/// Errors: as above; kInvalidArgument for a name that is not in the table, with the nearest.
NamedReturns read_returns_of(const std::filesystem::path& path, ReturnFileKind kind,
                             const std::vector<std::string>& names);

/// Reads a table of two columns, a name and a number (weights, expected returns, betas), in the file's order.
/// Errors: as above; kInvalidArgument for a name that stands twice.
std::vector<std::pair<std::string, double>> read_named_numbers(const std::filesystem::path& path);

/// Brings such numbers into the order of `names`; those without one get `missing`.
/// Errors: kInvalidArgument for a name that is not among `names`, naming the file and the nearest.
std::vector<double> read_numbers_for(const std::filesystem::path& path, const std::vector<std::string>& names,
                                     double missing);

}  // namespace orrery
