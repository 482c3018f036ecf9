#include "orrery/data/pickle.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <map>
#include <set>

#include "orrery/base/error.h"
#include "orrery/data/number_text.h"

namespace orrery {
namespace {

using PickledKind = Pickled::Kind;

constexpr int kDeepest = 100;

Error damaged(std::string_view what) {
  return external_error(ErrorCode::kDataCorrupt, fmt::format("a pickle that can't be read: {}", what));
}

PickledPtr make(PickledKind kind) {
  auto value = std::make_shared<Pickled>();
  value->kind = kind;
  return value;
}

PickledPtr make_whole(std::int64_t whole) {
  auto value = make(PickledKind::kWhole);
  value->whole = whole;
  return value;
}

PickledPtr make_text(std::string text) {
  auto value = make(PickledKind::kText);
  value->text = std::move(text);
  return value;
}

/// Whether a value is another one, or has it somewhere inside.
bool holds(const Pickled& value, const Pickled& other) {
  std::vector<const Pickled*> waiting = {&value};
  std::set<const Pickled*> seen;
  while (!waiting.empty()) {
    const auto* one = waiting.back();
    waiting.pop_back();
    if (one == &other) return true;
    if (!seen.insert(one).second) continue;
    for (const auto& item : one->items) waiting.push_back(item.get());
  }
  return false;
}

/// A value that held itself would never be let go. Only one that is inside of something already can come to.
void append(Pickled& list, PickledPtr item) {
  if (item.get() == &list || (list.holders > 0 && holds(*item, list))) throw damaged("it holds itself");
  ++item->holders;
  list.depth = std::max(list.depth, item->depth + 1);
  if (list.depth > kDeepest) throw damaged("nested too deep");
  list.items.push_back(std::move(item));
}

void append_utf8(std::uint32_t point, std::string& text) {
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xC0 | (point >> 6));
    text += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    text += static_cast<char>(0xE0 | (point >> 12));
    text += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | (point >> 18));
    text += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
    text += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (point & 0x3F));
  }
}

/// Python's raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX.
std::string from_raw_unicode_escape(std::string_view raw) {
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const std::size_t digits = raw[i] != '\\' || i + 1 >= raw.size() ? 0
                               : raw[i + 1] == 'u'                   ? 4
                               : raw[i + 1] == 'U'                   ? 8
                                                                     : 0;
    std::uint32_t point = static_cast<unsigned char>(raw[i]);
    if (digits > 0 && i + 2 + digits <= raw.size()) {
      const auto* begin = raw.data() + i + 2;
      if (std::from_chars(begin, begin + digits, point, 16).ptr != begin + digits)
        throw damaged("an escape in a text");
      i += 1 + digits;
    }
    append_utf8(point, text);
  }
  return text;
}

/// The machine that a pickle is a program for, with data in place of objects.
class Machine {
 public:
  explicit Machine(std::string_view bytes) : rest_(bytes) {}

  PickledPtr run() {
    for (;;) {
      const char code = take(1).front();
      if (code == '.') return pop();
      if (!step_number(code) && !step_text(code) && !step_list(code) && !step_memo(code) &&
          !step_object(code))
        throw damaged(fmt::format("operation {:#04x}", static_cast<unsigned char>(code)));
    }
  }

 private:
  bool step_number(char code) {
    switch (code) {
      case 'I':
      case 'L':
        push(line_whole());
        return true;
      case 'F':
        push(line_number());
        return true;
      case 'J':
        push(make_whole(static_cast<std::int32_t>(unsigned_of(4))));
        return true;
      case 'K':
        push(make_whole(static_cast<std::int64_t>(unsigned_of(1))));
        return true;
      case 'M':
        push(make_whole(static_cast<std::int64_t>(unsigned_of(2))));
        return true;
      case '\x8a':
        push(long_whole());
        return true;
      case 'G':
        push(big_endian_number());
        return true;
      case 'N':
        push(make(PickledKind::kNone));
        return true;
      case '\x88':
      case '\x89':
        push(make_whole(code == '\x88' ? 1 : 0));
        return true;
      default:
        return false;
    }
  }

  bool step_text(char code) {
    switch (code) {
      case 'V':
        push(make_text(from_raw_unicode_escape(line())));
        return true;
      case 'S':
        push(make_text(quoted()));
        return true;
      case '\x8c':
      case 'C':
      case 'U':
        push(make_text(std::string(take(unsigned_of(1)))));
        return true;
      case 'X':
      case 'B':
      case 'T':
        push(make_text(std::string(take(unsigned_of(4)))));
        return true;
      case '\x8d':
      case '\x8e':
      case '\x96':
        push(make_text(std::string(take(unsigned_of(8)))));
        return true;
      default:
        return false;
    }
  }

  bool step_list(char code) {
    switch (code) {
      case '(':
        marks_.push_back(stack_.size());
        return true;
      case ']':
      case ')':
      case '\x8f':
        push(make(PickledKind::kList));
        return true;
      case '}':
        push(make(PickledKind::kMap));
        return true;
      case 'l':
      case 't':
      case '\x91':
        push(gather(PickledKind::kList, to_mark()));
        return true;
      case 'd':
        push(gather(PickledKind::kMap, to_mark()));
        return true;
      case '\x85':
      case '\x86':
      case '\x87':
        push(gather(PickledKind::kList,
                    last(static_cast<std::size_t>(static_cast<unsigned char>(code)) - 0x84)));
        return true;
      case 'a':
        extend(last(1));
        return true;
      case 's':
        extend(last(2));
        return true;
      case 'e':
      case 'u':
      case '\x90':
        extend(to_mark());
        return true;
      default:
        return false;
    }
  }

