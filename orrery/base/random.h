#pragma once

#include <array>
#include <cstdint>

namespace orrery {

/// A xoshiro256++ generator: the same sequence for a seed on every machine. All randomness in Orrery comes
/// from one of these, made from a seed that the caller passes in. Source: Blackman and Vigna, 2019,
/// "Scrambled linear pseudorandom number generators". Not for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed);

  /// Makes an independent generator for a named part of the work, without advancing this one.
  Random fork(std::uint64_t stream) const;

  std::uint64_t next();
  /// Returns a value in [0, 1) with 53 random bits.
  double uniform();
  /// Returns an integer in [0, bound) without bias. `bound` must be positive.
  std::uint64_t below(std::uint64_t bound);
  /// Returns a standard normal value (Marsaglia's polar method).
  double normal();

 private:
  std::array<std::uint64_t, 4> state_;
  std::uint64_t seed_;
  double spare_ = 0.0;
  bool has_spare_ = false;
};

}  // namespace orrery
