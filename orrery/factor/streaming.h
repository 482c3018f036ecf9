#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "orrery/base/timestamp.h"
#include "orrery/factor/compute.h"

namespace orrery {

/// The instruments of a stream, whose places in every row are fixed.
struct StreamInstruments {
  std::vector<std::string> symbols;  ///< ascending byte order, as in MarketData
  std::vector<std::string> sectors;  ///< by instrument, "" where unknown; empty: no groups
};

/// One row of a stream: all instruments at one moment.
struct StreamRow {
  Timestamp time;
  /// By field, in the order of StreamingFactors::fields(), a value an instrument; NaN where it is missing.
  std::span<const std::span<const double>> fields;
  /// By instrument, 0 for one that has left for good: its factors are missing from this row on. Empty: all
  /// that have begun stay.
  std::span<const std::uint8_t> listed = {};
  /// By instrument, 0 for one without a bar on this row: it takes no part in the row's cross-sections. Empty:
  /// those that have a value in one of the fields have a bar.
  std::span<const std::uint8_t> present = {};
};

/// Factors row by row as the rows come, with the bits that compute_factors gives on all rows at once.
///
/// An instrument begins on its first row with a bar; until then and after it has left its factors are NaN.
/// What it had no bar on in between is a missing row, as in the batch. After the
/// first row no memory is taken and no lock is held. One object serves one thread.
/// Look-ahead: none; definitions that look ahead are refused.
class StreamingFactors {
 public:
  /// Errors: kInvalidArgument as check_factors, for symbols out of order or repeated, and for windows in
  /// time, whose rows can't be known before their dates are.
  StreamingFactors(std::span<const FactorDefinition> definitions, const StreamInstruments& instruments,
                   Precision precision = Precision::kFloat32);
  ~StreamingFactors();
  StreamingFactors(StreamingFactors&&) noexcept;
  StreamingFactors& operator=(StreamingFactors&&) noexcept;

  /// The fields that a row must have, in byte order.
  const std::vector<std::string>& fields() const;
  const std::vector<std::string>& names() const;  ///< of the factors, in the order of the definitions
  std::size_t instruments() const;
  std::int64_t rows() const;                ///< rows taken so far
  std::optional<Timestamp> latest() const;  ///< moment of the latest row; none before the first

  /// Takes a row and computes its factors, or returns why it is refused: late, a duplicate, or of another
  /// shape. A refused row changes nothing.
  std::optional<std::string> push(const StreamRow& row);

  /// Returns a factor on the latest row, a value an instrument. Valid until the next push. Before the first
  /// row: NaN.
  std::span<const float> values(std::size_t factor) const;

  /// Returns the whole state, with its version and a checksum: a stream restored from it goes on as if
  /// nothing had happened.
  std::vector<std::byte> snapshot() const;
  /// Replaces the state. Errors: kDataCorrupt when the bytes are damaged or cut short; kInvalidArgument when
  /// they belong to other factors, instruments or another version. The state is then as before.
  void restore(std::span<const std::byte> snapshot);

  /// The same with a file, which appears whole. Errors: also kIo, kNotFound.
  void save(const std::filesystem::path& file) const;
  void load(const std::filesystem::path& file);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orrery
