#include "orrery/factor/kernels/kernel_table.h"

#include <fmt/format.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <string_view>

#include "orrery/base/error.h"

namespace orrery::kernels {
namespace {

using KernelMap = std::map<std::string_view, Kernel, std::less<>>;

KernelMap both_widths() {
  KernelMap result;
  const auto wide = kernels_avx512();
  std::size_t i = 0;
  for (Kernel kernel : kernels_avx2()) {
    kernel.run_wide = wide[i].run;
    kernel.run_to_results_wide = wide[i].run_to_results;
    ++i;
    result.emplace(kernel.name, kernel);
  }
  return result;
}

}  // namespace

InstructionSet available_instructions() {
  static const bool limited = [] {
    const char* limit = std::getenv("ORRERY_INSTRUCTIONS");
    return limit != nullptr && std::string_view(limit) == "avx2";
  }();
  const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
  return wide && !limited ? InstructionSet::kAvx512 : InstructionSet::kAvx2;
}

const Kernel* search_kernel(std::string_view name) {
  static const KernelMap kernels = both_widths();
  const auto found = kernels.find(name);
  return found == kernels.end() ? nullptr : &found->second;
}

const Kernel& find_kernel(std::string_view name) {
  const Kernel* kernel = search_kernel(name);
  if (kernel == nullptr) throw internal_error(fmt::format("there is no kernel named '{}'", name));
  return *kernel;
}

const TileIo& tile_io(InstructionSet instructions) {
  return instructions == InstructionSet::kAvx512 ? tile_io_avx512() : tile_io_avx2();
}

const RowKernels& row_kernels(InstructionSet instructions) {
  return instructions == InstructionSet::kAvx512 ? row_kernels_avx512() : row_kernels_avx2();
}

}  // namespace orrery::kernels
