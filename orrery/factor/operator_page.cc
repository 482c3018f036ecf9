#include "orrery/factor/operator_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "orrery/factor/operator.h"

namespace orrery {
namespace {

enum class Part { kElementwise, kOverTime, kAcross, kTaLib, kCandlestick };

struct PartText {
  Part part;
  std::string_view title;
  std::string_view about;
};

constexpr std::array<PartText, 5> kPageParts = {{
    {Part::kElementwise, "Element by element",
     "Each row and instrument by itself. The infix operators `+ - * / **`, the comparisons and `& |` are "
     "calls of "
     "these."},
    {Part::kOverTime, "Over time",
     "Each instrument by itself, over rows until now. Windows count rows, or time (`20d`, `90s`); a missing "
     "row takes a "
     "slot."},
    {Part::kAcross, "Across instruments", "All instruments of one row together."},
    {Part::kTaLib, "TA-Lib's functions",
     "With TA-Lib's names, defaults and conventions; they advance with every bar that is there, and a window "
     "is missing "
     "until it is full."},
    {Part::kCandlestick, "TA-Lib's candlestick patterns",
     "100 for a pattern that promises rising prices, -100 for falling ones (a few reach 200 when confirmed), "
     "0 for no "
     "pattern."},
}};

bool has_argument(const OperatorInfo& info, ArgumentKind kind) {
  return std::any_of(info.arguments.begin(), info.arguments.end(),
                     [&](const ArgumentInfo& argument) { return argument.kind == kind; });
}

Part part_of(const OperatorInfo& info) {
  if (info.name.starts_with("talib:CDL")) return Part::kCandlestick;
  if (info.name.starts_with("talib:")) return Part::kTaLib;
  if (info.example.across) return Part::kAcross;
  const bool over_time = has_argument(info, ArgumentKind::kWindow) ||
                         has_argument(info, ArgumentKind::kLag) || info.warm_up != "none";
  return over_time ? Part::kOverTime : Part::kElementwise;
}

/// A text as it may stand in Markdown: in a table a bar would end the cell.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    if (letter == '|' || letter == '*' || letter == '_' || letter == '<') result += '\\';
    result += letter;
  }
  return result;
}

std::string call_of(const OperatorInfo& info) {
  std::vector<std::string> names;
  for (const auto& argument : info.arguments) {
    std::string name = argument.name;
    if (argument.fallback) name += fmt::format("={}", *argument.fallback);
    if (argument.repeats) name += "...";
    names.push_back(name);
  }
  return fmt::format("{}({})", info.name, fmt::join(names, ", "));
}

std::string entry(const OperatorInfo& info) {
  std::string text = fmt::format("### {}\n`{}`: {}.\n\n", info.name, call_of(info), escaped(info.summary));
  std::vector<std::string> arguments;
  for (const auto& argument : info.arguments)
    arguments.push_back(fmt::format("`{}` {}", argument.name, escaped(argument.summary)));
  text += fmt::format("- {}\n", fmt::join(arguments, "; "));
  if (!info.outputs.empty()) text += fmt::format("- outputs: `.{}`\n", fmt::join(info.outputs, "`, `."));
  if (!info.aliases.empty()) text += fmt::format("- also called `{}`\n", fmt::join(info.aliases, "`, `"));
  text += fmt::format("- missing values: {}; first rows: {}\n- `{}`; source: {}\n\n", escaped(info.missing),
                      escaped(info.warm_up), info.example.expression, escaped(info.source));
  return text;
}

std::string table_row(const OperatorInfo& info) {
  const std::string outputs =
      info.outputs.empty() ? "" : fmt::format(" Outputs: `.{}`.", fmt::join(info.outputs, "`, `."));
  return fmt::format("| `{}` | {}.{} | {} |\n", call_of(info), escaped(info.summary), outputs,
                     escaped(info.warm_up));
}

std::string part_text(const PartText& part, const std::vector<OperatorInfo>& infos) {
  const bool table = part.part == Part::kTaLib || part.part == Part::kCandlestick;
  std::string text = fmt::format("## {}\n\n{}\n\n", part.title, part.about);
  if (table) text += "| Call | What it is | First rows |\n|---|---|---|\n";
  for (const auto& info : infos) {
    if (part_of(info) == part.part) text += table ? table_row(info) : entry(info);
  }
  if (table) text += '\n';
  return text;
}

}  // namespace

std::string operator_page() {
  const auto infos = operator_infos();
  std::string text = fmt::format(
      "# Operators\n\nThe {} operators of the factor language. This page is written by the program from what "
      "each "
      "operator's file in\n`plugins/operators` says of itself (`make docs`); `orrery factors explain NAME` "
      "shows the same "
      "in the terminal.\nNames are case-sensitive. How expressions are written, and what missing values and "
      "types do: "
      "[factors](factors.md).\n\n",
      infos.size());
  for (const auto& part : kPageParts) text += part_text(part, infos);
  text.pop_back();  // the empty line behind the last part
  return text;
}

}  // namespace orrery
