#pragma once

#include <cstddef>
#include <string_view>

namespace orrery {

/// Told how far a long piece of work is. Implementations are thread-safe; the default one says nothing.
class Progress {
 public:
  virtual ~Progress() = default;
  /// Starts a stage with `total` steps (0: unknown).
  virtual void begin(std::string_view /*stage*/, std::size_t /*total*/) {}
  /// Adds finished steps to the current stage.
  virtual void advance(std::size_t /*steps*/ = 1) {}
  /// Ends the current stage.
  virtual void end() {}
};

/// Returns a progress that is silent.
inline Progress& silent_progress() {
  static Progress silent;
  return silent;
}

}  // namespace orrery
