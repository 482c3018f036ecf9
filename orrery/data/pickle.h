#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

struct Pickled;
using PickledPtr = std::shared_ptr<Pickled>;

/// A value out of a pickle, as plain data: nothing is imported, called or made.
struct Pickled {
  enum class Kind : std::uint8_t {
    kNone,
    kWhole,  ///< also true and false
    kNumber,
    kText,    ///< also bytes
    kList,    ///< also tuples and sets
    kMap,     ///< keys and values in turn
    kObject,  ///< what a class or a call would make: its name or its callable, arguments and states
  };
  Kind kind = Kind::kNone;
  std::int64_t whole = 0;
  double number = 0.0;
  std::string text;
  std::vector<PickledPtr> items;
  int depth = 0;
  int holders = 0;  ///< how often it is an item of others

  /// Returns the value of a text key of a map; null where there is none.
  PickledPtr find(std::string_view key) const;
};

/// Reads a pickle of Python (protocols 0 to 5, without out-of-band buffers). Errors: kDataCorrupt.
PickledPtr read_pickle(std::string_view bytes);

/// Returns the texts of a list; others in it become "".
std::vector<std::string> texts_of(const Pickled& list);

}  // namespace orrery
