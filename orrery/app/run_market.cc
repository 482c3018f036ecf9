#include "orrery/app/run_market.h"

#include <fmt/format.h>

#include <filesystem>

#include "orrery/base/address.h"
#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/data/table_file.h"

namespace orrery {
namespace {

RunOptions with_threads(int threads) {
  RunOptions options;
  options.threads = threads;
  return options;
}

PriceLoad read_same_prices(const StoredRun& run, const Study& study, int threads, Progress& progress) {
  if (study.data.bars.empty() && !is_address(study.data.path.string()) &&
      !std::filesystem::exists(file_on_disk(study.data.path))) {
    throw user_error(
        ErrorCode::kNotFound,
        fmt::format("the prices that this run read are gone, so that nothing can be explained from "
                    "them; run its study again: {}",
                    study.data.path.string()));
  }
  PriceLoad prices = read_study_prices(study, with_threads(threads), progress);
  if (prices.fingerprint == run.key.data_fingerprint) return prices;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format(
          "the prices have changed since the run, so that nothing can be explained from them; run its "
          "study again: {} has the fingerprint {}, the run read {}",
          study.data.path.string(), prices.fingerprint, run.key.data_fingerprint));
}

}  // namespace

RunMarket::RunMarket(const StoredRun& run, const Plugins& plugins, int threads, Progress& progress)
    : run_(run),
      study_(reread_study(run, plugins)),
      prices_(read_same_prices(run_, study_, threads, progress)),
      universe_(study_universe(study_, prices_.market)),
      threads_(threads),
      progress_(progress) {}

const FactorFrame* RunMarket::factors() const {
  if (run_.tests.empty()) return nullptr;
  const std::lock_guard lock(mutex_);
  if (!factors_) factors_ = study_factors(study_, prices_.market, with_threads(threads_), progress_);
  return &*factors_;
}

const FactorFrame& RunMarket::required_factors() const {
  if (const FactorFrame* found = factors()) return *found;
  throw user_error(ErrorCode::kNotFound, "the scores of this run were made elsewhere; it has no factors");
}

std::size_t RunMarket::instrument(const std::string& symbol) const {
  if (const auto found = market().find_symbol(symbol)) return *found;
  throw user_error(ErrorCode::kNotFound, fmt::format("the run's prices have no such symbol{}: {}",
                                                     did_you_mean(symbol, market().symbols), symbol));
}

std::size_t RunMarket::row(Date session) const {
  const MarketData& data = market();
  const std::size_t row = data.lower_row(session);
  if (row < data.rows() && data.dates[row] == session) return row;
  std::string near;
  if (row > 0) near += fmt::format("; the session before is {}", to_string(data.dates[row - 1]));
  if (row < data.rows()) near += fmt::format("; the next is {}", to_string(data.dates[row]));
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("no session of the run's prices{}: {}", near, to_string(session)));
}

}  // namespace orrery
