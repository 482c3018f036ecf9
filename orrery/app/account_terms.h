#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

/// Settings of a study by their dotted keys, as they stand in its file: `portfolio.k` → `50`.
using StudySettings = std::map<std::string, std::string>;

/// What an account trades by, and keeps from one call to the next.
struct AccountTerms {
  StudySettings study;           ///< those that decide its trades
  bool person_confirms = false;  ///< the ladder's `confirm.after` does not stand for the person

  bool operator==(const AccountTerms&) const = default;
};

/// Returns the settings of a study's YAML that decide what an account does: all but its name, where its
/// prices come from and end, and what is only said of a run (baselines, robustness, explain, …). The
/// contents of files are not among them. Errors: kInvalidArgument for what is no YAML.
StudySettings deciding_settings(const std::string& yaml);

/// Says what became of each setting that is another one now: "portfolio.k was 50 and is 30".
std::vector<std::string> changed_settings(const StudySettings& before, const StudySettings& now);

/// Writes terms as JSON, in one line.
std::string to_json(const AccountTerms& terms);
/// Errors: kDataCorrupt.
AccountTerms parse_account_terms(std::string_view json);

}  // namespace orrery
