#include "orrery/report/study_report.h"

#include <fmt/format.h>

#include "orrery/report/assets.h"
#include "orrery/report/chart_data.h"
#include "orrery/report/html.h"
#include "orrery/report/sections.h"

namespace orrery {
namespace {

/// A browser that honours it can't load anything from outside, whatever the page holds.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; font-src data:; img-src "
    "data:";

constexpr std::string_view kMark =
    "<svg viewBox=\"0 0 24 24\" fill=\"none\" aria-hidden=\"true\"><circle cx=\"12\" cy=\"12\" r=\"2.6\" "
    "fill=\"currentColor\"/><ellipse cx=\"12\" cy=\"12\" rx=\"10.5\" ry=\"5.2\" stroke=\"currentColor\" "
    "stroke-width=\"1.3\" transform=\"rotate(-24 12 12)\"/><circle cx=\"21.1\" cy=\"7.2\" r=\"1.9\" "
    "fill=\"var(--accent)\"/></svg>";

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
          {"signal", "Signal", render_signal(report)},
          {"gain", "Gain label", render_classification(report)},
          {"recommendations", "Recommendations", render_recommendations(report)},
          {"model", "Model", render_model(report)},
          {"selection", "Selection", render_selection(report)},
          {"data", "Data", render_data_quality(report)},
          {"study", "Study", render_study(report)}};
}

std::string render_bar(const std::vector<Part>& parts) {
  std::string links;
  for (const Part& part : parts) {
    if (part.content.empty() || part.id.empty()) continue;
    links += fmt::format("<a href=\"#{}\">{}</a>", part.id, part.name);
  }
  return fmt::format(
      "<header class=\"bar\"><div class=\"mark\">{}<span>Orrery</span></div>"
      "<nav aria-label=\"Sections\">{}</nav><button id=\"theme-toggle\" type=\"button\" hidden>Dark</button>"
      "</header>\n",
      kMark, links);
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
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>{}{}</title>\n<style>{}</style>\n"
      "</head>\n<body>\n",
      kPolicy, html::escape(report.name), report.banner.empty() ? "" : " (simulated)", report_style());
  page += render_bar(parts);
  page += "<main>\n" + render_title(report) + render_verdict(report) + render_cards(report);
  for (const Part& part : parts) page += part.content;
  page += render_footer(report) + "</main>\n";
  page += fmt::format("<script type=\"application/json\" id=\"report-data\">{}</script>\n",
                      chart_data_json(report));
  page += fmt::format("<script>{}</script>\n</body>\n</html>\n", report_script());
  return page;
}

}  // namespace orrery
