#include "orrery/factor/factor_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <set>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
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

std::string place_of(std::string_view source, std::size_t line) {
  return fmt::format("{}, line {}", source, line);
}

Error line_error(std::string_view source, std::size_t line, const std::string& reason) {
  return user_error(ErrorCode::kInvalidArgument, fmt::format("{}: {}", place_of(source, line), reason));
}

constexpr std::string_view kInfixSigns = "+-*/<>=!&|,";

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Returns whether an expression names `name`, other than as a field.
bool mentions(std::string_view expression, std::string_view name) {
  for (auto at = expression.find(name); at != std::string_view::npos; at = expression.find(name, at + 1)) {
    const bool begins = at == 0 || (!is_name_char(expression[at - 1]) && expression[at - 1] != '$');
    const auto end = at + name.size();
    if (begins && (end >= expression.size() || !is_name_char(expression[end]))) return true;
  }
  return false;
}

void append(std::string& to, std::string_view part, std::string_view between) {
  if (!to.empty() && !part.empty()) to.append(between);
  to.append(part);
}

/// Reads `key: value` into the note; returns whether it was one of the known keys.
bool take_attribute(std::string_view text, FactorNote& note) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const auto key = trimmed(text.substr(0, colon));
  std::string* const to = key == "units"       ? &note.units
                          : key == "source"    ? &note.source
                          : key == "direction" ? &note.direction
                                               : nullptr;
  if (to == nullptr) return false;
  *to = std::string(trimmed(text.substr(colon + 1)));
  return true;
}

/// Reads a factor's comment: attributes and a summary, separated by ';'.
void take_comment(std::string_view comment, FactorNote& note) {
  while (!comment.empty()) {
    const auto end = comment.find(';');
    const auto part = trimmed(comment.substr(0, end));
    comment.remove_prefix(end == std::string_view::npos ? comment.size() : end + 1);
    if (part.empty() || take_attribute(part, note)) continue;
    append(note.summary, part, "; ");
  }
}

/// Reads a file of factors line by line.
class FactorFileReader {
 public:
  explicit FactorFileReader(std::string_view source) : source_(source) {}

  void take_line(std::string_view line) {
    ++line_;
    const auto begin = trimmed(line);
    if (begin.substr(0, 2) == "#!") return take_directive(trimmed(begin.substr(2)));
    const auto hash = line.find('#');
    const auto content = trimmed(line.substr(0, hash));
    const auto comment = hash == std::string_view::npos ? "" : trimmed(line.substr(hash + 1));
    if (content.empty()) return;
    if (!goes_on(content)) finish();
    if (open_.empty()) first_line_ = line_;
    append(open_, content, " ");
    append(open_comment_, comment, " ");
  }

  FactorSet take_set() {
    finish();
    return std::move(set_);
  }

 private:
  void take_directive(std::string_view text) {
    if (text.substr(0, 6) == "title:") {
      set_.title = std::string(trimmed(text.substr(6)));
    } else if (!take_attribute(text, common_)) {
      throw line_error(source_, line_,
                       fmt::format("expected #! title:, source:, units: or direction:, found '{}'", text));
    }
  }

  bool goes_on(std::string_view content) const {
    if (open_.empty()) return false;
    const char last = open_.back();
    return std::count(open_.begin(), open_.end(), '(') > std::count(open_.begin(), open_.end(), ')') ||
           last == ';' || kInfixSigns.find(last) != std::string_view::npos ||
           kInfixSigns.find(content.front()) != std::string_view::npos || content.front() == ')';
  }

  void finish() {
    if (open_.empty()) return;
    const std::string text = std::exchange(open_, "");
    const std::string comment = std::exchange(open_comment_, "");
    const auto equals = text.find('=');
    std::string_view name = trimmed(std::string_view(text).substr(0, equals));
    const auto expression =
        equals == std::string::npos ? std::string_view() : trimmed(std::string_view(text).substr(equals + 1));
    if (name.empty() || expression.empty() || name.find_first_of("($") != std::string_view::npos) {
      throw line_error(source_, first_line_, fmt::format("expected `name = expression`, found '{}'", text));
    }
    if (name.substr(0, 4) == "let ") return add_name(trimmed(name.substr(4)), expression);
    add_factor(name, expression, comment);
  }

  /// A name of the whole file, together with the names that it needs itself.
  void add_name(std::string_view name, std::string_view expression) {
    const auto end = expression.find_last_not_of("; ");
    names_.push_back({std::string(name), std::string(expression.substr(0, end + 1))});
  }

  void add_factor(std::string_view name, std::string_view expression, std::string_view comment) {
    if (!known_.insert(std::string(name)).second) {
      throw line_error(source_, first_line_, fmt::format("the factor '{}' is defined twice", name));
    }
    set_.definitions.push_back(
        {std::string(name), with_names(expression), {}, place_of(source_, first_line_)});
    set_.notes.push_back(common_);
    take_comment(comment, set_.notes.back());
  }

  /// Puts the definitions of the file's names that an expression needs before it.
  std::string with_names(std::string_view expression) const {
    std::string result(expression);
    for (auto name = names_.rbegin(); name != names_.rend(); ++name) {
      if (mentions(result, name->name))
        result = fmt::format("let {} = {}; {}", name->name, name->expression, result);
    }
    return result;
  }

  std::string_view source_;
  std::size_t line_ = 0;
  std::size_t first_line_ = 0;
  std::string open_;
  std::string open_comment_;
  std::vector<FactorDefinition> names_;
  FactorNote common_;
  FactorSet set_;
  std::set<std::string, std::less<>> known_;
};

bool is_path(std::string_view name) {
  const auto ends_with = [&](std::string_view end) {
    return name.size() > end.size() && name.substr(name.size() - end.size()) == end;
  };
  return ends_with(".factors") || ends_with(".txt");
}

}  // namespace

FactorSet parse_factor_file(std::string_view source, std::string_view text) {
  FactorFileReader reader(source);
  while (!text.empty()) {
    const auto end = text.find('\n');
    reader.take_line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return reader.take_set();
}

std::vector<FactorDefinition> parse_factor_set(std::string_view source, std::string_view text) {
  return parse_factor_file(source, text).definitions;
}

FactorSet load_factor_set(std::string_view name) {
  if (is_path(name)) {
    const std::filesystem::path path(name);
    FactorSet result = parse_factor_file(name, read_file(path));
    result.name = path.stem().string();
    return result;
  }
  for (const auto& set : factor_set_texts()) {
    if (set.name != name) continue;
    FactorSet result = parse_factor_file(fmt::format("sets/{}.factors", name), set.text);
    result.name = std::string(name);
    return result;
  }
  const auto names = factor_set_names();
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("no factor set is named '{}'{}; there are: {}, or the path of a .factors file",
                               name, did_you_mean(name, names), fmt::join(names, ", ")));
}

std::vector<FactorDefinition> factor_set(std::string_view name) { return load_factor_set(name).definitions; }

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
