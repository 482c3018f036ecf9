#include "orrery/data/model_version.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr std::size_t kLongestName = 100;

bool is_plain(char letter) { return std::isalnum(static_cast<unsigned char>(letter)) != 0; }

bool may_stand_in_name(char letter) {
  return is_plain(letter) || letter == '.' || letter == '_' || letter == '-';
}

}  // namespace

std::string_view to_string(ModelStage stage) {
  switch (stage) {
    case ModelStage::kCandidate:
      return "candidate";
    case ModelStage::kLive:
      return "live";
    case ModelStage::kRetired:
      return "retired";
  }
  return "";
}

std::string ModelVersion::reference() const { return fmt::format("{}@{}", name, version); }

void check_model_name(std::string_view name) {
  const bool good = !name.empty() && name.size() <= kLongestName && is_plain(name.front()) &&
                    std::all_of(name.begin(), name.end(), may_stand_in_name);
  if (good) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("a model's name is up to {} letters, digits, '.', '_' and '-', the first a "
                               "letter or digit, found '{}'",
                               kLongestName, name));
}

ModelReference parse_model_reference(std::string_view text) {
  const auto at = text.find('@');
  ModelReference reference{std::string(text.substr(0, at)), std::nullopt};
  check_model_name(reference.name);
  if (at == std::string_view::npos) return reference;
  const auto number = text.substr(at + 1);
  std::int64_t version = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), version);
  if (failure != std::errc() || end != number.data() + number.size() || version < 1) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("a version is a whole number from 1, as in {}@1, found '{}'", reference.name, number));
  }
  reference.version = version;
  return reference;
}

}  // namespace orrery
