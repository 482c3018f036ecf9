#include "plugins/providers/simulated/paths.h"

#include <algorithm>
#include <cmath>

#include "plugins/providers/simulated/null_returns.h"
#include "plugins/providers/simulated/planted_signal.h"

namespace orrery::plugins::providers::simulated {
namespace {

constexpr std::size_t kLag = 2;  // sessions from the signal's close to the end of the return it predicts
constexpr std::size_t kReversalWindow = 5;
constexpr std::size_t kVolumeWindow = 20;
constexpr double kReversalWeight = 0.6;
constexpr double kVolumeWeight = 0.5;
constexpr double kMomentumWeight = 0.6;

// Log volume: an AR(1), more of it on sessions of large moves, and noise.
constexpr double kVolumePersistence = 0.85;
constexpr double kVolumeInnovation = 0.17;
constexpr double kVolumeOnMove = 0.25;  // per standard deviation of the move
constexpr double kVolumeNoise = 0.18;

class PathSimulation {
 public:
  PathSimulation(const SimulatedMarketOptions& options, const std::vector<Instrument>& instruments,
                 std::size_t sessions)
      : instruments_(instruments),
        ic_(options.signal_ic),
        null_returns_(options, instruments),
        level_(sessions, instruments.size()),
        volume_state_(instruments.size(), 0.0) {
    const Random root = part_random(options, kBarPart).fork(1);
    for (std::size_t i = 0; i < instruments.size(); ++i) volume_random_.push_back(root.fork(i));
    for (Panel* panel : {&paths_.total_return, &paths_.volatility, &paths_.volume, &paths_.signal}) {
      *panel = Panel(sessions, instruments.size());
    }
  }

  void step(std::size_t row) {
    const NullSession& session = null_returns_.next();
    const double scale = signal_scale(row, session);
    for (std::size_t i = 0; i < instruments_.size(); ++i) {
      // Volume is drawn for all, so that one instrument's life does not move another's numbers.
      const double volume = draw_volume(i, session);
      if (row < instruments_[i].first_row || row > instruments_[i].last_row) continue;
      paths_.volatility(row, i) = session.volatility[i];
      paths_.volume(row, i) = volume;
      step_price(row, i, kDrift + session.surprise[i], scale);
    }
    compute_signal(row);
  }

  Paths take() { return std::move(paths_); }

 private:
  void step_price(std::size_t row, std::size_t i, double unsignalled, double scale) {
    if (row == instruments_[i].first_row) {
      paths_.total_return(row, i) = 0.0;
      level_(row, i) = 1.0;
      return;
    }
    const double signal = row < kLag ? NAN : paths_.signal(row - kLag, i);
    const double planted = std::isnan(signal) ? 0.0 : scale * signal;
    paths_.total_return(row, i) = unsignalled + planted;
    level_(row, i) = level_(row - 1, i) * (1.0 + unsignalled + planted);
  }

  double draw_volume(std::size_t i, const NullSession& session) {
    Random& random = volume_random_[i];
    volume_state_[i] = kVolumePersistence * volume_state_[i] + kVolumeInnovation * random.normal();
    const double move = std::min(6.0, std::abs(session.surprise[i]) / session.volatility[i]);
    const double noise = kVolumeNoise * random.normal();
    return std::exp(instruments_[i].log_volume + volume_state_[i] + kVolumeOnMove * move + noise);
  }

  // Finds how strongly the signal of two sessions ago enters this session.
  double signal_scale(std::size_t row, const NullSession& session) {
    if (row < kLag || ic_ == 0.0) return 0.0;
    signal_values_.clear();
    surprises_.clear();
    const auto signals = paths_.signal.row(row - kLag);
    for (std::size_t i = 0; i < instruments_.size(); ++i) {
      if (std::isnan(signals[i]) || row > instruments_[i].last_row) continue;
      signal_values_.push_back(signals[i]);
      surprises_.push_back(session.surprise[i]);
    }
    return scale_.solve(signal_values_, surprises_, ic_);
  }

  // The latent predictor is made of what anyone can compute from prices and volumes up to this session:
  // Ref($close,5)/$close, $volume/Mean($volume,20) and $close/Ref($close,60), each as normal scores.
  void compute_signal(std::size_t row) {
    members_.clear();
    for (std::size_t i = 0; i < instruments_.size(); ++i) {
      if (row >= instruments_[i].first_row + kSignalHistory && row <= instruments_[i].last_row) {
        members_.push_back(i);
      }
    }
    if (members_.empty()) return;
    total_.assign(members_.size(), 0.0);
    add_scores(kReversalWeight,
               [&](std::size_t i) { return level_(row - kReversalWindow, i) / level_(row, i); });
    add_scores(kVolumeWeight, [&](std::size_t i) { return paths_.volume(row, i) / mean_volume(row, i); });
    add_scores(kMomentumWeight,
               [&](std::size_t i) { return level_(row, i) / level_(row - kSignalHistory, i); });
    scorer_.score(total_);
    for (std::size_t k = 0; k < members_.size(); ++k) paths_.signal(row, members_[k]) = total_[k];
  }

  template <class Component>
  void add_scores(double weight, const Component& component) {
    component_.resize(members_.size());
    for (std::size_t k = 0; k < members_.size(); ++k) component_[k] = component(members_[k]);
    scorer_.score(component_);
    for (std::size_t k = 0; k < members_.size(); ++k) total_[k] += weight * component_[k];
  }

  double mean_volume(std::size_t row, std::size_t i) const {
    double sum = 0.0;
    for (std::size_t back = 0; back < kVolumeWindow; ++back) sum += paths_.volume(row - back, i);
    return sum / static_cast<double>(kVolumeWindow);
  }

  const std::vector<Instrument>& instruments_;
  double ic_;
  NullReturns null_returns_;
  Paths paths_;
  Panel level_;  // value of one unit held since the first bar
  std::vector<Random> volume_random_;
  std::vector<double> volume_state_;
  NormalScorer scorer_;
  SignalScale scale_;
  std::vector<std::size_t> members_;
  std::vector<double> total_;
  std::vector<double> component_;
  std::vector<double> signal_values_;
  std::vector<double> surprises_;
};

}  // namespace

Paths simulate_paths(const SimulatedMarketOptions& options, const std::vector<Instrument>& instruments,
                     std::size_t sessions, Progress& progress) {
  PathSimulation simulation(options, instruments, sessions);
  progress.begin("simulate sessions", sessions);
  for (std::size_t row = 0; row < sessions; ++row) {
    simulation.step(row);
    progress.advance();
  }
  progress.end();
  return simulation.take();
}

}  // namespace orrery::plugins::providers::simulated
