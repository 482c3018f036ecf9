#include "orrery/factor/kernels/kernel_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/factor/kernels/window_cut.h"

namespace orrery::kernels::kernel_table_test {
namespace {

constexpr int kTileLanes = 16;

/// What this machine can run of a kernel.
std::vector<KernelFunction> widths(const Kernel& kernel) {
  std::vector<KernelFunction> result = {kernel.run};
  if (available_instructions() == InstructionSet::kAvx512) result.push_back(kernel.run_wide);
  return result;
}

/// A row of a series for 16 lanes, aligned as kernels need it.
template <class T>
struct alignas(64) LaneRow {
  T cells[kTileLanes] = {};
};

/// Runs a kernel on one row: where each input's latest row begins, and a row for each output.
template <class Out>
void run_bound(KernelFunction kernel, const std::vector<const void*>& inputs,
               std::vector<LaneRow<Out>>& outputs, const std::vector<double>& constants) {
  std::vector<Input> from;
  for (const void* input : inputs) from.push_back({static_cast<const std::byte*>(input)});
  std::vector<Output> to;
  for (LaneRow<Out>& output : outputs) to.push_back({reinterpret_cast<std::byte*>(output.cells)});
  KernelCall call;
  call.inputs = from.data();
  call.outputs = to.data();
  call.output_count = static_cast<int>(to.size());
  call.lanes = kTileLanes;
  call.constants = constants.data();
  call.constant_count = static_cast<int>(constants.size());
  kernel(call, 0, 1);
}

/// Runs a kernel of one output on one row of each input.
template <class In, class Out>
std::vector<Out> run(KernelFunction kernel, const std::vector<std::vector<In>>& inputs,
                     const std::vector<double>& constants = {}) {
  std::vector<LaneRow<In>> rows(inputs.size());
  std::vector<const void*> pointers;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::copy(inputs[i].begin(), inputs[i].end(), rows[i].cells);
    pointers.push_back(rows[i].cells);
  }
  std::vector<LaneRow<Out>> output(1);
  run_bound(kernel, pointers, output, constants);
  return {std::begin(output[0].cells), std::end(output[0].cells)};
}

double ulps(double found, long double expected) {
  const double rounded = static_cast<double>(expected);
  const double ulp =
      std::nextafter(std::fabs(rounded), std::numeric_limits<double>::infinity()) - std::fabs(rounded);
  return static_cast<double>(std::fabs(static_cast<long double>(found) - expected)) / ulp;
}

std::vector<double> random_positive(Random& random) {
  std::vector<double> result(kTileLanes);
  for (double& value : result) value = std::exp(40.0 * (random.uniform() - 0.5)) * (1.0 + random.uniform());
  return result;
}

TEST(Kernels, BothInstructionSetsHaveTheSameList) {
  const auto narrow = kernels_avx2();
  const auto wide = kernels_avx512();
  ASSERT_EQ(narrow.size(), wide.size());
  for (std::size_t i = 0; i < narrow.size(); ++i) EXPECT_STREQ(narrow[i].name, wide[i].name);
  EXPECT_THROW(find_kernel("nothing"), Error);
}

// The oracle is libm's long double logarithm.
TEST(Kernels, LogarithmOfDoublesIsWithinOneUlp) {
  Random random(1);
  double worst = 0.0;
  for (int i = 0; i < 20000; ++i) {
    std::vector<double> x = random_positive(random);
    if (i % 2 == 0) {
      for (double& value : x)
        value = 1.0 + 0.1 * (random.uniform() - 0.5);  // around the zero of the logarithm
    }
    const auto found = run<double, double>(find_kernel("logarithm_d").run, {x});
    for (int lane = 0; lane < kTileLanes; ++lane) {
      const auto place = static_cast<std::size_t>(lane);
      worst = std::max(worst, ulps(found[place], std::log(static_cast<long double>(x[place]))));
    }
  }
  EXPECT_LT(worst, 1.0);
}

TEST(Kernels, LogarithmsOfSpecialValues) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double tiny = std::numeric_limits<double>::denorm_min();
  std::vector<double> x(kTileLanes, 1.0);
  x[0] = 0.0;
  x[1] = -1.0;
  x[2] = infinity;
  x[3] = std::numeric_limits<double>::quiet_NaN();
  x[4] = tiny;
  x[5] = -0.0;
  const auto found = run<double, double>(find_kernel("logarithm_d").run, {x});
  EXPECT_EQ(found[0], -infinity);
  EXPECT_TRUE(std::isnan(found[1]));
  EXPECT_EQ(found[2], infinity);
  EXPECT_TRUE(std::isnan(found[3]));
  EXPECT_DOUBLE_EQ(found[4], std::log(tiny));
  EXPECT_EQ(found[5], -infinity);
  EXPECT_EQ(found[6], 0.0);
  std::vector<float> floats(x.begin(), x.end());
  floats[4] = std::numeric_limits<float>::denorm_min();
  const auto narrow = run<float, float>(find_kernel("logarithm_f").run, {floats});
  EXPECT_EQ(narrow[0], -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(narrow[1]));
  EXPECT_EQ(narrow[2], std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(narrow[3]));
  EXPECT_FLOAT_EQ(narrow[4], std::log(floats[4]));
  EXPECT_EQ(narrow[6], 0.0F);
}

