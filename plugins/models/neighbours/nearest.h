#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace orrery::plugins::models::neighbours {

/// A point of the cloud, and how far it is.
struct Neighbour {
  double squared_distance = 0.0;
  std::uint32_t point = 0;

  auto operator<=>(const Neighbour&) const = default;
};

/// Points of a space of few hundred dimensions at most, and which of them are nearest to others: all
/// distances are computed, in one order of additions, so that answers depend neither on threads nor on what
/// else is asked.
class PointCloud {
 public:
  PointCloud() = default;
  /// `points`: row-major, `dimensions` finite values a point.
  PointCloud(std::span<const double> points, std::size_t dimensions);

  std::size_t size() const { return size_; }
  std::size_t dimensions() const { return dimensions_; }

  /// Writes the `count` nearest points of each of the row-major `queries` to `out`, nearest first, `count` a
  /// query; of equally distant ones the earlier. `count` is at most size(). A query with a value that is
  /// missing or infinite has none: its distances are NaN.
  void nearest(std::span<const double> queries, std::size_t count, std::span<Neighbour> out) const;

 private:
  std::size_t size_ = 0;
  std::size_t dimensions_ = 0;
  std::vector<double> tiles_;  ///< [tile][dimension][lane], the last tile filled up with points at infinity
};

}  // namespace orrery::plugins::models::neighbours
