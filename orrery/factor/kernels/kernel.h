#pragma once

#include <cstddef>
#include <cstdint>

namespace orrery::kernels {

/// How a series' cells are stored. Conditions are floats: 1, 0, and NaN outside the instrument's life.
enum class Element : std::uint8_t { kFloat, kDouble, kInt32 };

constexpr std::size_t element_bytes(Element element) { return element == Element::kDouble ? 8 : 4; }

/// Lanes of a tile are a multiple of this, so that no kernel needs a scalar tail.
inline constexpr int kLaneGroup = 16;

/// Entries that a table of a window's count has at least (see ReciprocalTable in windows.inc).
inline constexpr int kCountTableHead = 16;
/// Stands where a window has no table and none is looked into.
inline constexpr double kEmptyCountTable[kCountTableHead] = {};

/// A series to read: row r of a block begins r * lanes cells behind `data`, where r counts from the block's
/// first row. A delay is part of `data`; rows before the first one ever hold what the series is when nothing
/// has been observed yet.
struct Input {
  const std::byte* data = nullptr;
};

/// A series to write; row r of a block begins r * lanes cells behind `data`.
struct Output {
  std::byte* data = nullptr;
};

/// A kernel bound to one tile: where it reads, writes and remembers. It stays valid while the tile is
/// computed.
struct KernelCall {
  const Input* inputs = nullptr;
  const Output* outputs = nullptr;
  const double* constants = nullptr;
  int constant_count = 0;
  int output_count = 0;
  int lanes = 0;               ///< instruments of the tile, a multiple of kLaneGroup
  std::byte* state = nullptr;  ///< what the kernel remembers from row to row, aligned to 64 bytes
  const std::int64_t* block_row = nullptr;  ///< the block's first row, counted from the start; none: 0

  /// A block's row counted from the first one ever.
  std::int64_t row_from_start(std::int64_t row) const {
    return block_row == nullptr ? row : *block_row + row;
  }

  template <class T>
  const T* input_row(int input, std::int64_t row) const {
    return reinterpret_cast<const T*>(inputs[input].data) + row * lanes;
  }
  template <class T>
  T* output_row(int output, std::int64_t row) const {
    return reinterpret_cast<T*>(outputs[output].data) + row * lanes;
  }
};

/// Where results are written: consecutive rows of a panel, from the tile's first lane on.
template <class T>
struct ResultRows {
  T* to = nullptr;                  ///< where the first row's result goes
  std::int64_t stride = 0;          ///< cells from one row to the next
  Input alive;                      ///< 0 where the instrument exists, NaN where the result must be
  std::int64_t all_alive_from = 0;  ///< rows from here ...
  std::int64_t all_alive_to = -1;   ///< ... to here need no masking

  /// The row's life, or null where every lane exists.
  const float* alive_row(std::int64_t row, int lanes) const {
    if (row >= all_alive_from && row <= all_alive_to) return nullptr;
    return reinterpret_cast<const float*>(alive.data) + row * lanes;
  }
};

/// Advances a kernel over rows [first_row, first_row + rows) of a block. Batch calls it with blocks of rows,
/// a stream with one row at a time; lanes are independent, so blocks, tiles and threads never change a bit.
using KernelFunction = void (*)(const KernelCall& call, std::int64_t first_row, int rows);

/// The same straight into float results, past the caches, for a kernel without state whose series nobody else
/// reads.
using ResultFunction = void (*)(const KernelCall& call, std::int64_t first_row, int rows,
                                const ResultRows<float>& results);

/// A kernel: a pure function of its delayed inputs, or one with a state that is advanced row by row.
struct Kernel {
  const char* name = "";
  KernelFunction run = nullptr;       ///< for the floor of supported machines (x86-64-v3)
  KernelFunction run_wide = nullptr;  ///< for machines with AVX-512, the same bits; none: `run`
  /// Bytes of state for a tile of `call.lanes` lanes; none: the kernel has no state.
  std::size_t (*state_bytes)(const KernelCall& call) = nullptr;
  /// Sets the state of an instrument that has not been observed yet.
  void (*reset)(const KernelCall& call) = nullptr;
  ResultFunction run_to_results = nullptr;       ///< none: the series is computed, then copied
  ResultFunction run_to_results_wide = nullptr;  ///< as run_wide
  bool knows_life = false;  ///< an operator's own kernel whose results are NaN wherever its last input is
};

}  // namespace orrery::kernels
