#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "orrery/base/aligned_memory.h"
#include "orrery/factor/kernels/kernel.h"
#include "orrery/factor/plan.h"

namespace orrery {

/// The memory of one tile and the pointers into it. Before every block the series whose blocks move through
/// their place (see Placement) move on: their pointers go to the next rows or, where the place ends, the past
/// is copied to its front.
class TileMemory {
 public:
  /// Room for `bytes` of series and states, for `series` series that move, and for blocks of at most
  /// `block_rows` rows.
  TileMemory(std::size_t bytes, std::size_t series, int block_rows);

  std::byte* at(std::size_t offset) { return memory_.get() + head_bytes_ + offset; }
  /// Everything that is remembered from block to block.
  std::span<std::byte> bytes() { return {memory_.get(), bytes_}; }
  /// Makes the pointers follow bytes() that were replaced.
  void follow();

  /// Adds a series that moves: its place, the bytes of a row, and the pointers of who writes and who
  /// reads it, which stay where they are and stand as on a first block at the front of the place.
  void keep(const Placement& placement, std::size_t row_bytes, kernels::Output* writer,
            std::vector<kernels::Input*> readers);

  /// Goes back to before the first block.
  void restart();
  /// Goes on to the next block, of `rows` rows.
  void begin_block(int rows);

 private:
  struct Series {
    std::byte* place;
    std::size_t row_bytes;
    int history;
    int rows_ahead;
    int stand = 0;  ///< where the pointers stand: rows behind a block at the front
    kernels::Output* writer;
    std::vector<kernels::Input*> readers;
  };
  struct Release {
    void operator()(std::byte* memory) const { release_aligned(memory); }
  };
  static constexpr std::size_t kAlignment = 64;

  void move_on(std::size_t i, int rows);
  static void stand_at(Series& series, int stand);

  int block_rows_;
  std::size_t head_bytes_;
  std::size_t bytes_;
  std::unique_ptr<std::byte[], Release> memory_;
  std::int32_t* latest_rows_;  ///< rows of the latest block, 0 before the first; in the memory's head
  std::int32_t* stands_;       ///< by series, behind it
  std::vector<Series> series_;
};

}  // namespace orrery
