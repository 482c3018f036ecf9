#include "orrery/app/study_data.h"

#include <fmt/format.h>

#include <array>

#include "orrery/data/exchange_rates.h"

namespace orrery {
namespace {

/// `bars: {SYMBOL: FILE, …}`.
std::vector<BarFile> read_bar_files(ConfigReader& reader) {
  std::vector<BarFile> files;
  const auto* node = reader.node("bars");
  if (node == nullptr || node->kind != ConfigNode::Kind::kMapping || node->entries.empty()) {
    reader.problem("bars", "source: bars needs a file for each symbol, such as {BTC: btc_1h.feather}");
    return files;
  }
  ConfigReader section = reader.section("bars");
  for (const auto& entry : node->entries) files.push_back({entry.first, section.path(entry.first)});
  return files;
}

/// `funding: {SYMBOL: {rates: FILE, marks: FILE}, …}`.
std::vector<FundingFile> read_funding_files(ConfigReader& reader) {
  std::vector<FundingFile> files;
  const auto* node = reader.node("funding");
  if (node == nullptr) return files;
  if (node->kind != ConfigNode::Kind::kMapping) {
    reader.problem("funding",
                   fmt::format("must name files by symbol, such as {{BTC_PERP: {{rates: funding.csv}}}}; "
                               "found {}",
                               describe(*node)));
    return files;
  }
  ConfigReader section = reader.section("funding");
  for (const auto& entry : node->entries) {
    ConfigReader one = section.section(entry.first);
    files.push_back({entry.first, one.path("rates"), one.path("marks")});
    if (!one.has("rates")) one.problem("rates", "is required and missing: the file of funding rates");
  }
  return files;
}

/// A currency that a key has to name.
std::string read_currency(ConfigReader& reader, std::string_view key) {
  std::string currency = reader.text(key, "");
  if (!currency.empty() && !is_currency(currency)) {
    reader.problem(key, fmt::format("must be a currency such as USD, found '{}'", currency));
  }
  return currency;
}

/// `of: FILE` or `of: {SYMBOL: CURRENCY, …}`.
void read_currency_of(ConfigReader& section, CurrencySource& source) {
  const auto* node = section.node("of");
  if (node == nullptr) {
    section.problem(
        "of", "is required and missing: a file with symbol and currency, or a mapping such as {SAP: EUR}");
    return;
  }
  if (node->kind != ConfigNode::Kind::kMapping) {
    source.file = section.path("of");
    return;
  }
  ConfigReader of = section.section("of");
  for (const auto& entry : node->entries) source.of[entry.first] = read_currency(of, entry.first);
}

constexpr std::array kLakeKeys = {"table", "as_of", "committed_by", "symbols", "from", "to"};

std::optional<Timestamp> read_moment(ConfigReader& reader, std::string_view key) {
  const auto text = reader.text(key, "");
  if (text.empty()) return std::nullopt;
  const auto moment = parse_timestamp(text);
  if (!moment) {
    reader.problem(key,
                   fmt::format("a moment is YYYY-MM-DD (its first instant) or YYYY-MM-DDTHH:MM:SSZ, UTC; "
                               "found '{}'",
                               text));
  }
  return moment;
}

std::vector<std::string> read_symbols(ConfigReader& reader) {
  std::vector<std::string> symbols;
  const auto* node = reader.node("symbols");
  if (node == nullptr) return symbols;
  if (node->kind != ConfigNode::Kind::kSequence || node->items.empty()) {
    reader.problem("symbols", fmt::format("must be a list of symbols, found {}", describe(*node)));
    return symbols;
  }
  for (const auto& item : node->items) symbols.push_back(item.scalar);
  return symbols;
}

LakeView read_view(ConfigReader& reader, const std::filesystem::path& folder) {
  LakeView view;
  view.folder = folder;
  view.bars = reader.text("table", view.bars);
  view.as_of = read_moment(reader, "as_of");
  view.committed_by = read_moment(reader, "committed_by");
  view.symbols = read_symbols(reader);
  view.first = reader.date("from");
  view.last = reader.date("to");
  if (view.first && view.last && *view.last < *view.first) {
    reader.problem("to",
                   fmt::format("lies before from: {} to {}", to_string(*view.first), to_string(*view.last)));
  }
  return view;
}

}  // namespace

void read_currencies(ConfigReader& reader, Study& study) {
  if (reader.node("currencies") == nullptr) return;
  ConfigReader section = reader.section("currencies");
  CurrencySource& source = study.data.currencies;
  source.account = read_currency(section, "account");
  if (!section.has("account"))
    section.problem("account", "is required and missing: the account's currency, such as USD");
  read_currency_of(section, source);
  source.rates = section.path("rates");
  if (!section.has("rates")) section.problem("rates", "is required and missing: the file of exchange rates");
  source.base = read_currency(section, "base");
}

void read_price_place(ConfigReader& reader, Study& study) {
  const auto source = reader.text("source", "parquet", {"parquet", "csv", "file", "bars", "lake"});
  study.data.funding = read_funding_files(reader);
  if (source == "bars") {
    study.data.bars = read_bar_files(reader);
    return;
  }
  study.data.path = reader.path("path");
  const bool is_lake = source == "lake";  // of files the ending decides
  if (!reader.has("path")) {
    reader.problem("path", is_lake ? "is required and missing: the lake's folder"
                                   : "is required and missing: the file of daily prices");
  }
  if (is_lake) {
    study.lake = read_view(reader, study.data.path);
    return;
  }
  for (const auto* key : kLakeKeys) {
    if (reader.node(key) != nullptr) reader.problem(key, "belongs to source: lake");
  }
}

void read_members(ConfigReader& reader, std::string_view key, const Study& study, std::filesystem::path& file,
                  std::string& universe) {
  const bool is_name =
      study.lake && reader.has(key) && reader.text(key, "").find_first_of("./$") == std::string::npos;
  if (is_name) {
    universe = reader.text(key, "");
  } else {
    file = reader.path(key);
  }
}

}  // namespace orrery
