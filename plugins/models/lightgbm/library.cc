#include "plugins/models/lightgbm/library.h"

#include <fmt/format.h>

#include <cstdint>

#include "orrery/base/error.h"

namespace orrery::plugins::models::lightgbm {
namespace {

/// The text ends with the parameters of training, the number of threads among them, on which nothing depends:
/// the same model must give the same bytes.
void forget_threads(std::string& text) {
  constexpr std::string_view kKey = "\n[num_threads: ";
  const auto found = text.find(kKey);
  if (found == std::string::npos) return;
  const auto begin = found + kKey.size();
  text.replace(begin, text.find(']', begin) - begin, 1, '0');
}

}  // namespace

void check(int status, std::string_view call) {
  if (status == 0) return;
  throw external_error(ErrorCode::kUnavailable,
                       fmt::format("LightGBM refused {}: {}", call, LGBM_GetLastError()));
}

Booster booster_from_text(const std::string& text) {
  int rounds = 0;
  BoosterHandle handle = nullptr;
  check(LGBM_BoosterLoadModelFromString(text.c_str(), &rounds, &handle), "to read a model");
  return Booster(handle);
}

std::string booster_to_text(const Booster& booster, int rounds) {
  std::int64_t size = 0;
  check(LGBM_BoosterSaveModelToString(booster.get(), 0, rounds, C_API_FEATURE_IMPORTANCE_SPLIT, 0, &size,
                                      nullptr),
        "to measure a model");
  std::string text(static_cast<std::size_t>(size), '\0');
  check(LGBM_BoosterSaveModelToString(booster.get(), 0, rounds, C_API_FEATURE_IMPORTANCE_SPLIT, size, &size,
                                      text.data()),
        "to write a model");
  text.resize(static_cast<std::size_t>(size) - 1);  // the size counts the closing zero byte
  forget_threads(text);
  return text;
}

}  // namespace orrery::plugins::models::lightgbm
