// What a drawdown ladder keeps over a restart, as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/market/symbol_order.h"
#include "orrery/risk/drawdown_ladder.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

std::uint32_t instrument_of(const std::string& symbol, std::span<const std::string> symbols) {
  if (const auto found = find_symbol(symbols, symbol)) return *found;
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("the risk ladder knows a position of which the data has nothing: {}", symbol));
}

}  // namespace

std::string DrawdownLadder::save(std::span<const std::string> symbols) const {
  Json wanted = Json::array();
  for (const Holding& held : state_.wanted) {
    wanted.push_back({symbols[held.instrument], held.weight, held.sessions});
  }
  return Json{{"level", state_.level},
              {"index", state_.index},
              {"high_water", state_.high_water},
              {"last_equity", state_.last_equity},
              {"sessions_on_level", state_.sessions_on_level},
              {"sessions_stopped", state_.sessions_stopped},
              {"ramp_from", state_.ramp_from},
              {"recovering", state_.recovering},
              {"active", state_.active},
              {"applied", state_.applied},
              {"wanted", wanted},
              {"wanted_returns", state_.wanted_returns}}
      .dump();
}

void DrawdownLadder::restore(std::string_view saved, std::span<const std::string> symbols) {
  try {
    const Json json = Json::parse(saved);
    LadderState state;
    state.level = json.at("level");
    state.index = json.at("index");
    state.high_water = json.at("high_water");
    state.last_equity = json.at("last_equity");
    state.sessions_on_level = json.at("sessions_on_level");
    state.sessions_stopped = json.at("sessions_stopped");
    state.ramp_from = json.at("ramp_from");
    state.recovering = json.at("recovering");
    state.active = json.at("active");
    state.applied = json.at("applied");
    for (const Json& held : json.at("wanted")) {
      state.wanted.push_back({instrument_of(held.at(0), symbols), held.at(1), held.at(2)});
    }
    std::sort(state.wanted.begin(), state.wanted.end(),
              [](const Holding& left, const Holding& right) { return left.instrument < right.instrument; });
    state.wanted_returns = json.at("wanted_returns").get<std::vector<double>>();
    state_ = std::move(state);
  } catch (const Json::exception& error) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("the saved state of the risk ladder can't be read: {}", error.what()));
  }
}

}  // namespace orrery
