#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/timestamp.h"

namespace orrery {

/// What a source tells of the times of a fact.
struct FactTimes {
  Timestamp event = {};                     ///< the end of a bar or a period, the moment of a trade
  std::optional<Timestamp> published = {};  ///< the moment of its publication
  std::optional<Date> day = {};             ///< the day of its publication, where the hour is not told
};

/// What a rule needs to be told.
enum class TimeTold : std::uint8_t { kEvent, kMoment, kDay };

/// From when on facts of a kind could be known.
struct KnownTimeRule {
  std::string facts;   ///< "bars", "macro" …: a table of the lake, bars of all frequencies alike
  std::string source;  ///< "": every source that no rule before this one names
  TimeTold told = TimeTold::kEvent;
  std::string known;                                ///< the rule in words
  std::string because;                              ///< what it rests on
  Timestamp (*apply)(const FactTimes& times) = {};  ///< none: such facts may explain, never predict
  FactTimes example = {};                           ///< for the page
};

/// Returns every rule; of those that fit a fact the first holds.
const std::vector<KnownTimeRule>& known_time_rules();

/// Returns the rule for facts of a table and source of which these times are told: the first that needs no
/// more. Errors: kNotFound where no rule fits.
const KnownTimeRule& known_time_rule(std::string_view table, std::string_view source, const FactTimes& times);

/// Returns from when on a fact could be known, by its source's rule; never by when we retrieved it.
/// Errors: as known_time_rule; kInvalidArgument for facts that may only explain (returns of factor
/// portfolios), and as cot_publication.
Timestamp known_time(std::string_view table, std::string_view source, const FactTimes& times);

/// Returns the rules as the table that stands in docs/point-in-time.md.
std::string known_time_page();

}  // namespace orrery
