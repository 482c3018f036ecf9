#include "plugins/models/neighbours/nearest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

namespace orrery::plugins::models::neighbours {
namespace {

/// Points whose distances are computed beside each other.
constexpr std::size_t kLanes = 16;
/// Dimensions after which a tile may be given up: sums of squares never fall.
constexpr std::size_t kStride = 16;

using Distances = std::array<double, kLanes>;

/// Four doubles beside each other, kept in a register.
using Lanes = double __attribute__((vector_size(32)));
constexpr std::size_t kRegisters = kLanes / 4;

Lanes read_lanes(const double* values) {
  Lanes lanes;
  std::memcpy(&lanes, values, sizeof(lanes));
  return lanes;
}

/// Adds the squares of the dimensions [begin, end).
void add_squares(const double* tile, const double* query, std::size_t begin, std::size_t end,
                 Distances& sums) {
  Lanes local[kRegisters];
  for (std::size_t r = 0; r < kRegisters; ++r) local[r] = read_lanes(sums.data() + 4 * r);
  for (std::size_t d = begin; d < end; ++d) {
    for (std::size_t r = 0; r < kRegisters; ++r) {
      const Lanes apart = read_lanes(tile + d * kLanes + 4 * r) - query[d];
      local[r] += apart * apart;
    }
  }
  std::memcpy(sums.data(), local, sizeof(local));
}

/// The nearest points so far, the farthest of them on top of the heap.
class Shortlist {
 public:
  explicit Shortlist(std::span<Neighbour> room) : room_(room) {}

  /// What a further point must be nearer than; points come in ascending order, so that the earlier of two
  /// equally distant ones stays.
  double bound() const {
    return filled_ < room_.size() ? std::numeric_limits<double>::infinity() : room_.front().squared_distance;
  }
  void offer(Neighbour neighbour) {
    if (filled_ == room_.size()) {
      if (!(neighbour.squared_distance < bound())) return;
      std::pop_heap(room_.begin(), room_.end());
      --filled_;
    }
    room_[filled_++] = neighbour;
    std::push_heap(room_.begin(), room_.begin() + static_cast<std::ptrdiff_t>(filled_));
  }
  void sort() { std::sort_heap(room_.begin(), room_.end()); }

 private:
  std::span<Neighbour> room_;
  std::size_t filled_ = 0;
};

bool is_finite(std::span<const double> query) {
  return std::all_of(query.begin(), query.end(), [](double value) { return std::isfinite(value); });
}

struct Search {
  std::span<const double> query;
  Shortlist list;
};

void fill_missing(std::span<Neighbour> room) {
  std::fill(room.begin(), room.end(), Neighbour{std::numeric_limits<double>::quiet_NaN(), 0});
}

}  // namespace

PointCloud::PointCloud(std::span<const double> points, std::size_t dimensions)
    : size_(points.size() / dimensions), dimensions_(dimensions) {
  const std::size_t tiles = (size_ + kLanes - 1) / kLanes;
  tiles_.assign(tiles * kLanes * dimensions, std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < size_; ++i) {
    for (std::size_t d = 0; d < dimensions; ++d)
      tiles_[(i / kLanes * dimensions + d) * kLanes + i % kLanes] = points[i * dimensions + d];
  }
}

void PointCloud::nearest(std::span<const double> queries, std::size_t count, std::span<Neighbour> out) const {
  std::vector<Search> searches;
  for (std::size_t q = 0; q < queries.size() / dimensions_; ++q) {
    const auto query = queries.subspan(q * dimensions_, dimensions_);
    const auto room = out.subspan(q * count, count);
    if (is_finite(query)) {
      searches.push_back({query, Shortlist(room)});
    } else {
      fill_missing(room);
    }
  }
  for (std::size_t first = 0; first < size_; first += kLanes) {
    const double* tile = tiles_.data() + first * dimensions_;
    for (auto& [query, list] : searches) {
      const double bound = list.bound();
      Distances sums{};
      for (std::size_t d = 0; d < dimensions_; d += kStride) {
        add_squares(tile, query.data(), d, std::min(d + kStride, dimensions_), sums);
        if (*std::min_element(sums.begin(), sums.end()) >= bound) break;
      }
      for (std::size_t lane = 0; lane < std::min(kLanes, size_ - first); ++lane)
        list.offer({sums[lane], static_cast<std::uint32_t>(first + lane)});
    }
  }
  for (auto& search : searches) search.list.sort();
}

}  // namespace orrery::plugins::models::neighbours
