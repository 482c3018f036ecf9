#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace orrery {

/// A key. It can't be printed by accident: only `reveal` hands out the text.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  bool empty() const { return text_.empty(); }
  /// Returns the text, for the one place that sends it.
  const std::string& reveal() const { return text_; }

 private:
  std::string text_;
};

/// Where a key is looked for.
struct SecretSource {
  std::string environment;     ///< name of a variable, such as "POLYGON_API_KEY"
  std::filesystem::path file;  ///< a file that holds the key alone, with mode 0600; "": none
};

/// Returns the key: from the file where one is named, else from the environment; empty where neither has one.
/// Errors: kNotFound for a file that is not there, kInvalidArgument for one that others may read.
/// Messages name the place, never the key.
Secret find_secret(const SecretSource& source);

/// Returns the text with every occurrence of the key, plain or percent-encoded, replaced by "***".
std::string redact(std::string text, const Secret& secret);

}  // namespace orrery
