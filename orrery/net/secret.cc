#include "orrery/net/secret.h"

#include <fmt/format.h>

#include <cstdlib>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/net/trimmed.h"
#include "orrery/net/url.h"

namespace orrery {
namespace {

void replace_all(std::string& text, const std::string& found) {
  for (auto at = text.find(found); at != std::string::npos; at = text.find(found, at + 3)) {
    text.replace(at, found.size(), "***");
  }
}

void require_private(const std::filesystem::path& path) {
  using std::filesystem::perms;
  std::error_code failed;
  const auto permissions = std::filesystem::status(path, failed).permissions();
  const auto others = perms::group_all | perms::others_all;
  if (failed || (permissions & others) == perms::none) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("others may read the key file {}; make it private: chmod 600 {}",
                               path.string(), path.string()));
}

}  // namespace

Secret find_secret(const SecretSource& source) {
  if (!source.file.empty()) {
    const std::string text = trimmed(read_file(source.file));
    require_private(source.file);
    return Secret(text);
  }
  const char* found = source.environment.empty() ? nullptr : std::getenv(source.environment.c_str());
  return Secret(found == nullptr ? "" : trimmed(found));
}

std::string redact(std::string text, const Secret& secret) {
  if (secret.empty()) return text;
  replace_all(text, secret.reveal());
  const std::string encoded = percent_encode(secret.reveal());
  if (encoded != secret.reveal()) replace_all(text, encoded);
  return text;
}

}  // namespace orrery
