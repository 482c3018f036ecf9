#include "orrery/base/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "orrery/base/address.h"
#include "orrery/base/error.h"
#include "orrery/base/spelling.h"

namespace orrery {
namespace {

using Source = std::shared_ptr<const std::string>;

std::string position(const ConfigMark& mark) {
  return fmt::format("{}:{}:{}", mark.source ? *mark.source : "", mark.line, mark.column);
}

ConfigMark to_mark(const YAML::Mark& mark, const Source& source) {
  return {source, std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1};
}

Error error_at(const ConfigMark& mark, std::string_view message) {
  return user_error(ErrorCode::kInvalidArgument, fmt::format("{}: {}", position(mark), message));
}

ConfigNode convert(const YAML::Node& yaml, const Source& source);

void convert_entries(const YAML::Node& yaml, const Source& source, ConfigNode& node) {
  for (const auto& entry : yaml) {
    const auto key = entry.first.Scalar();
    if (node.find(key) != nullptr) {
      throw error_at(to_mark(entry.first.Mark(), source), fmt::format("key '{}' stands twice", key));
    }
    ConfigNode value = convert(entry.second, source);
    if (value.kind == ConfigNode::Kind::kNull) value.mark = to_mark(entry.first.Mark(), source);
    node.entries.emplace_back(key, std::move(value));
  }
}

ConfigNode convert(const YAML::Node& yaml, const Source& source) {
  ConfigNode node;
  node.mark = to_mark(yaml.Mark(), source);
  if (yaml.IsScalar()) {
    node.kind = ConfigNode::Kind::kScalar;
    node.scalar = yaml.Scalar();
    node.quoted = yaml.Tag() == "!";
  } else if (yaml.IsSequence()) {
    node.kind = ConfigNode::Kind::kSequence;
    for (const auto& item : yaml) node.items.push_back(convert(item, source));
  } else if (yaml.IsMap()) {
    node.kind = ConfigNode::Kind::kMapping;
    convert_entries(yaml, source, node);
  }
  return node;
}

std::optional<double> parse_number(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0.0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return std::nullopt;
}

void emit(YAML::Emitter& out, const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::kNull:
      out << YAML::Null;
      break;
    case ConfigNode::Kind::kScalar:
      if (node.quoted) out << YAML::DoubleQuoted;
      out << node.scalar;
      break;
    case ConfigNode::Kind::kSequence:
      out << YAML::Flow << YAML::BeginSeq;
      for (const auto& item : node.items) emit(out, item);
      out << YAML::EndSeq;
      break;
    case ConfigNode::Kind::kMapping:
      out << YAML::BeginMap;
      for (const auto& [key, value] : node.entries) {
        out << YAML::Key << key << YAML::Value;
        emit(out, value);
      }
      out << YAML::EndMap;
      break;
  }
}

}  // namespace

ConfigNode::ConfigNode() = default;
ConfigNode::~ConfigNode() = default;
ConfigNode::ConfigNode(const ConfigNode&) = default;
ConfigNode::ConfigNode(ConfigNode&&) noexcept = default;
ConfigNode& ConfigNode::operator=(const ConfigNode&) = default;
ConfigNode& ConfigNode::operator=(ConfigNode&&) noexcept = default;

const ConfigNode* ConfigNode::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.first == key; });
  return found == entries.end() ? nullptr : &found->second;
}

ConfigNode parse_config(const std::string& text, const std::string& source) {
  const auto name = std::make_shared<const std::string>(source);
  try {
    return convert(YAML::Load(text), name);
  } catch (const YAML::Exception& exception) {
    throw error_at(to_mark(exception.mark, name), fmt::format("not readable as YAML: {}", exception.msg));
  }
}

void set_config_value(ConfigNode& root, std::string_view dotted_key, const std::string& value) {
  const auto option = fmt::format("--set {}={}", dotted_key, value);
  ConfigNode parsed = parse_config(value, option);
  ConfigNode* node = &root;
  std::string_view rest = dotted_key;
  for (;;) {
    if (node->kind != ConfigNode::Kind::kMapping && node->kind != ConfigNode::Kind::kNull) {
      throw user_error(ErrorCode::kInvalidArgument, fmt::format("{}: the value before '{}' is no mapping: {}",
                                                                option, rest, describe(*node)));
    }
    node->kind = ConfigNode::Kind::kMapping;
    const auto dot = rest.find('.');
    const auto key = std::string(rest.substr(0, dot));
    if (key.empty()) {
      throw user_error(ErrorCode::kInvalidArgument, fmt::format("{}: an empty part in the key", option));
    }
    auto found = std::find_if(node->entries.begin(), node->entries.end(),
                              [&](const auto& e) { return e.first == key; });
    if (found == node->entries.end()) {
      ConfigNode made;
      made.mark = parsed.mark;
      node->entries.emplace_back(key, made);
      found = std::prev(node->entries.end());
    }
    node = &found->second;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  *node = std::move(parsed);
}

std::string to_yaml(const ConfigNode& root) {
  YAML::Emitter out;
  emit(out, root);
  return std::string(out.c_str()) + "\n";
}

std::string describe(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::kNull:
      return "nothing";
    case ConfigNode::Kind::kScalar:
      return fmt::format("'{}'", node.scalar);
    case ConfigNode::Kind::kSequence:
      return "a list";
    case ConfigNode::Kind::kMapping:
      return "a mapping";
  }
  return "nothing";
}

