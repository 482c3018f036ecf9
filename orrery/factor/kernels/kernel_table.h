#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "orrery/factor/kernels/kernel.h"

namespace orrery::kernels {

/// How rows pass between panels and a tile's rings.
struct TileIo {
  void (*mark_life)(float* alive, std::int64_t row, const std::int32_t* first_row,
                    const std::int32_t* last_row, int lanes);
  void (*load_float)(float* to, const double* from, const float* alive, int lanes);
  void (*load_double)(double* to, const double* from, const float* alive, int lanes);
  void (*widen)(double* to, const float* from, const float* alive, int lanes);
  void (*float_to_floats)(const Input& series, int lanes, std::int64_t first_row, int rows,
                          const ResultRows<float>& results);
  void (*double_to_floats)(const Input& series, int lanes, std::int64_t first_row, int rows,
                           const ResultRows<float>& results);
  void (*float_to_doubles)(const Input& series, int lanes, std::int64_t first_row, int rows,
                           const ResultRows<double>& results);
  void (*double_to_doubles)(const Input& series, int lanes, std::int64_t first_row, int rows,
                            const ResultRows<double>& results);
};

/// A row of instruments in the order of their values. Element e (0: the least) lies at keys[e % vectors *
/// lanes + e / vectors]; the lowest `index_bits` of it are the instrument. Elements from `present` on are
/// missing ones.
struct SortedRow {
  int present = 0;
  int index_bits = 0;
  int lanes = 0;
  int vectors = 0;
  bool has_ties = false;  ///< some neighbours are equal, or their order is not known yet
};

/// Elements of a lane that share a word of ties.
inline constexpr int kTieBits = 32;

/// Least and greatest number of slots of a row that can be sorted, both powers of two.
inline constexpr int kFewestSlots = 128;
inline constexpr int kMostSlots = 1 << 16;

/// What cross-sections need of a row.
struct RowKernels {
  /// Sorts `slots` values, a power of two from kFewestSlots to kMostSlots; those that are not finite come
  /// last. `keys`: a place a slot, aligned to 64 bytes. `ties`: as many; bit v % kTieBits of word v /
  /// kTieBits * lanes + l is set where element l * vectors + v is equal to its successor, or may be in the
  /// wrong order with it.
  SortedRow (*sort)(const double* values, int slots, std::uint32_t* keys, std::uint32_t* ties);
};

/// What a sorted window can be asked besides quantiles, whose levels are 0 to 1.
inline constexpr double kSortedMedian = 2.0;
inline constexpr double kSortedRank = 3.0;

/// Windows up to this length count a rank instead of keeping the window sorted.
inline constexpr int kLongestCounted = 64;

/// Which instructions kernels use. All give the same bits.
enum class InstructionSet { kAvx2, kAvx512 };

/// Returns the widest set that this machine has; `ORRERY_INSTRUCTIONS=avx2` in the environment limits it.
InstructionSet available_instructions();

/// Returns a kernel by its name in kernel_list.inc, for both instruction sets. Errors: kInternal when there
/// is none.
const Kernel& find_kernel(std::string_view name);

/// Returns a kernel, or nothing where there is none of this name.
const Kernel* search_kernel(std::string_view name);

/// Returns the reading and writing of panels for an instruction set.
const TileIo& tile_io(InstructionSet instructions);

/// Returns what cross-sections need for an instruction set.
const RowKernels& row_kernels(InstructionSet instructions);

/// The kernels of one instruction set, in the order of kernel_list.inc.
std::span<const Kernel> kernels_avx2();
std::span<const Kernel> kernels_avx512();
const TileIo& tile_io_avx2();
const TileIo& tile_io_avx512();
const RowKernels& row_kernels_avx2();
const RowKernels& row_kernels_avx512();

}  // namespace orrery::kernels
