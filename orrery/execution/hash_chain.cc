#include "orrery/execution/hash_chain.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "orrery/base/error.h"
#include "orrery/base/files.h"

namespace orrery {
namespace {

constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kLinkDigits = 2 * kDigestBytes;
constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::string_view kNumberKey = "\"n\":";
constexpr std::string_view kLinkKey = ",\"link\":\"";
constexpr std::string_view kLinkEnd = "\"}";
constexpr std::size_t kLinkPart = kLinkKey.size() + kLinkDigits + kLinkEnd.size();

void require_digest(int answer) {
  if (answer != 1) throw external_error(ErrorCode::kUnavailable, "OpenSSL's SHA-256 gives no digest");
}

bool is_link(std::string_view text) {
  return text.size() == kLinkDigits && text.find_first_not_of(kDigits) == std::string_view::npos;
}

/// A chained line in its parts.
struct LineParts {
  std::string_view record;  ///< what is linked
  std::string_view link;
  std::uint64_t number = 0;
};

std::optional<std::uint64_t> number_at_end(std::string_view record) {
  const std::size_t key = record.rfind(kNumberKey);
  if (key == std::string_view::npos) return std::nullopt;
  const std::string_view digits = record.substr(key + kNumberKey.size());
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::optional<LineParts> split_line(std::string_view line) {
  if (line.size() < kLinkPart || !line.ends_with(kLinkEnd)) return std::nullopt;
  LineParts parts;
  parts.record = line.substr(0, line.size() - kLinkPart);
  if (line.substr(parts.record.size(), kLinkKey.size()) != kLinkKey) return std::nullopt;
  parts.link = line.substr(parts.record.size() + kLinkKey.size(), kLinkDigits);
  const auto number = number_at_end(parts.record);
  if (!number || !is_link(parts.link)) return std::nullopt;
  parts.number = *number;
  return parts;
}

}  // namespace

struct HashChain::State {
  // Fetched once: a look-up by name at every record would cost more than the digest.
  EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::array<unsigned char, kDigestBytes> digest{};
  std::array<char, kLinkDigits> digits{};

  State() { require_digest(algorithm != nullptr && context != nullptr ? 1 : 0); }
  ~State() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void read(std::string_view link) {
    for (std::size_t i = 0; i < kDigestBytes; ++i) {
      const std::size_t high = kDigits.find(link[2 * i]);
      digest[i] = static_cast<unsigned char>(high << 4U | kDigits.find(link[2 * i + 1]));
    }
    link.copy(digits.data(), kLinkDigits);
  }

  void write_digits() {
    for (std::size_t i = 0; i < kDigestBytes; ++i) {
      digits[2 * i] = kDigits[digest[i] >> 4U];
      digits[2 * i + 1] = kDigits[digest[i] & 15U];
    }
  }
};

std::string to_string(const ChainMark& mark) { return fmt::format("{} {}", mark.lines, mark.link); }

ChainMark parse_chain_mark(std::string_view text) {
  ChainMark mark;
  const std::size_t space = text.find(' ');
  const char* const end = text.data() + std::min(space, text.size());
  const auto [stop, failure] = std::from_chars(text.data(), end, mark.lines);
  if (space == std::string_view::npos || failure != std::errc() || stop != end ||
      !is_link(text.substr(space + 1))) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("a mark of a chain is a number of lines and a link; found '{}'", text));
  }
  mark.link = text.substr(space + 1);
  return mark;
}

HashChain::HashChain(std::string_view link) : state_(std::make_unique<State>()) {
  if (!is_link(link)) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("a link must be {} lower-case hexadecimal digits; found '{}'", kLinkDigits, link));
  }
  state_->read(link);
}

HashChain::~HashChain() = default;
HashChain::HashChain(HashChain&&) noexcept = default;
HashChain& HashChain::operator=(HashChain&&) noexcept = default;

std::string_view HashChain::add(std::string_view record) {
  State& state = *state_;
  require_digest(EVP_DigestInit_ex2(state.context, state.algorithm, nullptr));
  require_digest(EVP_DigestUpdate(state.context, state.digest.data(), state.digest.size()));
  require_digest(EVP_DigestUpdate(state.context, record.data(), record.size()));
  require_digest(EVP_DigestFinal_ex(state.context, state.digest.data(), nullptr));
  state.write_digits();
  return link();
}

