#include "orrery/report/html.h"

#include <fmt/format.h>

#include <cmath>

namespace orrery::html {
namespace {

constexpr std::string_view kMinus = "\u2212";
constexpr std::string_view kMissing = "\u2013";

bool is_zero(std::string_view text) { return text.find_first_of("123456789") == std::string_view::npos; }

std::string write_row(const std::vector<TableColumn>& columns, const std::vector<TableCell>& row) {
  std::string html = "<tr>";
  for (std::size_t i = 0; i < row.size(); ++i) {
    const char* tag = i == 0 ? "th scope=\"row\"" : "td";
    html += fmt::format("<{}{}", tag, columns[i].is_text && i > 0 ? " class=\"text\"" : "");
    if (!row[i].sort_value.empty()) html += fmt::format(" data-value=\"{}\"", escape(row[i].sort_value));
    html += fmt::format(">{}</{}>", row[i].content, i == 0 ? "th" : "td");
  }
  return html + "</tr>\n";
}

}  // namespace

std::string escape(std::string_view text) {
  std::string html;
  html.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') html += c;
    }
  }
  return html;
}

std::string number(double value, int decimals) {
  if (!std::isfinite(value)) return std::string(std::isnan(value) ? kMissing : value > 0 ? "∞" : "−∞");
  const std::string digits = fmt::format("{:.{}f}", std::abs(value), decimals);
  return fmt::format("{}{}", value < 0.0 && !is_zero(digits) ? kMinus : std::string_view(), digits);
}

std::string percent(double value, int decimals) {
  return std::isfinite(value) ? number(100.0 * value, decimals) + "%" : std::string(kMissing);
}

std::string signed_percent(double value, int decimals) {
  const std::string text = percent(value, decimals);
  const bool rises = value > 0.0 && std::isfinite(value) && !is_zero(text);
  return fmt::format("{}{}", rises ? "+" : "", text);
}

std::string count(std::size_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t end = digits.size(); end > 3; end -= 3) digits.insert(end - 3, 1, ',');
  return digits;
}

std::string date_range(Date first, Date last) {
  return fmt::format("{} to {}", to_string(first), to_string(last));
}

std::string table(std::string_view caption, const std::vector<TableColumn>& columns,
                  const std::vector<std::vector<TableCell>>& rows, bool sortable) {
  std::string html = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table{1}>"
      "<caption class=\"hidden\">{0}</caption>\n<thead><tr>",
      escape(caption), sortable ? " class=\"sortable\"" : "");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    html += fmt::format("<th scope=\"col\"{}>{}</th>", columns[i].is_text || i == 0 ? " class=\"text\"" : "",
                        escape(columns[i].heading));
  }
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& row : rows) html += write_row(columns, row);
  return html + "</tbody></table></div>\n";
}

std::string details(std::string_view summary, std::string_view content) {
  return fmt::format("<details><summary>{}</summary>{}</details>\n", escape(summary), content);
}

std::string figure(const Figure& figure) {
  return fmt::format(
      "<figure><h3>{}</h3><div class=\"chart{}\" data-chart=\"{}\" role=\"img\" aria-label=\"{}\"></div>"
      "<figcaption>{}</figcaption>{}</figure>\n",
      escape(figure.title), figure.tall ? " tall" : "", figure.name, escape(figure.label), figure.caption,
      figure.numbers.empty() ? "" : details("Show the numbers", figure.numbers));
}

std::string card(const Card& card) {
  return fmt::format(
      "<div class=\"card\"><dt>{}</dt><dd><div class=\"value{}\">{}</div><div "
      "class=\"beside\">{}</div></dd></div>\n",
      escape(card.name), card.value < 0.0 ? " negative" : "", card.shown, card.beside);
}

std::string section(std::string_view id, std::string_view heading, std::string_view lead,
                    std::string_view content) {
  return fmt::format(
      "<section id=\"{0}\" aria-labelledby=\"{0}-heading\">\n<h2 id=\"{0}-heading\">{1}</h2>\n"
      "<p class=\"lead\">{2}</p>\n{3}</section>\n",
      id, escape(heading), lead, content);
}

}  // namespace orrery::html
