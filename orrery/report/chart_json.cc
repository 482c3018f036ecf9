#include "orrery/report/chart_json.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace orrery {

using nlohmann::json;

json short_json(double value, int digits) {
  if (!std::isfinite(value)) return {};
  return std::strtod(fmt::format("{:.{}g}", value, digits).c_str(), nullptr);
}

json short_json(std::span<const double> values, int digits) {
  json list = json::array();
  for (const double value : values) list.push_back(short_json(value, digits));
  return list;
}

json dates_json(std::span<const Date> dates) {
  json list = json::array();
  for (const Date date : dates) list.push_back(to_string(date));
  return list;
}

std::string script_text(const json& data) {
  const std::string text = data.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    if (c == '<') {
      escaped += "\\u003c";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace orrery