  bool step_memo(char code) {
    switch (code) {
      case 'p':
        memo_[line_index()] = top();
        return true;
      case 'q':
        memo_[unsigned_of(1)] = top();
        return true;
      case 'r':
        memo_[unsigned_of(4)] = top();
        return true;
      case '\x94':
        memo_[memo_.size()] = top();
        return true;
      case 'g':
        push(remembered(line_index()));
        return true;
      case 'h':
        push(remembered(unsigned_of(1)));
        return true;
      case 'j':
        push(remembered(unsigned_of(4)));
        return true;
      default:
        return false;
    }
  }

  bool step_object(char code) {
    switch (code) {
      case '\x80':
        take(1);
        return true;
      case '\x95':
        take(8);
        return true;
      case '0':
        pop();
        return true;
      case 'c': {
        auto object = make(PickledKind::kObject);
        object->text = std::string(line()) + ".";
        object->text += line();
        push(std::move(object));
        return true;
      }
      case '\x93':
      case 'R':
      case '\x81':
        push(gather(PickledKind::kObject, last(2)));
        return true;
      case 'b':
        extend(last(1));
        return true;
      default:
        return false;
    }
  }

  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) throw damaged("it is cut off");
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view line() {
    const auto end = rest_.find('\n');
    if (end == std::string_view::npos) throw damaged("it is cut off");
    const auto taken = take(end);
    take(1);
    return taken;
  }

  std::uint64_t unsigned_of(std::size_t size) {
    const auto bytes = take(size);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    return value;
  }

  std::uint64_t line_index() {
    const auto text = line();
    std::uint64_t index = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), index).ptr != text.data() + text.size())
      throw damaged("a number that is none");
    return index;
  }

  PickledPtr line_whole() {
    auto text = line();
    if (text.ends_with('L')) text.remove_suffix(1);
    std::int64_t whole = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (error != std::errc() || end != text.data() + text.size())
      throw damaged("a whole number that is none");
    return make_whole(whole);
  }

  PickledPtr line_number() {
    auto value = make(PickledKind::kNumber);
    parse_number(line(), value->number);  // "nan" and "inf" become NaN
    return value;
  }

  PickledPtr long_whole() {
    const auto size = static_cast<std::size_t>(unsigned_of(1));
    if (size > 8) throw damaged("a whole number beyond 64 bits");
    auto value = unsigned_of(size);
    const bool is_negative = size > 0 && size < 8 && ((value >> (8 * size - 1)) & 1) != 0;
    if (is_negative) value |= ~std::uint64_t{0} << (8 * size);
    return make_whole(static_cast<std::int64_t>(value));
  }

  PickledPtr big_endian_number() {
    auto value = make(PickledKind::kNumber);
    std::uint64_t bits = 0;
    for (const unsigned char byte : take(8)) bits = bits << 8 | byte;
    value->number = std::bit_cast<double>(bits);
    return value;
  }

  std::string quoted() {
    const auto text = line();
    if (text.size() < 2) throw damaged("a text without quotes");
    return std::string(text.substr(1, text.size() - 2));
  }

  void push(PickledPtr value) { stack_.push_back(std::move(value)); }

  const PickledPtr& top() const {
    if (stack_.empty()) throw damaged("it takes more than it put");
    return stack_.back();
  }

  PickledPtr pop() {
    auto value = top();
    stack_.pop_back();
    return value;
  }

  std::vector<PickledPtr> last(std::size_t count) {
    if (stack_.size() < count) throw damaged("it takes more than it put");
    std::vector<PickledPtr> values(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return values;
  }

  std::vector<PickledPtr> to_mark() {
    if (marks_.empty() || marks_.back() > stack_.size()) throw damaged("a list without a beginning");
    const auto count = stack_.size() - marks_.back();
    marks_.pop_back();
    return last(count);
  }

  static PickledPtr gather(PickledKind kind, const std::vector<PickledPtr>& items) {
    auto value = make(kind);
    for (const auto& item : items) append(*value, item);
    return value;
  }

  void extend(const std::vector<PickledPtr>& items) {
    const auto list = top();
    for (const auto& item : items) append(*list, item);
  }

  PickledPtr remembered(std::uint64_t index) const {
    const auto found = memo_.find(index);
    if (found == memo_.end()) throw damaged("it remembers what it never knew");
    return found->second;
  }

  std::string_view rest_;
  std::vector<PickledPtr> stack_;
  std::vector<std::size_t> marks_;
  std::map<std::uint64_t, PickledPtr> memo_;
};

}  // namespace

PickledPtr Pickled::find(std::string_view key) const {
  for (std::size_t i = 0; kind == PickledKind::kMap && i + 1 < items.size(); i += 2) {
    if (items[i]->kind == PickledKind::kText && items[i]->text == key) return items[i + 1];
  }
  return nullptr;
}

PickledPtr read_pickle(std::string_view bytes) { return Machine(bytes).run(); }

std::vector<std::string> texts_of(const Pickled& list) {
  std::vector<std::string> texts;
  for (const auto& item : list.items) texts.push_back(item->text);
  return texts;
}

}  // namespace orrery