ParameterValue scalar_value(const ConfigNode& scalar) {
  if (scalar.quoted) return scalar.scalar;
  if (const auto flag = parse_boolean(scalar.scalar)) return *flag;
  if (const auto integer = parse_integer(scalar.scalar)) return *integer;
  if (const auto number = parse_number(scalar.scalar)) return *number;
  return scalar.scalar;
}

std::string expand_environment(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto start = text.find("${");
    result += text.substr(0, start);
    if (start == std::string_view::npos) break;
    const auto end = text.find('}', start);
    if (end == std::string_view::npos) {
      throw user_error(ErrorCode::kInvalidArgument, fmt::format("'${{' without '}}' in {}", text));
    }
    const auto inside = text.substr(start + 2, end - start - 2);
    const auto separator = inside.find(":-");
    const auto name = std::string(inside.substr(0, separator));
    const char* value = std::getenv(name.c_str());
    if (value != nullptr && *value != '\0') {
      result += value;
    } else if (separator != std::string_view::npos) {
      result += inside.substr(separator + 2);
    } else {
      throw user_error(
          ErrorCode::kInvalidArgument,
          fmt::format("environment variable {} is not set; set it or write ${{{}:-default}}", name, name));
    }
    text.remove_prefix(end + 1);
  }
  return result;
}

void ConfigProblems::add(const ConfigMark& mark, std::string_view key, std::string_view message) {
  lines_.push_back(key.empty() ? fmt::format("{}: {}", position(mark), message)
                               : fmt::format("{}: {}: {}", position(mark), key, message));
}

void ConfigProblems::throw_if_any() const {
  if (lines_.empty()) return;
  throw user_error(ErrorCode::kInvalidArgument, fmt::format("{}", fmt::join(lines_, "\n")));
}

ConfigReader::ConfigReader(const ConfigNode* node, std::string path, ConfigProblems& problems)
    : node_(node), path_(std::move(path)), problems_(problems) {
  if (node_ == nullptr || node_->kind == ConfigNode::Kind::kNull) return;
  if (node_->kind == ConfigNode::Kind::kMapping) return;
  problems_.add(node_->mark, path_,
                fmt::format("must be a mapping of keys to values, found {}", describe(*node_)));
  node_ = nullptr;
}

ConfigReader::~ConfigReader() {
  if (node_ == nullptr) return;
  for (const auto& [key, value] : node_->entries) {
    if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
    problems_.add(
        value.mark, key_path(key),
        fmt::format("unknown key{}; allowed: {}", did_you_mean(key, asked_), fmt::join(asked_, ", ")));
  }
}

