// Times optimizers on a problem out of a file, for bench/portfolio.py.
// usage: orrery_portfolio_bench PROBLEM OBJECTIVE REPEATS WEIGHTS [NAME=VALUE]
//
// PROBLEM: numbers of eight bytes: names n, factors k, groups g, the upper limit of a weight, that of a group
// (name i is in group i mod g); then the covariance (n × n, when k is 0) or loadings (n × k), the factors'
// covariance (k × k) and specific variances (n); then n expected returns. WEIGHTS gets the n weights.
// Printed: the seconds of each repeat, as JSON. The weights of all repeats are the same, or it fails.
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/stopwatch.h"
#include "plugins/optimizers/registry.h"

namespace orrery::portfolio_bench {
namespace {

/// Numbers of a file, from first to last.
class NumberFile {
 public:
  explicit NumberFile(const std::string& path) : file_(path, std::ios::binary) {}

  std::vector<double> next(std::size_t count) {
    std::vector<double> values(count);
    file_.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(double)));
    if (!file_) throw user_error(ErrorCode::kDataCorrupt, "the problem's file ends too soon");
    return values;
  }
  std::size_t next_count() { return static_cast<std::size_t>(next(1).front()); }

 private:
  std::ifstream file_;
};

SquareMatrix square(NumberFile& file, std::size_t size) {
  SquareMatrix matrix(size);
  matrix.values = file.next(size * size);
  return matrix;
}

PortfolioProblem read_problem(const std::string& path) {
  NumberFile file(path);
  const std::size_t names = file.next_count(), factors = file.next_count(), groups = file.next_count();
  const auto limits = file.next(2);
  PortfolioProblem problem;
  for (std::size_t i = 0; i < names; ++i) problem.names.push_back(fmt::format("N{:04}", i));
  if (factors == 0) {
    problem.risk = RiskModel::dense(square(file, names));
  } else {
    auto loadings = file.next(names * factors);
    auto common = square(file, factors);
    problem.risk = RiskModel::factors(std::move(loadings), std::move(common), file.next(names));
  }
  problem.expected_returns = file.next(names);
  problem.constraints.lower.assign(names, 0.0);
  problem.constraints.upper.assign(names, limits[0]);
  for (std::size_t group = 0; group < groups; ++group) {
    ExposureLimit limit{fmt::format("sector {}", group), std::vector<double>(names, 0.0)};
    for (std::size_t i = group; i < names; i += groups) limit.loadings[i] = 1.0;
    limit.high = limits[1];
    problem.constraints.exposures.push_back(std::move(limit));
  }
  return problem;
}

ParameterMap read_setting(const std::string& text) {
  const std::size_t split = text.find('=');
  if (split == std::string::npos) return {};
  return {{text.substr(0, split), std::strtod(text.c_str() + split + 1, nullptr)}};
}

void run(const std::string& path, const std::string& objective, std::size_t repeats, const std::string& out,
         const std::string& setting) {
  OptimizerRegistry registry("optimizer");
  plugins::optimizers::register_all(registry);
  const PortfolioProblem problem = read_problem(path);
  const ParameterMap settings = read_setting(setting);
  std::vector<double> weights;
  std::string seconds;
  for (std::size_t i = 0; i < repeats; ++i) {
    const Stopwatch watch;
    auto answer = optimize_portfolio(registry, objective, settings, problem).weights;
    seconds += fmt::format("{}{}", i > 0 ? ", " : "", watch.seconds());
    if (i > 0 && answer != weights) throw internal_error("a repeated answer differs");
    weights = std::move(answer);
  }
  std::ofstream file(out, std::ios::binary);
  file.write(reinterpret_cast<const char*>(weights.data()),
             static_cast<std::streamsize>(weights.size() * sizeof(double)));
  fmt::print("{{\"seconds\": [{}]}}\n", seconds);
}

}  // namespace
}  // namespace orrery::portfolio_bench

int main(int argc, char** argv) {
  using namespace orrery;
  if (argc < 5 || argc > 6) {
    fmt::print(stderr, "usage: {} PROBLEM OBJECTIVE REPEATS WEIGHTS [NAME=VALUE]\n", argv[0]);
    return 2;
  }
  try {
    portfolio_bench::run(argv[1], argv[2], std::strtoul(argv[3], nullptr, 10), argv[4],
                         argc > 5 ? argv[5] : "");
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
