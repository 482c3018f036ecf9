#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orrery/ml/search_report.h"

namespace orrery {

/// A finished trial of a fit's search, as it is kept.
struct KeptTrial {
  std::size_t family = 0;
  TuningPoint point;
  SearchTrial trial;
};

struct KeptSearch {
  double seconds = 0.0;  ///< spent so far
  std::vector<KeptTrial> trials;
};

/// Where a fit's search keeps its finished trials, to go on after a stop.
class SearchFile {
 public:
  /// `folder`: an existing one; empty: nothing is kept. `definition`: what must be the same.
  SearchFile(const std::filesystem::path& folder, std::string definition);

  /// What was kept; nothing where there is none, or of another definition, or damaged.
  KeptSearch read() const;
  /// Writes it whole. Errors: kIo.
  void write(const KeptSearch& kept) const;

 private:
  std::filesystem::path file_;
  std::string definition_;
};

/// A report as JSON, without spreads, and back. Errors: nlohmann::json::exception for another text.
std::string search_report_json(const SearchReport& report);
SearchReport parse_search_report(const std::string& text);

}  // namespace orrery