std::string_view HashChain::link() const { return {state_->digits.data(), state_->digits.size()}; }

std::string_view ChainedLines::add(std::string_view object) {
  if (object.size() < 2 || object.front() != '{' || object.back() != '}' ||
      object.find('\n') != std::string_view::npos) {
    throw internal_error(fmt::format("a chained line must be a JSON object on one line; found '{}'", object));
  }
  line_.assign(object.substr(0, object.size() - 1));
  if (object.size() > 2) line_ += ',';
  fmt::format_to(std::back_inserter(line_), "{}{}", kNumberKey, ++number_);
  const std::string_view link = chain_.add(line_);
  line_.append(kLinkKey).append(link).append(kLinkEnd) += '\n';
  return line_;
}

std::string record_of(std::string_view line) {
  const std::size_t number = line.rfind(kNumberKey);
  const std::string_view members = line.substr(0, number);
  return std::string(members.ends_with(',') ? members.substr(0, members.size() - 1) : members) + "}";
}

std::nullopt_t ChainedLineReader::stop(std::string_view problem, bool torn, bool changed) {
  fault_ = ChainFault{lines_ + 1, torn, changed, fmt::format("line {} {}", lines_ + 1, problem)};
  return std::nullopt;
}

std::optional<std::string_view> ChainedLineReader::next() {
  if (fault_ || position_ == text_.size()) return std::nullopt;
  const std::size_t end = text_.find('\n', position_);
  if (end == std::string_view::npos) return stop("is torn: the file ends within it", true);
  const std::string_view line = text_.substr(position_, end - position_);
  const auto parts = split_line(line);
  if (!parts) return stop("is not what was written: its number and link are not at its end");
  if (parts->number > lines_ + 1) {
    return stop(fmt::format("has the number {}: what stood before it was removed", parts->number), false,
                true);
  }
  if (parts->number <= lines_) {
    return stop(fmt::format("has the number {}, which came before: it was put in", parts->number), false,
                true);
  }
  const std::string before(chain_.link());
  if (chain_.add(parts->record) != parts->link) {
    chain_ = HashChain(before);
    return stop("is not what was written: its link does not follow from it and the line before", false, true);
  }
  position_ = end + 1;
  ++lines_;
  return line;
}

ChainCheck check_chained_file(const std::filesystem::path& file, std::string_view last_link) {
  ChainCheck check = check_chained_file(file, ChainMark{});
  if (!check.fault && !last_link.empty() && check.good.link != last_link) {
    check.fault = ChainFault{
        check.good.lines + 1, false, true,
        fmt::format("the file ends after line {} with the link {}; the link that was kept is {}: lines are "
                    "missing at its end, or it was written anew",
                    check.good.lines, check.good.link, last_link)};
  }
  return check;
}

ChainCheck check_chained_text(std::string_view text, const ChainMark& sure,
                              const std::function<void(std::string_view)>& take) {
  ChainedLineReader reader(text);
  std::string link_at_sure(kFirstLink);
  while (const auto line = reader.next()) {
    if (take) take(*line);
    if (reader.lines() == sure.lines) link_at_sure = reader.link();
  }
  ChainCheck check{reader.mark(), reader.valid_bytes(), reader.fault()};
  if (check.good.lines < sure.lines) {
    if (!check.fault || check.fault->torn) {
      check.fault = ChainFault{
          check.good.lines + 1, false, true,
          fmt::format("the file ends after line {}, where {} were written", check.good.lines, sure.lines)};
    }
    check.fault->changed = true;
  } else if (sure.lines > 0 && link_at_sure != sure.link) {
    check.fault =
        ChainFault{sure.lines, false, true,
                   fmt::format("line {} has the link {}, where {} was written: the file was written anew",
                               sure.lines, link_at_sure, sure.link)};
  }
  return check;
}

ChainCheck check_chained_file(const std::filesystem::path& file, const ChainMark& sure) {
  return check_chained_text(read_file(file), sure);
}

}  // namespace orrery