// Values of numpy 2.2.6 itself; for most of them
// a correctly rounded logarithm has other bits.
TEST(Kernels, LogarithmOfFloatsHasNumpysBits) {
  struct Case {
    std::uint32_t x;
    std::uint32_t log;
  };
  std::vector<Case> cases = {
#include "orrery/factor/kernels/numpy_log.inc"
  };
  for (std::size_t begin = 0; begin + kTileLanes <= cases.size(); begin += kTileLanes) {
    std::vector<float> x(kTileLanes);
    for (std::size_t i = 0; i < kTileLanes; ++i) std::memcpy(&x[i], &cases[begin + i].x, sizeof(float));
    const auto found = run<float, float>(find_kernel("logarithm_f").run, {x});
    for (std::size_t i = 0; i < kTileLanes; ++i) {
      std::uint32_t bits;
      std::memcpy(&bits, &found[i], sizeof bits);
      EXPECT_EQ(bits, cases[begin + i].log) << x[i];
    }
  }
}

// The oracle is libm's long double power.
TEST(Kernels, PowerIsWithinOneUlp) {
  Random random(2);
  double worst = 0.0;
  for (int i = 0; i < 5000; ++i) {
    const std::vector<double> x = random_positive(random);
    std::vector<double> y(kTileLanes);
    for (double& value : y) value = 30.0 * (random.uniform() - 0.5);
    const auto found = run<double, double>(find_kernel("power_dd").run, {x, y});
    for (std::size_t lane = 0; lane < kTileLanes; ++lane) {
      worst = std::max(worst, ulps(found[lane], std::pow(static_cast<long double>(x[lane]),
                                                         static_cast<long double>(y[lane]))));
    }
  }
  EXPECT_LT(worst, 1.0);
}

TEST(Kernels, PowersOfSpecialValuesAreThoseOfLibm) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> special = {0.0,  -0.0,  1.0,    -1.0,     2.0,       -2.0, 3.0,  0.5,
                                       -0.5, 1e300, 1e-310, infinity, -infinity, nan,  -3.0, 1e19};
  for (const double y : special) {
    const auto found =
        run<double, double>(find_kernel("power_dd").run, {special, std::vector<double>(kTileLanes, y)});
    for (std::size_t lane = 0; lane < kTileLanes; ++lane) {
      const double expected = std::pow(special[lane], y);
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(found[lane])) << special[lane] << " ** " << y;
      } else {
        EXPECT_DOUBLE_EQ(found[lane], expected) << special[lane] << " ** " << y;
        EXPECT_EQ(std::signbit(found[lane]), std::signbit(expected)) << special[lane] << " ** " << y;
      }
    }
  }
}

