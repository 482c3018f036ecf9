#include "orrery/app/input_digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/fingerprint.h"
#include "orrery/base/threads.h"

namespace orrery {
namespace {

constexpr std::string_view kMagic = "orrery-inputs 1 ";

/// Odd multipliers of splitmix64 (Steele, Lea and Flood, 2014).
constexpr std::uint64_t kFirstMultiplier = 0xBF58476D1CE4E5B9U;
constexpr std::uint64_t kSecondMultiplier = 0x94D049BB133111EBU;

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * kFirstMultiplier;
  value = (value ^ (value >> 27U)) * kSecondMultiplier;
  return value ^ (value >> 31U);
}

/// All missing values are one, whatever made them.
template <class T>
std::uint64_t bits_of(T value) {
  if (value != value) return 0x7FF8000000000000U;
  return std::bit_cast<std::uint64_t>(static_cast<double>(value));
}

template <class T>
void add_row(const PanelT<T>& panel, std::size_t row, std::vector<std::uint64_t>& digests) {
  if (panel.empty()) return;
  const T* values = panel.row_data(row);
  for (std::size_t i = 0; i < digests.size(); ++i) {
    const std::uint64_t mixed = (digests[i] ^ bits_of(values[i])) * kFirstMultiplier;
    digests[i] = mixed ^ (mixed >> 32U);
  }
}

std::uint64_t text_digest(const std::string& text) {
  std::uint64_t digest = 0;
  for (const char c : text) digest = mix(digest ^ static_cast<unsigned char>(c)) + 1;
  return digest;
}

/// What is digested, and where it goes.
struct Digesting {
  const MarketData& market;
  const MaskPanel& eligible;
  std::vector<const FloatPanel*> file_factors;  ///< and other facts that no field holds
  std::vector<std::uint64_t> symbols;           ///< a digest of each name and sector

  bool holds_nothing(std::size_t row, std::size_t i) const {
    const auto missing = [&](const FloatPanel* panel) { return std::isnan((*panel)(row, i)); };
    return market.present(row, i) == 0 && eligible(row, i) == 0 &&
           std::all_of(file_factors.begin(), file_factors.end(), missing);
  }
};

FloatPanel delisting_returns(const MarketData& market) {
  FloatPanel returns(market.rows(), market.instruments());
  for (const Delisting& delisting : market.delistings)
    returns(delisting.row, delisting.instrument) = static_cast<float>(delisting.delisting_return);
  return returns;
}

/// Digests one session; cells are added up, so that neither the order nor the number of symbols matters.
void digest_session(const Digesting& all, std::size_t row, InputDigest& digest) {
  const std::size_t count = all.symbols.size();
  std::vector<std::uint64_t> cells(count, 1);
  for (const auto& [name, panel] : all.market.fields) add_row(panel, row, cells);
  for (const auto& [name, panel] : all.market.raw) add_row(panel, row, cells);
  for (const auto* panel : {&all.market.dividend, &all.market.split_ratio}) add_row(*panel, row, cells);
  for (const auto* panel : {&all.market.present, &all.eligible}) add_row(*panel, row, cells);
  for (const auto* panel : all.file_factors) add_row(*panel, row, cells);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (all.holds_nothing(row, i)) continue;
    const std::uint64_t cell = mix(cells[i] ^ all.symbols[i]);
    sum += cell;
    digest.cells[row * count + i] = static_cast<std::uint16_t>(cell >> 48U);
  }
  digest.sessions[row] = sum;
}

Error unreadable_digest(const std::string& reason) {
  return external_error(ErrorCode::kDataCorrupt,
                        fmt::format("the digest of a run's inputs can't be read: {}", reason));
}

