#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "orrery/base/random.h"
#include "orrery/market/factor_frame.h"
#include "orrery/market/panel.h"
#include "orrery/ml/dataset.h"
#include "orrery/ml/model.h"

namespace orrery::testing {

/// What a planted study looks like.
struct PlantedShape {
  std::size_t rows = 120;
  std::size_t instruments = 40;
  std::size_t features = 6;
  double missing_share = 0.0;  ///< of feature cells
  double noise = 0.5;          ///< deviation of what the features don't explain
  std::uint64_t seed = 1;
  double signal = 1.0;         ///< 0: the features explain nothing
  bool labels_events = false;  ///< the label is 1 where it would be above 0, else 0
};

/// Normal features, and a label that is 0.8 times the first less 0.5 times the second, plus noise. All cells
/// are eligible but for about one in ten.
struct PlantedStudy {
  FactorFrame features;
  MaskPanel eligible;
  Panel label;
  FittedFeatures no_steps;

  explicit PlantedStudy(const PlantedShape& shape = {})
      : eligible(shape.rows, shape.instruments), label(shape.rows, shape.instruments) {
    for (std::size_t f = 0; f < shape.features; ++f) {
      features.names.push_back(fmt::format("f{}", f));
      features.panels.emplace_back(shape.rows, shape.instruments);
    }
    Random random(shape.seed);
    for (std::size_t row = 0; row < shape.rows; ++row) {
      for (std::size_t i = 0; i < shape.instruments; ++i) fill_cell(random, shape, row, i);
    }
  }

  Dataset learn(RowRange rows) const { return {features, no_steps, eligible, rows, &label}; }
  Dataset predict(RowRange rows) const { return {features, no_steps, eligible, rows}; }

 private:
  void fill_cell(Random& random, const PlantedShape& shape, std::size_t row, std::size_t i) {
    eligible(row, i) = random.below(10) == 0 ? 0 : 1;
    for (auto& panel : features.panels) panel(row, i) = static_cast<float>(random.normal());
    const double explained = 0.8 * static_cast<double>(features.panels[0](row, i)) -
                             0.5 * static_cast<double>(features.panels[1](row, i));
    label(row, i) = shape.signal * explained + shape.noise * random.normal();
    if (shape.labels_events) label(row, i) = label(row, i) > 0.0 ? 1.0 : 0.0;
    for (auto& panel : features.panels) {
      if (random.uniform() < shape.missing_share) panel(row, i) = FloatPanel::missing();
    }
  }
};

/// Fits on rows [0, 80) with rows [80, 100) to stop by, as most tests do.
inline FitReport fit_planted(Model& model, const PlantedStudy& study, const FitContext& context) {
  const Dataset train = study.learn({0, 80});
  const Dataset valid = study.learn({80, 100});
  return model.fit(train, &valid, context);
}

/// Predicts rows [100, 120).
inline std::vector<double> predict_planted(const Model& model, const PlantedStudy& study, int threads = 1) {
  const Dataset test = study.predict({100, 120});
  std::vector<double> scores(test.size());
  model.predict(test, scores, threads);
  return scores;
}

}  // namespace orrery::testing