/// Any 16 doubles: of all exponents, and of mantissas next to a power of two.
std::vector<double> random_bits(Random& random) {
  std::vector<double> result(kTileLanes);
  for (double& value : result) {
    std::uint64_t bits = random.next();
    if (bits % 4 == 0) bits |= 0x000ffffffffffff0;
    if (bits % 4 == 1) bits &= ~std::uint64_t{0x000ffffffffffff0};
    std::memcpy(&value, &bits, sizeof value);
  }
  return result;
}

// The oracle is the machine's division, which IEEE 754 wants rounded.
TEST(Kernels, ReciprocalsAreRoundedAsDivisionsAre) {
  const Kernel& kernel = find_kernel("reciprocal_d");
  Random random(4);
  const auto check = [&](const std::vector<double>& x) {
    for (const KernelFunction run_one : widths(kernel)) {
      const auto found = run<double, double>(run_one, {x});
      for (std::size_t lane = 0; lane < kTileLanes; ++lane) {
        const double expected = 1.0 / x[lane];
        const bool same =
            std::isnan(expected) ? std::isnan(found[lane]) : std::memcmp(&found[lane], &expected, 8) == 0;
        EXPECT_TRUE(same) << x[lane] << ": " << found[lane] << " instead of " << expected;
      }
    }
  };
  for (int i = 0; i < 50000; ++i) check(random_bits(random));
  for (int i = 0; i < 50000; ++i) check(random_positive(random));
  for (const double special : {0.0, -0.0, 0x1.fffffffffffffp0, -0x1.fffffffffffffp3, 0x1.ffffffffffffep0,
                               1e-310, 0x1p-1000, 0x1p1000, 1.7e308, std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::quiet_NaN()}) {
    std::vector<double> x(kTileLanes, 3.0);
    x[5] = special;
    check(x);
    check(std::vector<double>(kTileLanes, special));
  }
}

/// The mean of windows of which every count of values is there in some lane: their sum is 1.
void check_means(int window) {
  std::vector<double> table = {static_cast<double>(window)};
  for (int count = window; count >= 0; --count) table.push_back(1.0 / count);
  table.resize(std::max<std::size_t>(table.size(), 1 + kCountTableHead));
  for (int first = 0; first <= window; ++first) {
    LaneRow<std::int32_t> now, before;
    LaneRow<double> sums;
    for (int lane = 0; lane < kTileLanes; ++lane) {
      now.cells[lane] = 1000 + (first + lane) % (window + 1);
      before.cells[lane] = 1000;
      sums.cells[lane] = 1.0;
    }
    for (const KernelFunction run_one : widths(find_kernel("mean_d"))) {
      std::vector<LaneRow<double>> means(1);
      run_bound(run_one, {now.cells, before.cells, sums.cells}, means, table);
      for (int lane = 0; lane < kTileLanes; ++lane)
        EXPECT_EQ(means[0].cells[lane], 1.0 / (now.cells[lane] - before.cells[lane]))
            << window << ", lane " << lane;
    }
  }
}

// Short and long windows; 15 and 16 are where the table's head ends.
TEST(Kernels, ATableOfCountsKnowsEveryCount) {
  for (const int window : {2, 3, 5, 14, 15, 16, 17, 20, 60, 1024}) check_means(window);
}

/// Values of every kind, the first ones special.
template <class T>
std::vector<T> values_of_all_kinds(Random& random) {
  const std::vector<double> drawn = random_positive(random);
  std::vector<T> result(drawn.begin(), drawn.end());
  using Limits = std::numeric_limits<T>;
  const T special[] = {T{0}, -T{0}, Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()};
  std::copy(std::begin(special), std::end(special), result.begin());
  return result;
}

