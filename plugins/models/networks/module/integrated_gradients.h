#pragma once

#include <ATen/ATen.h>

#include <span>
#include <vector>

#include "plugins/models/networks/layers.h"
#include "plugins/models/networks/quadrature.h"

namespace orrery::plugins::models::networks {

/// Splits each sample's score less that of zero inputs among the features: input × the mean gradient of the
/// score over the points of the straight way from zero inputs, summed over the window's sessions.
/// `inputs`: [sample × window × features]. Returns [sample × features], double.
/// Source: Sundararajan, Taly and Yan (2017), "Axiomatic attribution for deep networks", equation 1.
at::Tensor integrated_gradients(const NetworkPlan& plan, const std::vector<at::Tensor>& parameters,
                                const at::Tensor& inputs, std::span<const QuadraturePoint> points);

}  // namespace orrery::plugins::models::networks