template <class T>
void append_numbers(const std::vector<T>& values, std::string& bytes) {
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

template <class T>
std::vector<T> take_numbers(std::string_view& bytes, std::size_t count) {
  if (bytes.size() < count * sizeof(T)) throw unreadable_digest("it is cut short");
  std::vector<T> values(count);
  std::memcpy(values.data(), bytes.data(), count * sizeof(T));
  bytes.remove_prefix(count * sizeof(T));
  return values;
}

std::string_view take_line(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  if (end == std::string_view::npos) throw unreadable_digest("it is cut short");
  const auto line = bytes.substr(0, end);
  bytes.remove_prefix(end + 1);
  return line;
}

InputDigest read_axes(std::string_view line) {
  const auto json = nlohmann::json::parse(line);
  InputDigest digest;
  for (const auto days : json.at("dates").get<std::vector<std::int32_t>>()) digest.dates.push_back({days});
  digest.symbols = json.at("symbols").get<std::vector<std::string>>();
  return digest;
}

/// By symbol of `now`: its column in `before`, if it has one.
std::map<std::string, std::size_t> columns_of(const InputDigest& digest) {
  std::map<std::string, std::size_t> columns;
  for (std::size_t i = 0; i < digest.symbols.size(); ++i) columns[digest.symbols[i]] = i;
  return columns;
}

std::string changed_symbol(const InputDigest& before, const InputDigest& now, std::size_t row) {
  const auto cell = [&](const InputDigest& digest, const std::map<std::string, std::size_t>& columns,
                        const std::string& symbol) -> std::uint16_t {
    const auto column = columns.find(symbol);
    return column == columns.end() ? 0 : digest.cells[row * digest.symbols.size() + column->second];
  };
  const auto before_columns = columns_of(before), now_columns = columns_of(now);
  std::vector<std::string> symbols = before.symbols;
  symbols.insert(symbols.end(), now.symbols.begin(), now.symbols.end());
  std::sort(symbols.begin(), symbols.end());
  for (const auto& symbol : symbols) {
    if (cell(before, before_columns, symbol) != cell(now, now_columns, symbol)) return symbol;
  }
  return "";
}

}  // namespace

std::string InputDigest::hex() const {
  std::string bytes;
  append_numbers(sessions, bytes);
  for (const Date date : dates) bytes += to_string(date);
  return fingerprint_text(bytes);
}

std::string InputDigest::to_bytes() const {
  std::vector<std::int32_t> days;
  for (const Date date : dates) days.push_back(date - Date{});
  std::string body = nlohmann::json{{"dates", days}, {"symbols", symbols}}.dump() + "\n";
  append_numbers(sessions, body);
  append_numbers(cells, body);
  return fmt::format("{}{}\n{}", kMagic, fingerprint_text(body), body);
}

InputDigest InputDigest::from_bytes(const std::string& bytes) {
  std::string_view rest = bytes;
  const auto first = take_line(rest);
  if (!first.starts_with(kMagic)) throw unreadable_digest("it is of another format or version");
  if (first.substr(kMagic.size()) != fingerprint_text(rest))
    throw unreadable_digest("it is damaged or cut short");
  try {
    InputDigest digest = read_axes(take_line(rest));
    digest.sessions = take_numbers<std::uint64_t>(rest, digest.dates.size());
    digest.cells = take_numbers<std::uint16_t>(rest, digest.dates.size() * digest.symbols.size());
    return digest;
  } catch (const nlohmann::json::exception& error) {
    throw unreadable_digest(error.what());
  }
}

InputDigest digest_inputs(const MarketData& market, const MaskPanel& eligible, const FactorFrame& factors,
                          std::size_t computed, int threads, bool reads_delistings) {
  Digesting all{market, eligible, {}, {}};
  const FloatPanel delistings = reads_delistings ? delisting_returns(market) : FloatPanel();
  if (reads_delistings) all.file_factors.push_back(&delistings);
  for (std::size_t f = computed; f < factors.panels.size(); ++f)
    all.file_factors.push_back(&factors.panels[f]);
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    all.symbols.push_back(
        text_digest(market.symbols[i] + "\n" + (market.sectors.empty() ? "" : market.sectors[i])));
  }
  InputDigest digest;
  digest.dates = market.dates;
  digest.symbols = market.symbols;
  digest.sessions.resize(market.rows());
  digest.cells.resize(market.rows() * market.instruments());
  constexpr std::size_t kBlock = 64;
  parallel_for((market.rows() + kBlock - 1) / kBlock, threads, [&](std::size_t block) {
    const std::size_t end = std::min(market.rows(), (block + 1) * kBlock);
    for (std::size_t row = block * kBlock; row < end; ++row) digest_session(all, row, digest);
  });
  return digest;
}

std::optional<InputChange> first_change(const InputDigest& before, const InputDigest& now) {
  for (std::size_t row = 0; row < before.dates.size(); ++row) {
    if (row >= now.dates.size() || now.dates[row] != before.dates[row])
      return InputChange{before.dates[row], ""};
    if (before.sessions[row] != now.sessions[row])
      return InputChange{before.dates[row], changed_symbol(before, now, row)};
  }
  return std::nullopt;
}

}  // namespace orrery
