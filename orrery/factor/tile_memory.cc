#include "orrery/factor/tile_memory.h"

#include <cstring>
#include <utility>

namespace orrery {

TileMemory::TileMemory(std::size_t bytes, std::size_t series, int block_rows)
    : block_rows_(block_rows),
      head_bytes_(((series + 1) * sizeof(std::int32_t) + kAlignment - 1) / kAlignment * kAlignment),
      bytes_(head_bytes_ + bytes),
      memory_(static_cast<std::byte*>(allocate_aligned(bytes_))),
      latest_rows_(reinterpret_cast<std::int32_t*>(memory_.get())),
      stands_(latest_rows_ + 1) {
  // Places of series that nobody keeps are written before they are read; zeros make snapshots repeatable.
  std::memset(memory_.get(), 0, bytes_);
  series_.reserve(series);
}

void TileMemory::keep(const Placement& placement, std::size_t row_bytes, kernels::Output* writer,
                      std::vector<kernels::Input*> readers) {
  series_.push_back({at(placement.offset), row_bytes, placement.history, placement.rows - placement.history,
                     0, writer, std::move(readers)});
}

void TileMemory::stand_at(Series& series, int stand) {
  const std::ptrdiff_t shift = (stand - series.stand) * static_cast<std::ptrdiff_t>(series.row_bytes);
  if (shift == 0) return;
  series.writer->data += shift;
  for (kernels::Input* reader : series.readers) reader->data += shift;
  series.stand = stand;
}

void TileMemory::follow() {
  for (std::size_t i = 0; i < series_.size(); ++i) stand_at(series_[i], stands_[i]);
}

void TileMemory::restart() {
  *latest_rows_ = 0;
  for (std::size_t i = 0; i < series_.size(); ++i) {
    // Begun at different rows, the places don't end all at once: no row of a stream waits for all the copies.
    const auto blocks = static_cast<std::size_t>(series_[i].rows_ahead / block_rows_);
    stands_[i] = static_cast<std::int32_t>(i % blocks) * block_rows_;
  }
  follow();
}

void TileMemory::begin_block(int rows) {
  if (*latest_rows_ > 0) {
    for (std::size_t i = 0; i < series_.size(); ++i) move_on(i, *latest_rows_);
  }
  *latest_rows_ = rows;
}

void TileMemory::move_on(std::size_t i, int rows) {
  Series& series = series_[i];
  int stand = series.stand + rows;
  if (stand + block_rows_ > series.rows_ahead) {
    const auto bytes = static_cast<std::size_t>(series.history) * series.row_bytes;
    std::memmove(series.place, series.place + static_cast<std::size_t>(stand) * series.row_bytes, bytes);
    stand = 0;
  }
  stand_at(series, stand);
  stands_[i] = stand;
}

}  // namespace orrery
