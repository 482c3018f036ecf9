#include "plugins/providers/simulated/null_returns.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace orrery::plugins::providers::simulated {
namespace {

constexpr double kMarketVolatility = 0.0085;  // of a day, in normal times, as the next ones
constexpr double kSectorVolatility = 0.0042;
constexpr double kStyleVolatility = 0.0022;
constexpr double kMarketFreedom = 6.0;
constexpr double kIdiosyncraticFreedom = 5.0;

constexpr double kMarketJumpsPerSession = 0.5 / 252.0;
constexpr double kMarketJump = 0.03;
constexpr double kJumpsPerSession = 4.0 / 252.0;
constexpr double kJumpInVolatilities = 3.5;
constexpr double kLargestSurprise = 0.45;  // keeps prices positive; symmetric, so it leaves the null alone

// Stochastic volatility: log-volatility is a stationary AR(1).
constexpr double kPersistence = 0.97;
constexpr double kLogVolatilityDeviation = 0.40;
constexpr double kLeverage = -0.02;  // log-volatility per standard deviation of the market's last move

constexpr std::size_t kRegimes = 3;  // calm, normal, stressed
constexpr std::array<double, kRegimes> kRegimeScale = {0.70, 1.00, 2.10};
constexpr std::array<std::array<double, kRegimes>, kRegimes> kTransition = {{
    {0.990, 0.009, 0.001},
    {0.013, 0.974, 0.013},
    {0.002, 0.038, 0.960},
}};

// Student's t with unit variance, by Bailey's polar formula (Mathematics of Computation 62, 1994).
double student(Random& random, double freedom) {
  const double u = 1.0 - random.uniform();
  const double angle = 2.0 * std::numbers::pi * random.uniform();
  const double t = std::sqrt(freedom * (std::pow(u, -2.0 / freedom) - 1.0)) * std::cos(angle);
  return t * std::sqrt((freedom - 2.0) / freedom);
}

double jump(Random& random, double probability, double deviation) {
  return random.uniform() < probability ? deviation * random.normal() : 0.0;
}

}  // namespace

NullReturns::NullReturns(const SimulatedMarketOptions& options, const std::vector<Instrument>& instruments)
    : instruments_(instruments), common_(part_random(options, kCommonPart)) {
  const Random root = part_random(options, kReturnPart);
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    random_.push_back(root.fork(i));
    log_volatility_.push_back(kLogVolatilityDeviation * random_.back().normal());
  }
  session_.surprise.resize(instruments.size());
  session_.volatility.resize(instruments.size());
}

void NullReturns::step_regime() {
  double left = common_.uniform();
  const auto& row = kTransition[regime_];
  std::size_t next = 0;
  while (next + 1 < kRegimes && left >= row[next]) left -= row[next++];
  regime_ = next;
  scale_ = kRegimeScale[regime_];
}

NullReturns::CommonFactors NullReturns::draw_common() {
  CommonFactors factors;
  factors.market = scale_ * kMarketVolatility * student(common_, kMarketFreedom) +
                   jump(common_, kMarketJumpsPerSession, kMarketJump);
  for (double& sector : factors.sectors)
    sector = scale_ * kSectorVolatility * student(common_, kMarketFreedom);
  for (double& style : factors.styles) style = scale_ * kStyleVolatility * common_.normal();
  return factors;
}

double NullReturns::common_part(const Instrument& instrument, const CommonFactors& factors) const {
  double sum =
      instrument.market_beta * factors.market + instrument.sector_beta * factors.sectors[instrument.sector];
  for (std::size_t k = 0; k < kStyles; ++k) sum += instrument.style_betas[k] * factors.styles[k];
  return sum;
}

double NullReturns::common_variance(const Instrument& instrument) const {
  const double market = instrument.market_beta * kMarketVolatility;
  const double sector = instrument.sector_beta * kSectorVolatility;
  double sum = market * market + sector * sector;
  for (const double beta : instrument.style_betas) sum += beta * beta * kStyleVolatility * kStyleVolatility;
  return scale_ * scale_ * sum;
}

double NullReturns::draw_idiosyncratic(std::size_t i, double leverage) {
  Random& random = random_[i];
  static const double innovation = kLogVolatilityDeviation * std::sqrt(1.0 - kPersistence * kPersistence);
  log_volatility_[i] = kPersistence * log_volatility_[i] + innovation * random.normal() + leverage;
  const double volatility = instruments_[i].idiosyncratic_volatility * std::sqrt(scale_) *
                            std::exp(log_volatility_[i] - kLogVolatilityDeviation * kLogVolatilityDeviation);
  session_.volatility[i] = std::sqrt(common_variance(instruments_[i]) + volatility * volatility);
  return volatility * student(random, kIdiosyncraticFreedom) +
         jump(random, kJumpsPerSession, kJumpInVolatilities * volatility);
}

const NullSession& NullReturns::next() {
  step_regime();
  const double leverage = kLeverage * std::clamp(last_market_, -4.0, 4.0);
  const CommonFactors factors = draw_common();
  last_market_ = factors.market / (scale_ * kMarketVolatility);
  for (std::size_t i = 0; i < instruments_.size(); ++i) {
    const double surprise = common_part(instruments_[i], factors) + draw_idiosyncratic(i, leverage);
    session_.surprise[i] = std::clamp(surprise, -kLargestSurprise, kLargestSurprise);
  }
  return session_;
}

}  // namespace orrery::plugins::providers::simulated
