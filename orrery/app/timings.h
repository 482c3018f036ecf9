#pragma once

#include <string>
#include <utility>
#include <vector>

#include "orrery/base/stopwatch.h"

namespace orrery {

/// Where the time of a run went, stage by stage. Belongs to the manifest's `runtime` block alone.
class Timings {
 public:
  /// Times a stage from construction to end.
  class Stage {
   public:
    Stage(Timings& timings, std::string name) : timings_(timings), name_(std::move(name)) {}
    ~Stage() { timings_.add(name_, watch_.seconds()); }
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

   private:
    Timings& timings_;
    std::string name_;
    Stopwatch watch_;
  };

  Stage stage(std::string name) { return {*this, std::move(name)}; }

  /// Adds seconds to a stage; stages keep the order in which they came first.
  void add(const std::string& name, double seconds) {
    for (auto& [known, total] : stages_) {
      if (known == name) {
        total += seconds;
        return;
      }
    }
    stages_.emplace_back(name, seconds);
  }

  const std::vector<std::pair<std::string, double>>& stages() const { return stages_; }
  double seconds_since_start() const { return start_.seconds(); }

 private:
  std::vector<std::pair<std::string, double>> stages_;
  Stopwatch start_;
};

}  // namespace orrery