template <class T>
void expect_same_values(const std::vector<T>& found, const std::vector<T>& expected,
                        const std::string& what) {
  for (std::size_t lane = 0; lane < kTileLanes; ++lane) {
    if (std::isnan(expected[lane])) {
      EXPECT_TRUE(std::isnan(found[lane])) << what << ", lane " << lane;
    } else {
      EXPECT_EQ(std::memcmp(&found[lane], &expected[lane], sizeof(T)), 0) << what << ", lane " << lane;
    }
  }
}

constexpr double kNumbers[] = {1e-12, 2.0, 5.0, 0.0, -0.0, -3.5, std::numeric_limits<double>::infinity()};

template <class T>
void check_numbers(const std::string& series_kernel, const std::string& number_kernel) {
  Random random(5);
  for (const double number : kNumbers) {
    const std::vector<T> x = values_of_all_kinds<T>(random);
    const std::vector<T> series(kTileLanes, static_cast<T>(number));
    const auto expected = run<T, T>(find_kernel(series_kernel).run, {x, series});
    for (const KernelFunction run_one : widths(find_kernel(number_kernel)))
      expect_same_values(run<T, T>(run_one, {x}, {number}), expected, number_kernel);
  }
}

TEST(Kernels, ANumberGivesTheBitsOfASeriesOfIt) {
  for (const std::string name : {"add", "subtract", "multiply", "maximum", "minimum", "divide"}) {
    check_numbers<float>(name + "_ff", name + "_fc");
    if (name != "divide") check_numbers<double>(name + "_dd", name + "_dc");
  }
}

// The bits of divide_by, whose zeros are without sign; the second oracle is the machine's division.
TEST(Kernels, DivisionByANumberIsRounded) {
  Random random(6);
  for (const double number : kNumbers) {
    const std::vector<double> x = values_of_all_kinds<double>(random);
    const std::vector<std::vector<double>> series = {x, std::vector<double>(kTileLanes, number),
                                                     std::vector<double>(kTileLanes, 1.0 / number)};
    const auto expected = run<double, double>(find_kernel("divide_by_dd").run, series);
    for (const KernelFunction run_one : widths(find_kernel("divide_dc")))
      expect_same_values(run<double, double>(run_one, {x}, {number, 1.0 / number}), expected, "divide_dc");
    for (std::size_t lane = 0; lane < kTileLanes; ++lane) {
      const double divided = x[lane] / number;
      EXPECT_TRUE(expected[lane] == divided || (std::isnan(expected[lane]) && std::isnan(divided)))
          << x[lane] << " / " << number;
    }
  }
}

/// What merges make of a window, for one instrument: the formulas of windows.inc, written once more. `totals`
/// and `anchors` begin with the latest row.
struct SlowSums {
  double s = 0.0, q = 0.0, k = 0.0, l = 0.0, p = 0.0;
};

SlowSums slow_sums(const std::int32_t* totals, const double* anchors, int window) {
  SlowSums result;
  if (window == 1) return result;
  const WindowCut cut = cut_without_overlap(window);
  const SlowSums newer = slow_sums(totals, anchors, cut.newer);
  const SlowSums older = slow_sums(totals + cut.newer, anchors + cut.newer, cut.older);
  const double n = totals[cut.newer] - totals[window];
  const double m = cut.newer;
  const double d = anchors[cut.newer] - anchors[0];
  result.s = newer.s + std::fma(n, d, older.s);
  result.q = newer.q + std::fma(d, std::fma(n, d, older.s + older.s), older.q);
  result.k = newer.k + std::fma(m, n, older.k);
  result.l = newer.l + std::fma(m, std::fma(m, n, older.k + older.k), older.l);
  result.p = newer.p + std::fma(m, std::fma(n, d, older.s), std::fma(older.k, d, older.p));
  return result;
}

double slow_sum(const double* values, int window) {
  if (window == 1) return values[0];
  const WindowCut cut = cut_without_overlap(window);
  return slow_sum(values, cut.newer) + slow_sum(values + cut.newer, cut.older);
}

