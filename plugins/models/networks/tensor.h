#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace orrery::plugins::models::networks {

/// Numbers with a shape and a name, row-major: a network's weights outside of any library.
struct NamedTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;

  bool operator==(const NamedTensor&) const = default;
};

/// Counts the values of a shape.
inline std::size_t value_count(const std::vector<std::int64_t>& shape) {
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  return count;
}

}  // namespace orrery::plugins::models::networks
