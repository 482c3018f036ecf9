#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/parameters.h"

namespace orrery {

/// Where a value stands: a file (or the option it came from), line and column counted from 1.
struct ConfigMark {
  std::shared_ptr<const std::string> source;
  int line = 0;
  int column = 0;
};

/// A parsed YAML value that remembers where it stands.
struct ConfigNode {
  enum class Kind { kNull, kScalar, kSequence, kMapping };

  Kind kind = Kind::kNull;
  bool quoted = false;  ///< a scalar in quotes is text, whatever it looks like
  std::string scalar;
  std::vector<ConfigNode> items;                            ///< of a sequence
  std::vector<std::pair<std::string, ConfigNode>> entries;  ///< of a mapping, in the file's order
  ConfigMark mark;

  // Defined in the .cc, because a pair that holds this type needs it complete.
  ConfigNode();
  ~ConfigNode();
  ConfigNode(const ConfigNode&);
  ConfigNode(ConfigNode&&) noexcept;
  ConfigNode& operator=(const ConfigNode&);
  ConfigNode& operator=(ConfigNode&&) noexcept;

  const ConfigNode* find(std::string_view key) const;
};

/// Parses YAML. Errors: kInvalidArgument with source, line and column; a key that stands twice is an error.
ConfigNode parse_config(const std::string& text, const std::string& source);

/// Puts `value` (YAML text) at a dotted key such as "factors.extra.x", making mappings on the way.
/// Errors: kInvalidArgument when the text is no YAML or a value on the way is no mapping.
void set_config_value(ConfigNode& root, std::string_view dotted_key, const std::string& value);

/// Writes the tree as YAML, in a fixed form.
std::string to_yaml(const ConfigNode& root);

/// Collects what is wrong with a configuration, so that all of it can be shown at once.
class ConfigProblems {
 public:
  void add(const ConfigMark& mark, std::string_view key, std::string_view message);
  bool empty() const { return lines_.empty(); }
  /// Throws kInvalidArgument with one line a problem, "file:line:column: key: message", when there is any.
  void throw_if_any() const;

 private:
  std::vector<std::string> lines_;
};

/// Reads a mapping key by key, with defaults, and reports values of the wrong kind and keys nobody asked for.
/// Reading goes on after a problem, with the default, so that one pass finds everything.
class ConfigReader {
 public:
  /// `node` may be null: then every key has its default. `path` is the dotted key of the node ("" for the
  /// root).
  ConfigReader(const ConfigNode* node, std::string path, ConfigProblems& problems);
  /// Reports the keys that were never asked for.
  ~ConfigReader();
  ConfigReader(const ConfigReader&) = delete;
  ConfigReader& operator=(const ConfigReader&) = delete;

  bool has(std::string_view key) const;
  /// Returns the node of a key and counts it as read; null when absent.
  const ConfigNode* node(std::string_view key);
  /// Returns a reader of the mapping at `key`.
  ConfigReader section(std::string_view key);

  std::string text(std::string_view key, std::string_view fallback,
                   const std::vector<std::string>& choices = {});
  std::string required_text(std::string_view key);
  double number(std::string_view key, double fallback, std::optional<double> minimum = std::nullopt,
                std::optional<double> maximum = std::nullopt);
  std::int64_t integer(std::string_view key, std::int64_t fallback,
                       std::optional<std::int64_t> minimum = std::nullopt);
  bool boolean(std::string_view key, bool fallback);
  std::optional<Date> date(std::string_view key);
  /// Reads a path: `${NAME}` and `${NAME:-default}` are expanded, relative paths start at the source's
  /// folder.
  std::filesystem::path path(std::string_view key);
  std::vector<std::filesystem::path> paths(std::string_view key);
  /// Reads a mapping of plain settings and checks them against what is declared.
  ParameterMap parameters(std::string_view key, const std::vector<ParameterInfo>& declared);
  ParameterMap parameters(std::string_view key);

  /// Adds a problem at a key of this mapping (or at the mapping when the key is absent).
  void problem(std::string_view key, std::string_view message);
  std::string key_path(std::string_view key) const;
  const ConfigMark& mark(std::string_view key) const;

 private:
  std::filesystem::path resolve_path(const ConfigNode& node, std::string_view key);
  const ConfigNode* scalar(std::string_view key, std::string_view expected);

  const ConfigNode* node_;
  std::string path_;
  ConfigProblems& problems_;
  std::vector<std::string> asked_;
  ConfigMark empty_mark_;
};

/// Returns a scalar's plain value: true/false, whole number, number, else text.
ParameterValue scalar_value(const ConfigNode& scalar);

/// Describes a node for an error message: its text, or "a list", "a mapping", "nothing".
std::string describe(const ConfigNode& node);

/// Expands `${NAME}` and `${NAME:-default}` from the environment.
/// Errors: kInvalidArgument for a variable that is not set and has no default.
std::string expand_environment(std::string_view text);

}  // namespace orrery
