#pragma once

#include <array>
#include <string_view>

namespace orrery {

/// In which numbers a fitted model computes its predictions.
enum class ServingPrecision {
  kTrained,   ///< those that it was trained for: float32 of a network
  kBfloat16,  ///< products of bfloat16: 8 bits of mantissa
  kInt8,      ///< weights of 8 bits, with a scale for each output; products of float32
};

constexpr std::array<std::string_view, 3> kServingPrecisions = {"trained", "bfloat16", "int8"};

constexpr std::string_view to_string(ServingPrecision precision) {
  return kServingPrecisions[static_cast<std::size_t>(precision)];
}

}  // namespace orrery
