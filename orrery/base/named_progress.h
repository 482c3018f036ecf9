#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "orrery/base/progress.h"

namespace orrery {

/// Passes everything on, with a name before the stages, so that one can tell whose they are.
class NamedProgress final : public Progress {
 public:
  /// `progress` must outlive this.
  NamedProgress(std::string name, Progress& progress) : name_(std::move(name)), progress_(progress) {}
  void begin(std::string_view stage, std::size_t total) override {
    progress_.begin(name_ + ", " + std::string(stage), total);
  }
  void advance(std::size_t steps) override { progress_.advance(steps); }
  void end() override { progress_.end(); }

 private:
  std::string name_;
  Progress& progress_;
};

}  // namespace orrery
