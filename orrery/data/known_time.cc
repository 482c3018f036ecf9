#include "orrery/data/known_time.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/data/cot_publication.h"
#include "orrery/market/session_times.h"

namespace orrery {
namespace {

constexpr std::int64_t kMinute = 60'000'000'000;

template <int Minutes>
Timestamp after_event(const FactTimes& times) {
  return {times.event.nanoseconds + Minutes * kMinute};
}

/// Sessions of New York end on their day, UTC.
Timestamp evening_of_session(const FactTimes& times) {
  const Date day{static_cast<std::int32_t>(times.event.nanoseconds / (1440 * kMinute))};
  return new_york_time(day, 17, 30);
}

Timestamp at_publication(const FactTimes& times) { return *times.published; }

Timestamp open_of_day(const FactTimes& times) { return new_york_open_from(*times.day); }

Timestamp open_after_day(const FactTimes& times) { return new_york_open_from(*times.day + 1); }

/// Also on a day without a session.
Timestamp morning_after_day(const FactTimes& times) { return new_york_time(*times.day + 1, 9, 30); }

Timestamp midnight_after_day(const FactTimes& times) { return new_york_time(*times.day + 1, 0, 0); }

Timestamp at_cot_publication(const FactTimes& times) { return cot_publication(*times.day); }

/// The day that ends at the event, or in which it lies.
Timestamp open_after_event(const FactTimes& times) {
  constexpr std::int64_t kDay = 1440 * kMinute;
  const auto day = (times.event.nanoseconds - 1) / kDay;
  return new_york_open_from(Date{static_cast<std::int32_t>(day)} + 1);
}

Date day(const char* text) { return *parse_date(text); }
Timestamp moment(const char* text) { return *parse_timestamp(text); }

std::vector<KnownTimeRule> make_rules() {
  using enum TimeTold;
  const FactTimes early_close = {moment("2024-07-03T17:00Z")};
  const FactTimes crypto_day = {moment("2024-07-02")};
  const FactTimes article = {moment("2024-07-02T13:00Z"), moment("2024-07-02T13:00Z"), {}};
  const FactTimes filing_day = {moment("2024-04-01"), {}, day("2024-05-03")};
  const FactTimes vintage = {moment("2024-02-01"), {}, day("2024-02-13")};
  return {
      {"bars", "binance", kEvent, "the bar's end; days end at 00:00 UTC", "the exchange's own candles",
       after_event<0>, crypto_day},
      {"bars", "polygon", kEvent, "15 minutes after the session's close, early closes included",
       "quotes of delayed plans are held back so long", after_event<15>, early_close},
      {"bars", "yahoo", kEvent, "30 minutes after the session's close, early closes included",
       "twice the 15 minutes that exchanges ask delayed quotes to be held back", after_event<30>,
       early_close},
      {"bars", "tiingo", kEvent, "17:30 in New York on the day of the session, half days included",
       "Tiingo: most prices of the day are out then", evening_of_session, early_close},
      {"bars", "", kEvent, "180 minutes after the bar's end", "the source tells no hour; an allowance",
       after_event<180>, early_close},
      {"trades",
       "",
       kEvent,
       "when it happened",
       "the exchange's own stamp",
       after_event<0>,
       {moment("2024-07-02T13:30:00.5Z")}},
      {"quotes",
       "",
       kEvent,
       "when it stood",
       "the exchange's own stamp",
       after_event<0>,
       {moment("2024-07-02T13:30:00.5Z")}},
      {"funding",
       "",
       kEvent,
       "when it is paid",
       "the rate is final only then",
       after_event<0>,
       {moment("2024-07-02T08:00Z")}},
      {"corporate_actions",
       "",
       kMoment,
       "its announcement",
       "told by the source",
       at_publication,
       {moment("2024-07-10"), moment("2024-06-20T20:15Z"), {}}},
      {"corporate_actions",
       "",
       kDay,
       "the open of the ex-day's session",
       "announced before, nobody tells when",
       open_of_day,
       {moment("2024-07-10"), {}, day("2024-07-10")}},
      {"fundamentals",
       "",
       kMoment,
       "the filing's acceptance, found by its accession number",
       "SEC: acceptanceDateTime",
       at_publication,
       {moment("2024-04-01"), moment("2024-05-02T20:30:15Z"), {}}},
      {"fundamentals", "", kDay, "the open of the session after the filing day",
       "filings are taken until 22:00 on their day", open_after_day, filing_day},
      {"macro",
       "",
       kMoment,
       "its publication",
       "told by the source",
       at_publication,
       {moment("2024-02-01"), moment("2024-02-13T13:30Z"), {}}},
      {"macro", "", kDay, "9:30 in New York on the day after the vintage begins",
       "ALFRED tells the day of a vintage, not the hour", morning_after_day, vintage},
      {"macro",
       "",
       kEvent,
       "the open of the session after the period",
       "no vintage is told",
       open_after_event,
       {moment("2024-07-04")}},
      {"positioning",
       "",
       kDay,
       "15:30 in New York on the day of publication, from a table of days",
       "CFTC's schedules and notices, with holidays and shutdowns; never weekdays counted",
       at_cot_publication,
       {moment("2025-10-01"), {}, day("2025-09-30")}},
      {"membership",
       "",
       kMoment,
       "its announcement",
       "told by the source",
       at_publication,
       {moment("2024-06-24"), moment("2024-06-07T21:15Z"), {}}},
      {"membership",
       "",
       kDay,
       "the open of the first session with the change",
       "announced before, nobody tells when",
       open_of_day,
       {moment("2024-06-24"), {}, day("2024-06-24")}},
      {"news", "", kMoment, "its publication, or when the source took it in, where it tells that",
       "told by the source", at_publication, article},
      {"news",
       "",
       kDay,
       "midnight in New York after its day",
       "no hour is told",
       midnight_after_day,
       {moment("2024-07-02"), {}, day("2024-07-02")}},
      {"social", "", kMoment, "its publication", "told by the source", at_publication, article},
      {"social",
       "",
       kDay,
       "midnight in New York after its day",
       "no hour is told",
       midnight_after_day,
       {moment("2024-07-02"), {}, day("2024-07-02")}},
      {"instruments",
       "",
       kDay,
       "the open of the first session with the change",
       "no hour is told",
       open_of_day,
       {moment("2024-06-24"), {}, day("2024-06-24")}},
      {"factor_returns",
       "",
       kEvent,
       "never: for attribution, refused as a feature",
       "Kenneth French's library is made anew weeks later, its past included",
       nullptr,
       {moment("2024-07-02")}},
  };
}

bool is_told(TimeTold told, const FactTimes& times) {
  switch (told) {
    case TimeTold::kMoment:
      return times.published.has_value();
    case TimeTold::kDay:
      return times.day.has_value();
    case TimeTold::kEvent:
      break;
  }
  return true;
}

std::string told_text(const KnownTimeRule& rule) {
  const auto& times = rule.example;
  switch (rule.told) {
    case TimeTold::kMoment:
      return "published " + to_string(*times.published);
    case TimeTold::kDay:
      return "day " + to_string(*times.day);
    case TimeTold::kEvent:
      break;
  }
  return "event " + to_string(times.event);
}

}  // namespace

const std::vector<KnownTimeRule>& known_time_rules() {
  static const std::vector<KnownTimeRule> rules = make_rules();
  return rules;
}

const KnownTimeRule& known_time_rule(std::string_view table, std::string_view source,
                                     const FactTimes& times) {
  const std::string_view facts = table.starts_with("bars_") ? "bars" : table;
  const auto& rules = known_time_rules();
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const KnownTimeRule& rule) {
    return rule.facts == facts && (rule.source.empty() || rule.source == source) && is_told(rule.told, times);
  });
  if (found != rules.end()) return *found;
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("no rule says from when on a row of '{}' from '{}' is known; "
                               "docs/point-in-time.md has those there are",
                               table, source));
}

Timestamp known_time(std::string_view table, std::string_view source, const FactTimes& times) {
  const auto& rule = known_time_rule(table, source, times);
  if (rule.apply != nullptr) return rule.apply(times);
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("'{}' may explain results, never predict: {}", table, rule.because));
}

std::string known_time_page() {
  std::string page = "| Facts | Source | Told | Known from | Because | Known |\n|---|---|---|---|---|---|\n";
  for (const auto& rule : known_time_rules()) {
    page += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", rule.facts,
                        rule.source.empty() ? "any" : rule.source, told_text(rule), rule.known, rule.because,
                        rule.apply == nullptr ? "never" : to_string(rule.apply(rule.example)));
  }
  return page;
}

}  // namespace orrery
