#include "orrery/factor/factor_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/factor/factor_library.h"
#include "orrery/factor/factor_set_texts.h"

namespace orrery {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

Error line_error(std::string_view source, std::size_t line, const std::string& reason) {
  return user_error(ErrorCode::kInvalidArgument, fmt::format("{}, line {}: {}", source, line, reason));
}

FactorDefinition parse_line(std::string_view source, std::size_t line, std::string_view text) {
  const auto equals = text.find('=');
  const auto name = trimmed(text.substr(0, equals));
  const auto expression = equals == std::string_view::npos ? "" : trimmed(text.substr(equals + 1));
  if (name.empty() || expression.empty()) {
    throw line_error(source, line, fmt::format("expected `name = expression`, found '{}'", text));
  }
  return {std::string(name), std::string(expression)};
}

}  // namespace

std::vector<FactorDefinition> parse_factor_set(std::string_view source, std::string_view text) {
  std::vector<FactorDefinition> result;
  std::set<std::string, std::less<>> names;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = text.find('\n');
    const auto content = trimmed(text.substr(0, end).substr(0, text.substr(0, end).find('#')));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (content.empty()) continue;
    result.push_back(parse_line(source, line, content));
    if (!names.insert(result.back().name).second) {
      throw line_error(source, line, fmt::format("the factor '{}' is defined twice", result.back().name));
    }
  }
  return result;
}

std::vector<FactorDefinition> factor_set(std::string_view name) {
  for (const auto& set : factor_set_texts()) {
    if (set.name == name) return parse_factor_set(fmt::format("sets/{}.txt", name), set.text);
  }
  const auto names = factor_set_names();
  throw user_error(ErrorCode::kNotFound, fmt::format("no factor set is named '{}'{}; there are: {}", name,
                                                     did_you_mean(name, names), fmt::join(names, ", ")));
}

std::vector<std::string> factor_set_names() {
  std::vector<std::string> result;
  for (const auto& set : factor_set_texts()) result.emplace_back(set.name);
  return result;
}

FactorDefinition find_factor(std::string_view qualified_name) {
  const auto colon = qualified_name.find(':');
  const auto set = qualified_name.substr(0, colon);
  const auto name = colon == std::string_view::npos ? std::string_view() : qualified_name.substr(colon + 1);
  std::vector<std::string> names;
  for (const auto& definition : factor_set(set)) {
    if (definition.name == name) return definition;
    names.push_back(definition.name);
  }
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("the set '{}' has no factor '{}'{}", set, name, did_you_mean(name, names)));
}

}  // namespace orrery
