#include "orrery/report/page.h"

#include <fmt/format.h>

#include <string_view>

#include "orrery/report/assets.h"
#include "orrery/report/html.h"

namespace orrery::html {
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

std::string render_bar(const std::vector<NavigationLink>& links) {
  std::string list;
  for (const auto& link : links) list += fmt::format("<a href=\"#{}\">{}</a>", link.id, link.name);
  return fmt::format(
      "<header class=\"bar\"><div class=\"mark\">{}<span>Orrery</span></div>"
      "<nav aria-label=\"Sections\">{}</nav><button id=\"theme-toggle\" type=\"button\" hidden>Dark</button>"
      "</header>\n",
      kMark, list);
}

}  // namespace

std::string render_page(const Page& page) {
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>{}{}</title>\n<style>{}</style>\n"
      "</head>\n<body>\n",
      kPolicy, escape(page.title), page.simulated ? " (simulated)" : "", report_style());
  text += render_bar(page.links) + "<main>\n" + page.content + "</main>\n";
  text += fmt::format("<script type=\"application/json\" id=\"report-data\">{}</script>\n", page.chart_data);
  text += fmt::format("<script>{}</script>\n</body>\n</html>\n", report_script());
  return text;
}

}  // namespace orrery::html
