#include "orrery/risk/tail_backtest.h"

#include <fmt/format.h>

#include "orrery/base/error.h"

namespace orrery {

TailBacktest backtest_tail_risk(std::span<const double> returns, TailMethod method,
                                const TailBacktestSettings& settings) {
  const auto horizon = static_cast<std::size_t>(settings.tail.horizon);
  if (returns.size() < settings.window + horizon) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{} returns are too few to test forecasts of {} periods from the {} before",
                                 returns.size(), horizon, settings.window));
  }
  TailBacktest backtest;
  backtest.method = method;
  const double confidence = settings.tail.confidence;
  std::vector<std::uint8_t> exceptions;
  ShortfallTester tester(confidence, settings.simulations, settings.tail.seed);
  bool all_are_losses = true;
  for (std::size_t first = settings.window; first + horizon <= returns.size(); first += horizon) {
    const auto forecast =
        forecast_returns(returns.subspan(first - settings.window, settings.window), method, settings.tail);
    const TestedForecast tested{
        first, forecast.value_at_risk(confidence), forecast.expected_shortfall(confidence),
        horizon_returns(returns.subspan(first, horizon), settings.tail.horizon).front()};
    backtest.forecasts.push_back(tested);
    exceptions.push_back(-tested.realised > tested.value_at_risk ? 1 : 0);
    if (!forecast.is_monotone()) ++backtest.unreliable;
    all_are_losses = all_are_losses && tested.expected_shortfall > 0.0;
    if (all_are_losses) tester.add(forecast, tested.realised);
  }
  backtest.exceptions = test_exceptions(exceptions, 1.0 - confidence, settings.tests);
  if (all_are_losses) backtest.shortfall = tester.result();
  return backtest;
}

}  // namespace orrery
