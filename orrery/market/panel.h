#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>

#include "orrery/base/aligned_memory.h"

namespace orrery {

/// A dense time-major matrix of one field: row = session, column = instrument, instruments contiguous.
/// Rows are padded to a multiple of `kLanes` elements and start on a 64-byte boundary, so that kernels need
/// no scalar tails; padded cells hold the fill value. Missing: NaN for floating types.
template <class T>
class PanelT {
 public:
  static constexpr std::size_t kAlignment = 64;
  static constexpr std::size_t kLanes = 16;

  static constexpr T missing() {
    if constexpr (std::numeric_limits<T>::has_quiet_NaN) {
      return std::numeric_limits<T>::quiet_NaN();
    } else {
      return T{};
    }
  }

  PanelT() = default;
  PanelT(std::size_t rows, std::size_t columns, T fill = missing()) : PanelT(rows, columns, Unfilled()) {
    std::fill_n(cells_.get(), rows_ * stride_, fill);
  }
  /// Leaves the cells as they are found, for a caller who writes every one, the padding included.
  struct Unfilled {};
  PanelT(std::size_t rows, std::size_t columns, Unfilled)
      : rows_(rows),
        columns_(columns),
        stride_((columns + kLanes - 1) / kLanes * kLanes),
        cells_(static_cast<T*>(allocate_aligned(rows_ * stride_ * sizeof(T)))) {}
  PanelT(const PanelT& other) : PanelT(other.rows_, other.columns_, Unfilled()) {
    std::copy_n(other.cells_.get(), rows_ * stride_, cells_.get());
  }
  PanelT(PanelT&&) noexcept = default;
  PanelT& operator=(PanelT&&) noexcept = default;
  PanelT& operator=(const PanelT& other) {
    if (this != &other) *this = PanelT(other);
    return *this;
  }
  ~PanelT() = default;

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  /// Distance in elements from one row to the next.
  std::size_t stride() const { return stride_; }
  bool empty() const { return rows_ == 0 || columns_ == 0; }

  T* row_data(std::size_t row) { return cells_.get() + row * stride_; }
  const T* row_data(std::size_t row) const { return cells_.get() + row * stride_; }
  /// Returns the row's instruments, without the padding.
  std::span<T> row(std::size_t row) { return {row_data(row), columns_}; }
  std::span<const T> row(std::size_t row) const { return {row_data(row), columns_}; }
  T& operator()(std::size_t row, std::size_t column) { return row_data(row)[column]; }
  const T& operator()(std::size_t row, std::size_t column) const { return row_data(row)[column]; }

 private:
  struct Release {
    void operator()(T* cells) const { release_aligned(cells); }
  };
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::size_t stride_ = 0;
  std::unique_ptr<T[], Release> cells_;
};

using Panel = PanelT<double>;
using FloatPanel = PanelT<float>;
using MaskPanel = PanelT<std::uint8_t>;

}  // namespace orrery
