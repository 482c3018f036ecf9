#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "orrery/base/date.h"

namespace orrery {

/// How the numbers of a file of returns are meant.
enum class ReturnUnit : std::uint8_t {
  kAutomatic,  ///< percent when the typical size of the largest factor is above 0.1
  kPercent,    ///< 1.2 is 1.2 %, as Kenneth French publishes
  kFraction,   ///< 0.012 is 1.2 %
};

/// Returns of factor portfolios, such as Fama and French's. Known only afterwards: for attribution, never as
/// something to learn from.
struct FactorReturns {
  enum class Frequency : std::uint8_t { kDaily, kMonthly };

  std::string file;  ///< its name, without the folder
  Frequency frequency = Frequency::kDaily;
  ReturnUnit unit = ReturnUnit::kFraction;   ///< what was read; the values here are fractions
  std::vector<Date> dates;                   ///< ascending; the first of the month where monthly
  std::vector<std::string> names;            ///< as in the file, without the cash rate
  std::vector<std::vector<double>> returns;  ///< [factor][date]; missing: NaN
  std::vector<double> cash;                  ///< the file's RF by date; empty when it has none
};

/// Reads `.csv` or `.csv.gz`: dates (YYYYMMDD or YYYY-MM-DD; of months YYYYMM or YYYY-MM) and one column a
/// factor; a column `RF` is the cash rate. As Kenneth French's data library has it there may be lines before
/// the header, whose first field may be empty, and further tables, yearly ones, or a copyright after the
/// first table: it ends at the first text that is no row of it. Missing: "", ".", -99.99 and -999.
/// Errors: kNotFound; kInvalidArgument with file, line, column and what was found for a field that is no
/// number, a row of another length, dates that don't ascend, a factor without a name or named twice, and a
/// file without any row.
FactorReturns read_factor_returns(const std::filesystem::path& path,
                                  ReturnUnit unit = ReturnUnit::kAutomatic);

}  // namespace orrery
