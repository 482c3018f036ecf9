#include "plugins/models/networks/module/losses.h"

namespace orrery::plugins::models::networks {
namespace {

/// Keeps a deviation of 0 from dividing.
constexpr double kTiny = 1e-8;

at::Tensor sample_losses(const TrainingSettings& settings, const at::Tensor& scores,
                         const at::Tensor& labels) {
  const auto none = at::Reduction::None;
  switch (settings.loss) {
    case Loss::kMae:
      return at::l1_loss(scores, labels, none);
    case Loss::kHuber:
      return at::huber_loss(scores, labels, none, settings.huber_delta);
    case Loss::kBinary:
      return at::binary_cross_entropy_with_logits(scores, labels, {}, {}, none);
    default:
      return at::mse_loss(scores, labels, none);
  }
}

at::Tensor weighted_mean(const at::Tensor& values, const at::Tensor& weights) {
  return (values * weights).sum() / weights.sum().clamp_min(kTiny);
}

/// One less the weighted correlation.
at::Tensor correlation_loss(const at::Tensor& scores, const at::Tensor& labels, const at::Tensor& weights) {
  const at::Tensor x = scores - weighted_mean(scores, weights);
  const at::Tensor y = labels - weighted_mean(labels, weights);
  const at::Tensor spread =
      (weighted_mean(x * x, weights) * weighted_mean(y * y, weights)).clamp_min(kTiny * kTiny);
  return 1.0 - weighted_mean(x * y, weights) / spread.sqrt();
}

/// Cross entropy between the shares that labels and scores give each sample of being first (ListNet: Cao et
/// al., 2007, "Learning to rank: from pairwise approach to listwise approach").
at::Tensor listnet_loss(const at::Tensor& scores, const at::Tensor& labels, const at::Tensor& weights) {
  const at::Tensor shares = at::softmax(labels, 0) * weights;
  return -(shares * at::log_softmax(scores, 0)).sum() / shares.sum().clamp_min(kTiny);
}

/// Logistic loss of every pair whose labels differ (RankNet: Burges et al., 2005, "Learning to rank using
/// gradient descent").
at::Tensor pairwise_loss(const at::Tensor& scores, const at::Tensor& labels, const at::Tensor& weights) {
  const at::Tensor above = (labels.unsqueeze(1) > labels.unsqueeze(0)).to(at::kFloat);
  const at::Tensor pairs = above * weights.unsqueeze(1) * weights.unsqueeze(0);
  const at::Tensor losses = at::softplus(scores.unsqueeze(0) - scores.unsqueeze(1));
  return (losses * pairs).sum() / pairs.sum().clamp_min(kTiny);
}

at::Tensor session_loss(Loss loss, const at::Tensor& scores, const at::Tensor& labels,
                        const at::Tensor& weights) {
  if (loss == Loss::kListnet) return listnet_loss(scores, labels, weights);
  if (loss == Loss::kPairwise) return pairwise_loss(scores, labels, weights);
  return correlation_loss(scores, labels, weights);
}

}  // namespace

TargetTensors to_tensors(const Targets& targets, const at::Device& device) {
  TargetTensors tensors;
  tensors.labels = at::tensor(targets.labels).to(device);
  tensors.weights =
      targets.weights.empty() ? at::ones_like(tensors.labels) : at::tensor(targets.weights).to(device);
  tensors.sessions = targets.sessions;
  return tensors;
}

at::Tensor loss_of(const TrainingSettings& settings, const at::Tensor& scores, const TargetTensors& targets) {
  if (!is_cross_sectional(settings.loss)) {
    return weighted_mean(sample_losses(settings, scores, targets.labels), targets.weights);
  }
  std::vector<at::Tensor> losses;
  for (std::size_t s = 0; s + 1 < targets.sessions.size(); ++s) {
    const auto begin = static_cast<std::int64_t>(targets.sessions[s]);
    const auto size = static_cast<std::int64_t>(targets.sessions[s + 1]) - begin;
    const at::Tensor labels = targets.labels.narrow(0, begin, size);
    if (size < 2 || (labels == labels[0]).all().item<bool>()) continue;
    losses.push_back(session_loss(settings.loss, scores.narrow(0, begin, size), labels,
                                  targets.weights.narrow(0, begin, size)));
  }
  return losses.empty() ? scores.sum() * 0.0 : at::stack(losses).mean();
}

}  // namespace orrery::plugins::models::networks