/// Rows of totals and anchors, the latest last, with gaps; and what kernels made of them on the latest row.
class ShortWindow {
 public:
  ShortWindow(int window, Random& random) : window_(window) {
    for (int row = 0; row <= window; ++row) {
      for (int lane = 0; lane < kTileLanes; ++lane) {
        const bool is_first = row == 0;
        const bool there = random.uniform() < 0.7;
        totals_[row][lane] = (is_first ? 7 : totals_[row - 1][lane]) + (there ? 1 : 0);
        anchors_[row][lane] = is_first || there ? 50.0 + random.normal() : anchors_[row - 1][lane];
      }
    }
  }

  void check(const char* name, const std::vector<double SlowSums::*>& expected) {
    run_kernel(name, {totals_[window_], anchors_[window_]}, [&](int lane) {
      std::vector<std::int32_t> totals;
      std::vector<double> anchors;
      for (int row = window_; row >= 0; --row) {
        totals.push_back(totals_[row][lane]);
        anchors.push_back(anchors_[row][lane]);
      }
      const SlowSums slow = slow_sums(totals.data(), anchors.data(), window_);
      std::vector<double> values;
      for (const auto member : expected) values.push_back(slow.*member);
      return values;
    });
  }
  void check_sum() {
    run_kernel("sum_rows_d", {anchors_[window_]}, [&](int lane) {
      std::vector<double> values;
      for (int row = window_; row > 0; --row) values.push_back(anchors_[row][lane]);
      return std::vector<double>{slow_sum(values.data(), window_)};
    });
  }

 private:
  template <class Expected>
  void run_kernel(const char* name, const std::vector<const void*>& inputs, Expected expected) {
    for (const KernelFunction run_one : widths(find_kernel(name))) {
      std::vector<LaneRow<double>> found(expected(0).size());
      run_bound(run_one, inputs, found, {static_cast<double>(window_)});
      for (int lane = 0; lane < kTileLanes; ++lane) {
        const std::vector<double> values = expected(lane);
        for (std::size_t i = 0; i < values.size(); ++i)
          EXPECT_EQ(found[i].cells[lane], values[i]) << name << " of " << window_ << ", lane " << lane;
      }
    }
  }

  int window_;
  alignas(64) std::int32_t totals_[kLongestFromRows + 1][kTileLanes];
  alignas(64) double anchors_[kLongestFromRows + 1][kTileLanes];
};

// To the bit: short windows are what merges of their parts would be.
TEST(Kernels, ShortWindowsAreMadeInTheOrderOfTheCuts) {
  Random random(8);
  for (int round = 0; round < 100; ++round) {
    for (int window = 2; window <= kLongestFromRows; ++window) {
      ShortWindow rows(window, random);
      rows.check("moments_of_rows", {&SlowSums::s, &SlowSums::q});
      rows.check("trend_of_rows", {&SlowSums::k, &SlowSums::l, &SlowSums::p});
      rows.check_sum();
    }
  }
}

TEST(Kernels, InstructionSetsGiveTheSameBits) {
  if (available_instructions() != InstructionSet::kAvx512)
    GTEST_SKIP() << "skipped, this machine has no AVX-512";
  Random random(3);
  for (const char* name : {"logarithm_d", "power_dd", "divide_by_dd", "add_dd", "maximum_dd", "minimum_dd"}) {
    const Kernel& kernel = find_kernel(name);
    for (int i = 0; i < 200; ++i) {
      std::vector<double> y = random_positive(random);
      std::vector<double> r;
      for (double& value : y) value = std::log(value);
      for (const double value : y) r.push_back(1.0 / value);
      const std::vector<std::vector<double>> inputs = {random_positive(random), y, r};
      const auto narrow = run<double, double>(kernel.run, inputs);
      const auto wide = run<double, double>(kernel.run_wide, inputs);
      EXPECT_EQ(std::memcmp(narrow.data(), wide.data(), narrow.size() * sizeof(double)), 0) << name;
    }
  }
}

}  // namespace
}  // namespace orrery::kernels::kernel_table_test
