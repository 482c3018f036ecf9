#include "orrery/app/route_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "orrery/base/config.h"
#include "orrery/base/named_value.h"
#include "orrery/base/spelling.h"
#include "orrery/data/text_file.h"

namespace orrery {
namespace {

constexpr double kMostBps = 10'000.0;

/// Of all kinds, in the order in which they are declared.
std::vector<std::string> order_type_names() {
  std::vector<std::string> names;
  for (int i = 0; !to_string(static_cast<OrderType>(i)).empty(); ++i) {
    names.emplace_back(to_string(static_cast<OrderType>(i)));
  }
  return names;
}

/// A name stands in files and folders.
bool is_plain(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
  });
}

/// Reads one file of routes into terms.
class RouteReader {
 public:
  RouteReader(const BrokerRegistry& brokers, ConfigProblems& problems)
      : brokers_(brokers), problems_(problems) {}

  RouteTerms read(const ConfigNode& root) {
    ConfigReader reader(&root, "", problems_);
    RouteTerms routes;
    read_health(reader.section("health"), routes.health);
    const ConfigNode* venues = reader.node("venues");
    if (venues == nullptr || venues->kind != ConfigNode::Kind::kSequence || venues->items.empty()) {
      reader.problem("venues", fmt::format("must be a list of at least one venue, found {}",
                                           venues == nullptr ? "nothing" : describe(*venues)));
      return routes;
    }
    double cash = 0.0;
    for (const ConfigNode& item : venues->items) {
      routes.venues.push_back(read_venue(item, routes.venues.size()));
      cash += routes.venues.back().cash;
    }
    if (!(cash > 0.0)) reader.problem("venues", "must have a venue whose cash is above 0, found none");
    return routes;
  }

 private:
  static void read_health(ConfigReader reader, HealthSettings& health) {
    health.failures = static_cast<int>(reader.integer("failures", health.failures, 1));
    health.patience_seconds = reader.number("patience_seconds", health.patience_seconds, 0.0);
    health.pause_seconds = reader.number("pause_seconds", health.pause_seconds, 0.0);
  }

  VenueTerms read_venue(const ConfigNode& item, std::size_t place) {
    VenueTerms venue;
    ConfigReader reader(&item, fmt::format("venues[{}]", place), problems_);
    if (item.kind != ConfigNode::Kind::kMapping) return venue;  // said already
    venue.name = reader.required_text("name");
    check_name(reader, venue.name);
    venue.broker = reader.required_text("broker");
    check_broker(reader, venue.broker);
    venue.cash = reader.number("cash", venue.cash, 0.0, 1e6);
    if (!reader.has("commission_bps")) {
      reader.problem("commission_bps", "must say what the venue charges, in bps of the value; found nothing");
    }
    venue.commission_bps = reader.number("commission_bps", 0.0, 0.0, kMostBps);
    venue.min_cost = reader.number("min_cost", 0.0, 0.0, 1e6);
    venue.per_share = reader.number("per_share", 0.0, 0.0, 1e6);
    venue.shorts = reader.boolean("shorts", venue.shorts);
    read_types(reader, venue.types);
    return venue;
  }

  void check_name(ConfigReader& reader, const std::string& name) {
    if (name.empty()) return;  // said already
    if (!is_plain(name)) {
      reader.problem("name", fmt::format("must be of a-z, 0-9 and _, found '{}'", name));
    } else if (!names_.insert(name).second) {
      reader.problem("name", fmt::format("must be another one for each venue, found '{}' twice", name));
    }
  }

  void check_broker(ConfigReader& reader, const std::string& broker) {
    if (broker.empty() || (broker != kRoutedBroker && brokers_.find(broker) != nullptr)) return;
    std::vector<std::string> names = brokers_.names();
    std::erase(names, kRoutedBroker);
    reader.problem("broker", fmt::format("must be one of {}, found '{}'{}", fmt::join(names, ", "), broker,
                                         did_you_mean(broker, names)));
  }

  void read_types(ConfigReader& reader, std::vector<OrderType>& types) {
    const ConfigNode* list = reader.node("types");
    if (list == nullptr) return;
    const std::vector<std::string> names = order_type_names();
    if (list->kind != ConfigNode::Kind::kSequence) {
      reader.problem("types",
                     fmt::format("must be a list of {}, found {}", fmt::join(names, ", "), describe(*list)));
      return;
    }
    for (const ConfigNode& item : list->items) {
      if (const auto type = find_named<OrderType>(item.scalar)) {
        types.push_back(*type);
      } else {
        problems_.add(item.mark, reader.key_path("types"),
                      fmt::format("must be of {}, found {}{}", fmt::join(names, ", "), describe(item),
                                  did_you_mean(item.scalar, names)));
      }
    }
  }

  const BrokerRegistry& brokers_;
  ConfigProblems& problems_;
  std::set<std::string> names_;
};

}  // namespace

RouteTerms read_routes(const std::filesystem::path& file, const BrokerRegistry& brokers) {
  const ConfigNode root = parse_config(read_text_file(file), file.string());
  ConfigProblems problems;
  RouteTerms routes = RouteReader(brokers, problems).read(root);
  problems.throw_if_any();
  return routes;
}

StudySettings deciding_settings(const RouteTerms& routes) {
  StudySettings settings;
  std::vector<std::string> names;
  for (const VenueTerms& venue : routes.venues) {
    names.push_back(venue.name);
    const auto set = [&](std::string_view key, const std::string& value) {
      settings[fmt::format("routes.{}.{}", venue.name, key)] = value;
    };
    std::vector<std::string_view> types;
    for (const OrderType type : venue.types) types.push_back(to_string(type));
    set("broker", venue.broker);
    set("cash", fmt::format("{}", venue.cash));
    set("commission_bps", fmt::format("{}", venue.commission_bps));
    set("min_cost", fmt::format("{}", venue.min_cost));
    set("per_share", fmt::format("{}", venue.per_share));
    set("shorts", venue.shorts ? "true" : "false");
    set("types", types.empty() ? "all" : fmt::format("{}", fmt::join(types, ", ")));
  }
  settings["broker"] = kRoutedBroker;
  settings["routes"] = fmt::format("{}", fmt::join(names, ", "));
  return settings;
}

}  // namespace orrery
