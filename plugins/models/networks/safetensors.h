#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugins/models/networks/tensor.h"

namespace orrery::plugins::models::networks {

/// Writes tensors in the safetensors format: eight bytes with the length of a JSON header, the header (name →
/// dtype F32, shape, place), the numbers as little-endian floats. The same tensors give the same bytes.
/// Source: the format's page at huggingface.co/docs/safetensors.
std::string to_safetensors(const std::vector<NamedTensor>& tensors);

/// Reads what to_safetensors writes, in the order of places. Errors: kDataCorrupt when the header can't be
/// read, a tensor is not of floats, or places don't fill the bytes exactly.
std::vector<NamedTensor> from_safetensors(std::string_view bytes);

}  // namespace orrery::plugins::models::networks
