#include "orrery/portfolio/linear_program.h"

#include <fmt/format.h>

#include <memory>

#include "orrery/base/error.h"
#include "orrery/base/shared_library.h"

namespace orrery {
namespace {

/// HiGHS's C interface (highs_c_api.h), as far as it is used here. HighsInt is 32 bits in this build.
struct Highs {
  using Int = std::int32_t;
  void* (*create)();
  void (*destroy)(void*);
  Int (*set_flag)(void*, const char*, Int);
  Int (*set_number)(void*, const char*, Int);
  Int (*pass)(void*, Int, Int, Int, Int, Int, double, const double*, const double*, const double*,
              const double*, const double*, const Int*, const Int*, const double*);
  Int (*run)(void*);
  Int (*model_status)(const void*);
  Int (*solution)(const void*, double*, double*, double*, double*);
  double (*objective)(const void*);
};

constexpr Highs::Int kByRows = 2, kMinimise = 1;
constexpr Highs::Int kStatusOptimal = 7, kStatusInfeasible = 8, kStatusUnboundedOrInfeasible = 9,
                     kStatusUnbounded = 10;

SharedLibrary load_highs() {
  try {
    return SharedLibrary(ORRERY_HIGHS_FILE);
  } catch (const Error& error) {
    throw external_error(ErrorCode::kUnavailable,
                         fmt::format("the library of HiGHS, which solves linear programs, is not there; "
                                     "tools/setup.sh installs it ({})",
                                     error.what()));
  }
}

const Highs& highs() {
  static const Highs loaded = [] {
    const SharedLibrary shared = load_highs();
    Highs found{};
    const auto find = [&shared]<class Function>(Function*& function, const char* name) {
      function = shared.function<Function>(name);
    };
    find(found.create, "Highs_create");
    find(found.destroy, "Highs_destroy");
    find(found.set_flag, "Highs_setBoolOptionValue");
    find(found.set_number, "Highs_setIntOptionValue");
    find(found.pass, "Highs_passLp");
    find(found.run, "Highs_run");
    find(found.model_status, "Highs_getModelStatus");
    find(found.solution, "Highs_getSolution");
    find(found.objective, "Highs_getObjectiveValue");
    return found;
  }();
  return loaded;
}

}  // namespace

void LinearProgram::begin_row(double low, double high) {
  starts.push_back(starts.back());
  row_low.push_back(low);
  row_high.push_back(high);
}

void LinearProgram::add_entry(std::size_t column, double value) {
  if (value == 0.0) return;
  columns.push_back(static_cast<std::int32_t>(column));
  entries.push_back(value);
  ++starts.back();
}

LinearSolution solve_linear_program(const LinearProgram& program) {
  const Highs& library = highs();
  const std::unique_ptr<void, void (*)(void*)> solver(library.create(), library.destroy);
  library.set_flag(solver.get(), "output_flag", 0);
  library.set_number(solver.get(), "threads", 1);
  const auto columns = static_cast<Highs::Int>(program.cost.size());
  const auto rows = static_cast<Highs::Int>(program.row_low.size());
  const auto entries = static_cast<Highs::Int>(program.entries.size());
  library.pass(solver.get(), columns, rows, entries, kByRows, kMinimise, 0.0, program.cost.data(),
               program.lower.data(), program.upper.data(), program.row_low.data(), program.row_high.data(),
               program.starts.data(), program.columns.data(), program.entries.data());
  library.run(solver.get());
  LinearSolution solution;
  switch (const Highs::Int status = library.model_status(solver.get())) {
    case kStatusOptimal:
      solution.status = LinearStatus::kOptimal;
      break;
    case kStatusInfeasible:
    case kStatusUnboundedOrInfeasible:
      solution.status = LinearStatus::kInfeasible;
      return solution;
    case kStatusUnbounded:
      solution.status = LinearStatus::kUnbounded;
      return solution;
    default:
      throw Error(ErrorCode::kInternal, ErrorOrigin::kInternal,
                  fmt::format("HiGHS ended with status {} on a linear program of {} columns and {} rows",
                              status, columns, rows));
  }
  solution.x.resize(program.cost.size());
  std::vector<double> duals(program.cost.size()), values(program.row_low.size()),
      row_duals(program.row_low.size());
  library.solution(solver.get(), solution.x.data(), duals.data(), values.data(), row_duals.data());
  solution.objective = library.objective(solver.get());
  return solution;
}

}  // namespace orrery