std::string ConfigReader::key_path(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

bool ConfigReader::has(std::string_view key) const {
  const auto* found = node_ == nullptr ? nullptr : node_->find(key);
  return found != nullptr && found->kind != ConfigNode::Kind::kNull;
}

const ConfigNode* ConfigReader::node(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  return has(key) ? node_->find(key) : nullptr;
}

const ConfigMark& ConfigReader::mark(std::string_view key) const {
  if (node_ == nullptr) return empty_mark_;
  const auto* found = node_->find(key);
  return found == nullptr ? node_->mark : found->mark;
}

void ConfigReader::problem(std::string_view key, std::string_view message) {
  problems_.add(mark(key), key_path(key), message);
}

ConfigReader ConfigReader::section(std::string_view key) { return {node(key), key_path(key), problems_}; }

const ConfigNode* ConfigReader::scalar(std::string_view key, std::string_view expected) {
  const auto* found = node(key);
  if (found == nullptr || found->kind == ConfigNode::Kind::kScalar) return found;
  problem(key, fmt::format("must be {}, found {}", expected, describe(*found)));
  return nullptr;
}

std::string ConfigReader::text(std::string_view key, std::string_view fallback,
                               const std::vector<std::string>& choices) {
  const auto* found = scalar(key, "a text");
  if (found == nullptr) return std::string(fallback);
  if (!choices.empty() && std::find(choices.begin(), choices.end(), found->scalar) == choices.end()) {
    problem(key, fmt::format("must be one of {}, found '{}'{}", fmt::join(choices, ", "), found->scalar,
                             did_you_mean(found->scalar, choices)));
    return std::string(fallback);
  }
  return found->scalar;
}

std::string ConfigReader::required_text(std::string_view key) {
  if (!has(key)) {
    node(key);
    problem(key, "is required and missing");
    return "";
  }
  return text(key, "");
}

double ConfigReader::number(std::string_view key, double fallback, std::optional<double> minimum,
                            std::optional<double> maximum) {
  const auto* found = scalar(key, "a number");
  if (found == nullptr) return fallback;
  const auto value = parse_number(found->scalar);
  if (!value) {
    problem(key, fmt::format("must be a number, found '{}'", found->scalar));
    return fallback;
  }
  if (minimum && *value < *minimum)
    problem(key, fmt::format("must be at least {}, found {}", *minimum, *value));
  if (maximum && *value > *maximum)
    problem(key, fmt::format("must be at most {}, found {}", *maximum, *value));
  return *value;
}

std::int64_t ConfigReader::integer(std::string_view key, std::int64_t fallback,
                                   std::optional<std::int64_t> minimum) {
  const auto* found = scalar(key, "a whole number");
  if (found == nullptr) return fallback;
  const auto value = parse_integer(found->scalar);
  if (!value) {
    problem(key, fmt::format("must be a whole number, found '{}'", found->scalar));
    return fallback;
  }
  if (minimum && *value < *minimum)
    problem(key, fmt::format("must be at least {}, found {}", *minimum, *value));
  return *value;
}

bool ConfigReader::boolean(std::string_view key, bool fallback) {
  const auto* found = scalar(key, "true or false");
  if (found == nullptr) return fallback;
  const auto value = parse_boolean(found->scalar);
  if (!value) problem(key, fmt::format("must be true or false, found '{}'", found->scalar));
  return value.value_or(fallback);
}

std::optional<Date> ConfigReader::date(std::string_view key) {
  const auto* found = scalar(key, "a date");
  if (found == nullptr) return std::nullopt;
  const auto value = parse_date(found->scalar);
  if (!value) problem(key, fmt::format("must be a date YYYY-MM-DD, found '{}'", found->scalar));
  return value;
}

std::filesystem::path ConfigReader::resolve_path(const ConfigNode& node, std::string_view key) {
  try {
    std::filesystem::path path = expand_environment(node.scalar);
    if (path.is_absolute() || is_address(path.string()) || !node.mark.source) return path;
    if (node.mark.source->starts_with("--set ")) return path;
    return std::filesystem::path(*node.mark.source).parent_path() / path;
  } catch (const Error& error) {
    problem(key, error.what());
    return {};
  }
}

std::filesystem::path ConfigReader::path(std::string_view key) {
  const auto* found = scalar(key, "a path");
  return found == nullptr ? std::filesystem::path() : resolve_path(*found, key);
}

std::vector<std::filesystem::path> ConfigReader::paths(std::string_view key) {
  const auto* found = node(key);
  std::vector<std::filesystem::path> result;
  if (found == nullptr) return result;
  if (found->kind == ConfigNode::Kind::kScalar) return {resolve_path(*found, key)};
  for (const auto& item : found->items) result.push_back(resolve_path(item, key));
  if (found->kind == ConfigNode::Kind::kMapping) problem(key, "must be a list of paths, found a mapping");
  return result;
}

namespace {

/// `[a, b]` as "a,b" and `{a: 1, b: 2}` as "a: 1, b: 2"; nothing where they hold more than plain values.
std::optional<std::string> plain_text(const ConfigNode& node) {
  std::vector<std::string> parts;
  for (const auto& item : node.items) {
    if (item.kind != ConfigNode::Kind::kScalar) return std::nullopt;
    parts.push_back(item.scalar);
  }
  for (const auto& [name, value] : node.entries) {
    if (value.kind != ConfigNode::Kind::kScalar) return std::nullopt;
    parts.push_back(fmt::format("{}: {}", name, value.scalar));
  }
  if (parts.empty()) return std::nullopt;
  return fmt::format("{}", fmt::join(parts, node.items.empty() ? ", " : ","));
}

}  // namespace

ParameterMap ConfigReader::parameters(std::string_view key) {
  const auto* found = node(key);
  ParameterMap result;
  if (found == nullptr) return result;
  if (found->kind != ConfigNode::Kind::kMapping) {
    problem(key, fmt::format("must be a mapping of settings, found {}", describe(*found)));
    return result;
  }
  for (const auto& [name, value] : found->entries) {
    if (value.kind == ConfigNode::Kind::kScalar) {
      result.emplace(name, scalar_value(value));
    } else if (const auto text = plain_text(value)) {
      result.emplace(name, *text);
    } else {
      problems_.add(value.mark, fmt::format("{}.{}", key_path(key), name),
                    fmt::format("must be a plain value, found {}", describe(value)));
    }
  }
  return result;
}

ParameterMap ConfigReader::parameters(std::string_view key, const std::vector<ParameterInfo>& declared) {
  ParameterMap given = parameters(key);
  for (const auto& found : check_parameters(given, declared)) {
    const auto* settings = node(key);
    problems_.add(settings->find(found.name)->mark, fmt::format("{}.{}", key_path(key), found.name),
                  found.message);
    given.erase(found.name);
  }
  return given;
}

}  // namespace orrery
