#include "orrery/ml/tuning/samplers/samplers.h"

#include <fmt/format.h>

#include "orrery/base/error.h"

namespace orrery {

const std::vector<std::string>& sampler_names() {
  static const std::vector<std::string> names = {"tpe", "tpe_joint", "cmaes", "random", "grid"};
  return names;
}

std::unique_ptr<Sampler> make_sampler(std::string_view name) {
  if (name == "tpe") return make_tpe_sampler();
  if (name == "tpe_joint") {
    TpeOptions options;
    options.joint = true;
    return make_tpe_sampler(options);
  }
  if (name == "cmaes") return make_cmaes_sampler();
  if (name == "random") return make_random_sampler();
  if (name == "grid") return make_grid_sampler();
  throw user_error(ErrorCode::kNotFound, fmt::format("no sampler is named '{}'", name));
}

}  // namespace orrery
