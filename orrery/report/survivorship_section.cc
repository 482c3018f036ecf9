#include <fmt/format.h>

#include <algorithm>

#include "orrery/report/html.h"
#include "orrery/report/sections.h"

namespace orrery {
namespace {

using html::percent;
using html::TableCell;

int year_of(const IndexCoverage& coverage) { return year_month_day(coverage.first).year; }

/// The year with the largest share of names that were picked before they belonged.
const IndexCoverage& worst_year(const std::vector<IndexCoverage>& years) {
  return *std::max_element(years.begin(), years.end(), [](const auto& a, const auto& b) {
    return a.rows_before_joining * b.rows < b.rows_before_joining * a.rows;
  });
}

std::string say_absent(const IndexCoverage& index) {
  return fmt::format("Of <b>{} index members</b> between {} and {}, <b>{} have no prices here</b> ({}). ",
                     html::count(index.members), to_string(index.first), to_string(index.last),
                     html::count(index.members_without_prices), percent(index.absent_share()));
}

std::string say_early(const Survivorship& survivorship) {
  if (survivorship.restricted_to_members) {
    return fmt::format(
        "The universe holds the members of the day only: no name is held before it joined, and the <b>{} "
        "that left "
        "the index</b> meanwhile belong until that day, after which their positions run off. Those without "
        "prices "
        "are missing all the same. ",
        html::count(survivorship.index->members_that_left));
  }
  const IndexCoverage& worst = worst_year(survivorship.years);
  return fmt::format(
      "<b>{} of the rows</b> are names not yet in the index on their day ({} in {}): only hindsight put "
      "them into the file so early, and who will join an index has usually risen. ",
      percent(survivorship.index->not_yet_share()), percent(worst.not_yet_share()), year_of(worst));
}

std::string say_unknown(const Survivorship& survivorship) {
  return fmt::format(
      "No list of index members was given, so that the universe is what the file holds: {} names, of which "
      "{} "
      "start after the first session and {} end before the last. Which names left the market and were never "
      "put into the file can't be told from it. ",
      html::count(survivorship.names), html::count(survivorship.names_starting_later),
      html::count(survivorship.names_ending_early));
}

/// What follows from it for every number of the page.
std::string say_consequence(const Survivorship& survivorship) {
  std::string text =
      "Absolute returns of such a file are biased, as a rule upward, those of the universe and those of the "
      "portfolio alike. The difference to the equal-weight universe of the same rows is the result to read: "
      "both hold the same names, so that most of the bias cancels in it.";
  if (survivorship.sectors_known) {
    text +=
        " Sectors come from one table without dates: what is said about sectors takes each name to have been "
        "in that sector in every year.";
  }
  return text;
}

std::string year_table(const Survivorship& survivorship) {
  if (survivorship.years.empty()) return {};
  std::vector<std::vector<TableCell>> rows;
  for (const IndexCoverage& year : survivorship.years) {
    const double left = static_cast<double>(year.rows_after_leaving) / static_cast<double>(year.rows);
    rows.push_back({{fmt::format("{}", year_of(year))},
                    {html::count(year.members)},
                    {html::count(year.members_without_prices)},
                    {percent(year.absent_share())},
                    {html::count(year.rows)},
                    {percent(year.not_yet_share())},
                    {percent(left)}});
  }
  return html::table("Survivorship by year",
                     {{"Year"},
                      {"Members"},
                      {"Without prices"},
                      {"Share"},
                      {"Rows"},
                      {"Not yet in the index"},
                      {"No longer in it"}},
                     rows);
}

std::string caption(const Survivorship& survivorship) {
  if (!survivorship.index) return {};
  return fmt::format(
      "<figcaption>Members by <code>{}</code>, counted as tickers: one that was renamed and stands in the "
      "file "
      "under its later name counts as missing. Rows are bars, one a name and session, before any other rule "
      "of the universe.</figcaption>",
      html::escape(survivorship.membership_file));
}

}  // namespace

std::string render_survivorship(const StudyReport& report) {
  if (!report.trust || !report.trust->survivorship) return {};
  const Survivorship& survivorship = *report.trust->survivorship;
  const std::string known = survivorship.index ? say_absent(*survivorship.index) + say_early(survivorship)
                                               : say_unknown(survivorship);
  return fmt::format(
      "<figure id=\"survivorship\"><h3>Who is missing: survivorship</h3><p "
      "class=\"said\">{}{}</p>\n{}{}</figure>\n",
      known, say_consequence(survivorship), year_table(survivorship), caption(survivorship));
}

}  // namespace orrery
