#include "orrery/report/study_report.h"

#include <fmt/format.h>

#include "orrery/report/chart_data.h"
#include "orrery/report/html.h"
#include "orrery/report/page.h"
#include "orrery/report/sections.h"

namespace orrery {
namespace {

/// A part of the page with its place in the navigation; without a name it has none.
struct Part {
  std::string id;
  std::string name;
  std::string content;
};

std::vector<Part> render_parts(const StudyReport& report) {
  return {{"trust", "Trust", render_trust(report)},
          {"", "", render_equity(report)},
          {"performance", "Performance", render_performance(report)},
          {"regimes", "Regimes", report.regimes ? render_regimes(*report.regimes) : ""},
          {"currencies", "Currencies", report.currencies ? render_currencies(*report.currencies) : ""},
          {"ladder", "Drawdown ladder", report.ladder ? render_ladder(*report.ladder) : ""},
          {"orders", "Order checks", report.order_checks ? render_order_checks(*report.order_checks) : ""},
          {"attribution", "Attribution", render_attribution(report)},
          {"capacity", "Capacity", render_capacity(report)},
          {"outcomes", "Outcomes",
           report.trust && report.trust->outcomes ? render_outcomes(*report.trust->outcomes) : ""},
          {"signal", "Signal", render_signal(report)},
          {"time", "Over time", render_by_time(report)},
          {"intervals", "How sure",
           report.trust ? render_intervals(report.trust->intervals ? &*report.trust->intervals : nullptr,
                                           report.trust->deviations ? &*report.trust->deviations : nullptr)
                        : ""},
          {"robustness", "Robustness",
           report.trust && report.trust->robustness ? render_robustness(*report.trust->robustness) : ""},
          {"gain", "The event", render_classification(report)},
          {"recommendations", "Recommendations", render_recommendations(report)},
          {"model", "Model", render_model(report)},
          {"explanation", "Explanation", report.explanation ? render_explanation(*report.explanation) : ""},
          {"selection", "Selection", render_selection(report)},
          {"data", "Data", render_data_quality(report)},
          {"study", "Study", render_study(report)}};
}

std::vector<html::NavigationLink> navigation(const std::vector<Part>& parts) {
  std::vector<html::NavigationLink> links;
  for (const Part& part : parts) {
    if (!part.content.empty() && !part.id.empty()) links.push_back({part.id, part.name});
  }
  return links;
}

std::string render_title(const StudyReport& report) {
  std::string title;
  if (!report.banner.empty()) {
    title += fmt::format("<p class=\"simulated\" role=\"note\">{}</p>\n", html::escape(report.banner));
  }
  title += fmt::format("<h1>{}</h1>\n", html::escape(report.name));
  if (!report.subtitle.empty())
    title += fmt::format("<p class=\"subtitle\">{}</p>\n", html::escape(report.subtitle));
  return title;
}

std::string render_footer(const StudyReport& report) {
  return fmt::format(
      "<footer>{}Made by Orrery from the study and data named above; the same study and data give the same "
      "page. Past results, simulated or real, do not foretell future ones.</footer>\n",
      report.banner.empty() ? "" : html::escape(report.banner) + ". ");
}

}  // namespace

std::string render_study_report(const StudyReport& report) {
  const std::vector<Part> parts = render_parts(report);
  html::Page page;
  page.title = report.name;
  page.simulated = !report.banner.empty();
  page.links = navigation(parts);
  page.content = render_title(report) + render_verdict(report) + render_cards(report);
  for (const Part& part : parts) page.content += part.content;
  page.content += render_footer(report);
  page.chart_data = chart_data_json(report);
  return html::render_page(page);
}

}  // namespace orrery
