#include "orrery/data/price_history.h"

#include <array>

namespace orrery {
namespace {

constexpr std::array<std::string_view, kPriceFaults> kFaultNames = {
    "100x unit",    "split not applied",  "dividend 100x",      "dividend not split", "phantom dividend",
    "dividend day", "adjustment missing", "adjustment wrong",   "capital gain twice", "untraded level",
    "unseen split", "unlisted split",     "adjustment differs", "missing price",      "jump",
    "stale repeat", "bad shape",
};

}  // namespace

std::string_view to_string(PriceFault fault) { return kFaultNames.at(static_cast<std::size_t>(fault)); }

bool is_repairable(PriceFault fault) { return fault < PriceFault::kUntradedLevel; }

}  // namespace orrery
