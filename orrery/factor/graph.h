#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/factor/cross_section.h"
#include "orrery/factor/kernels/kernel.h"

namespace orrery {

/// One of the series that a node makes.
struct SeriesId {
  int node = -1;
  int output = 0;

  auto operator<=>(const SeriesId&) const = default;
};

/// A reading of a series, `delay` rows late. A kernel that looks further back by itself says so by `reach`:
/// it reads delays `delay` to `delay + reach`.
struct Edge {
  SeriesId series;
  int delay = 0;
  int reach = 0;

  auto operator<=>(const Edge&) const = default;
};

/// A primitive series or a group of them, computed row by row.
struct Node {
  enum class Kind {
    kField,         ///< a field of the market data, NaN outside the instrument's life
    kAlive,         ///< 0 while the instrument exists, NaN outside
    kPresent,       ///< 0 where the instrument has a bar, NaN elsewhere
    kGroup,         ///< the instrument's group as a number, NaN where it has none or outside its life
    kClock,         ///< how many rows a length of time spans, the same for all instruments
    kConstant,      ///< one number on every row
    kKernel,        ///< a kernel's outputs: each instrument by itself, over time
    kCrossSection,  ///< all instruments of a row together
  };

  Kind kind = Kind::kKernel;
  std::string field;
  const kernels::Kernel* kernel = nullptr;
  const CrossSection* cross_section = nullptr;
  std::vector<Edge> inputs;
  std::vector<double> constants;
  std::vector<kernels::Element> outputs;
};

/// Primitive nodes in an order in which each one stands behind its inputs. Equal nodes are one node: common
/// parts of all factors are computed once.
class Graph {
 public:
  /// Returns the node that equals `node`, adding it if there is none yet.
  int intern(const Node& node);

  /// Returns the place of `answer` among a node's constants from `first` on, adding it and an output of
  /// `element` if it is not there yet. Kernels that answer several questions about one state grow in this
  /// way.
  int intern_answer(int node, std::size_t first, double answer, kernels::Element element);

  const std::vector<Node>& nodes() const { return nodes_; }
  kernels::Element element(SeriesId series) const {
    return nodes_[static_cast<std::size_t>(series.node)].outputs[static_cast<std::size_t>(series.output)];
  }

 private:
  std::vector<Node> nodes_;
  std::map<std::string, int, std::less<>> index_;
};

}  // namespace orrery
