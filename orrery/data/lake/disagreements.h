#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "orrery/data/lake/lake.h"

namespace orrery {

/// One value of which two sources say different things.
struct Disagreement {
  std::string table, symbol, column;
  Date day;  ///< of the event
  std::string first_source, second_source;
  double first = 0.0, second = 0.0;  ///< NaN: a source has the fact, but no value
  double difference = 0.0;           ///< relative to the larger of both; 1 where one has no value
};

/// Two sources held against each other in one column.
struct SourceComparison {
  std::string table, column, first_source, second_source;
  std::size_t compared = 0;   ///< facts that both have, with a value in at least one
  std::size_t differing = 0;  ///< by more than the tolerance
  double median = 0.0;        ///< of the differing ones' relative difference; 0: none
  Disagreement largest;       ///< of the differing ones
};

/// Facts that one source has and another lacks, within the days that both cover.
struct OneSided {
  std::string table, first_source, second_source;
  std::size_t facts = 0;  ///< that both have
  std::size_t only_first = 0;
  std::size_t only_second = 0;
};

/// Where the sources of a lake differ.
struct SourceDisagreements {
  std::vector<SourceComparison> columns;  ///< by table, sources and the table's order of columns
  std::vector<OneSided> facts;
  std::vector<Disagreement> largest;  ///< the largest of all, descending
};

/// What to compare.
struct DisagreementRequest {
  std::vector<std::string> tables = {};   ///< empty: all
  std::vector<std::string> symbols = {};  ///< empty: all
  double tolerance = 1e-6;                ///< relative; prices of some services have seven digits only
  std::size_t largest = 20;               ///< how many single values to return
};

/// Compares the latest account that each source gives of each fact, number by number. Bars of days are the
/// same fact when they are of one day, other facts when their keys are equal. Errors: kNotFound for a table
/// that is not there.
SourceDisagreements find_disagreements(Lake& lake, const DisagreementRequest& request);

}  // namespace orrery
