#include "plugins/models/networks/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"

namespace orrery::plugins::models::networks {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kLengthBytes = 8;

Error unreadable(const std::string& reason) {
  return external_error(ErrorCode::kDataCorrupt, fmt::format("the safetensors can't be read: {}", reason));
}

/// Where a tensor's numbers lie, counted from the header's end.
struct Place {
  NamedTensor tensor;
  std::size_t begin = 0;
  std::size_t end = 0;
};

Place read_place(const std::string& name, const nlohmann::json& entry) {
  if (entry.at("dtype") != "F32") {
    throw unreadable(fmt::format("{} is of {}; only F32 is expected", name, entry.at("dtype").dump()));
  }
  Place place;
  place.tensor.name = name;
  place.tensor.shape = entry.at("shape").get<std::vector<std::int64_t>>();
  place.begin = entry.at("data_offsets").at(0).get<std::size_t>();
  place.end = entry.at("data_offsets").at(1).get<std::size_t>();
  return place;
}

std::vector<Place> read_header(std::string_view text) {
  std::vector<Place> places;
  const auto header = nlohmann::json::parse(text);
  for (const auto& [name, entry] : header.items()) {
    if (name != "__metadata__") places.push_back(read_place(name, entry));
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.begin < b.begin; });
  return places;
}

NamedTensor fill(Place place, std::size_t expected_begin, std::string_view numbers) {
  const bool is_sane = std::all_of(
      place.tensor.shape.begin(), place.tensor.shape.end(),
      [&](std::int64_t extent) { return extent > 0 && static_cast<std::size_t>(extent) <= numbers.size(); });
  if (!is_sane || place.begin != expected_begin || place.end > numbers.size() || place.end < place.begin ||
      place.end - place.begin != value_count(place.tensor.shape) * sizeof(float)) {
    throw unreadable(fmt::format("the place of {}, {} to {}, does not fit its shape", place.tensor.name,
                                 place.begin, place.end));
  }
  place.tensor.values.resize(value_count(place.tensor.shape));
  std::memcpy(place.tensor.values.data(), numbers.data() + place.begin, place.end - place.begin);
  return std::move(place.tensor);
}

}  // namespace

std::string to_safetensors(const std::vector<NamedTensor>& tensors) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  std::size_t begin = 0;
  for (const NamedTensor& tensor : tensors) {
    const std::size_t end = begin + tensor.values.size() * sizeof(float);
    header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
    begin = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(kLengthBytes, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  bytes += text;
  for (const NamedTensor& tensor : tensors) {
    bytes.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(float));
  }
  return bytes;
}

std::vector<NamedTensor> from_safetensors(std::string_view bytes) try {
  std::uint64_t length = 0;
  if (bytes.size() < kLengthBytes) throw unreadable("they are cut short");
  std::memcpy(&length, bytes.data(), sizeof length);
  bytes.remove_prefix(kLengthBytes);
  if (length > bytes.size()) throw unreadable("they are cut short");
  const std::string_view numbers = bytes.substr(length);
  std::vector<NamedTensor> tensors;
  std::size_t expected_begin = 0;
  for (Place& place : read_header(bytes.substr(0, length))) {
    const std::size_t end = place.end;
    tensors.push_back(fill(std::move(place), expected_begin, numbers));
    expected_begin = end;
  }
  if (expected_begin != numbers.size()) throw unreadable("there is more than the tensors");
  return tensors;
} catch (const nlohmann::json::exception& error) {
  throw unreadable(error.what());
}

}  // namespace orrery::plugins::models::networks
