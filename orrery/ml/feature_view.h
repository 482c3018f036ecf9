#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "orrery/market/factor_frame.h"

namespace orrery {

/// Some of a frame's factors, or all, in the frame's order; nothing is copied but the names. The frame must
/// outlive the view and keep its panels.
class FeatureView {
 public:
  FeatureView(const FactorFrame& frame) : names_(frame.names) {  // NOLINT(google-explicit-constructor)
    for (const auto& panel : frame.panels) panels_.push_back(&panel);
  }
  /// `chosen`: positions in the frame.
  FeatureView(const FactorFrame& frame, const std::vector<std::size_t>& chosen) {
    for (const std::size_t feature : chosen) {
      names_.push_back(frame.names[feature]);
      panels_.push_back(&frame.panels[feature]);
    }
  }
  /// Some of another view's features. `chosen`: positions in it.
  FeatureView(const FeatureView& view, const std::vector<std::size_t>& chosen) {
    for (const std::size_t feature : chosen) {
      names_.push_back(view.names_[feature]);
      panels_.push_back(view.panels_[feature]);
    }
  }

  /// Appends a frame's factors, under the same conditions.
  void add(const FactorFrame& frame) {
    for (std::size_t i = 0; i < frame.panels.size(); ++i) {
      names_.push_back(frame.names[i]);
      panels_.push_back(&frame.panels[i]);
    }
  }

  std::size_t size() const { return panels_.size(); }
  const std::vector<std::string>& names() const { return names_; }
  const FloatPanel& panel(std::size_t feature) const { return *panels_[feature]; }

 private:
  std::vector<std::string> names_;
  std::vector<const FloatPanel*> panels_;
};

}  // namespace orrery
