#pragma once

#include <string>
#include <vector>

namespace orrery::html {

/// A section that the bar at the top links to.
struct NavigationLink {
  std::string id;
  std::string name;  ///< escaped
};

/// A page in the style of the reports.
struct Page {
  std::string title;       ///< plain text
  bool simulated = false;  ///< said in the window's title
  std::vector<NavigationLink> links;
  std::string content;     ///< HTML of the main part
  std::string chart_data;  ///< JSON with '<' escaped: one member a chart, and `banner`
};

/// Renders one self-contained HTML file: styles, script and data are inside, nothing is loaded from
/// elsewhere.
std::string render_page(const Page& page);

}  // namespace orrery::html
