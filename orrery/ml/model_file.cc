#include "orrery/ml/model_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/fingerprint.h"

namespace orrery {
namespace {

constexpr std::string_view kMagic = "orrery-model ";
constexpr std::string_view kVersion = "1";

std::filesystem::path path_in(const std::filesystem::path& folder) { return folder / "model.orrery"; }

nlohmann::json to_json(const ParameterMap& parameters) {
  auto json = nlohmann::json::object();
  for (const auto& [name, value] : parameters) {
    std::visit([&, key = name](const auto& plain) { json[key] = plain; }, value);
  }
  return json;
}

ParameterValue parameter_value(const nlohmann::json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  return json.get<std::string>();
}

Error corrupt(const std::filesystem::path& path, const std::string& reason) {
  return external_error(ErrorCode::kDataCorrupt, fmt::format("{}: {}", path.string(), reason));
}

/// Cuts off the text up to the next end of line, which is left out.
std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// Checks the first line against what follows, and removes it.
void check_first_line(const std::filesystem::path& path, std::string_view& text) {
  std::string_view line = take_line(text);
  if (line.substr(0, kMagic.size()) != kMagic) throw corrupt(path, "this is not a model of Orrery's");
  line.remove_prefix(kMagic.size());
  const auto version = line.substr(0, line.find(' '));
  if (version != kVersion) {
    throw corrupt(path, fmt::format("model file version {} expected, found '{}'", kVersion, version));
  }
  const auto expected = line.substr(std::min(version.size() + 1, line.size()));
  const auto found = fingerprint_text(text);
  if (expected != found) {
    throw corrupt(path, fmt::format("the model is damaged or cut short: fingerprint {} expected, found {}",
                                    expected, found));
  }
}

ModelFile parse_header(std::string_view line) {
  const auto json = nlohmann::json::parse(line);
  ModelFile file;
  file.model = json.at("model").get<std::string>();
  file.features = json.at("features").get<std::vector<std::string>>();
  for (const auto& [name, value] : json.at("parameters").items()) {
    file.parameters[name] = parameter_value(value);
  }
  return file;
}

}  // namespace

void write_model_file(const std::filesystem::path& folder, const ModelFile& file) {
  const nlohmann::json header{
      {"model", file.model}, {"parameters", to_json(file.parameters)}, {"features", file.features}};
  const std::string body = header.dump() + "\n" + file.content;
  write_file_atomically(path_in(folder),
                        fmt::format("{}{} {}\n{}", kMagic, kVersion, fingerprint_text(body), body));
}

ModelFile read_model_file(const std::filesystem::path& folder, std::string_view expected_model) {
  const auto path = path_in(folder);
  const std::string whole = read_file(path);
  std::string_view text = whole;
  check_first_line(path, text);
  try {
    ModelFile file = parse_header(take_line(text));
    if (file.model != expected_model) {
      throw corrupt(path, fmt::format("a {} model expected, found a {} model", expected_model, file.model));
    }
    file.content = text;
    return file;
  } catch (const nlohmann::json::exception& error) {
    throw corrupt(path, fmt::format("the header can't be read: {}", error.what()));
  }
}

}  // namespace orrery
