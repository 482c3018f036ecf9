#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace orrery {

/// A text that does not change, in memory that its copies share, and that it may share with other texts:
/// those of a checkpoint lie where they were unpacked. It keeps all of that memory alive.
class SharedText {
 public:
  SharedText() = default;
  /// Takes memory of its own.
  SharedText(std::string text) {  // as std::string_view does
    if (text.empty()) return;
    const auto own = std::make_shared<const std::string>(std::move(text));
    text_ = *own;
    owner_ = own;
  }
  SharedText(const char* text) : SharedText(std::string(text)) {}
  /// `owner` holds the memory that `text` lies in.
  SharedText(std::shared_ptr<const void> owner, std::string_view text)
      : owner_(std::move(owner)), text_(text) {}

  operator std::string_view() const { return text_; }
  bool empty() const { return text_.empty(); }
  friend bool operator==(const SharedText& one, const SharedText& other) { return one.text_ == other.text_; }
  template <std::convertible_to<std::string_view> Text>
  friend bool operator==(const SharedText& one, const Text& other) {
    return one.text_ == std::string_view(other);
  }

 private:
  std::shared_ptr<const void> owner_;
  std::string_view text_;
};

/// A few texts by name, in memory that copies share, as that of SharedText.
class SharedTextMap {
 public:
  using value_type = std::pair<std::string_view, std::string_view>;
  using const_iterator = std::span<const value_type>::iterator;
  using iterator = const_iterator;

  SharedTextMap() = default;
  /// Takes memory of its own.
  SharedTextMap(std::initializer_list<value_type> entries);
  /// `owner` holds the memory that the entries lie in, and their texts. No name stands twice.
  SharedTextMap(std::shared_ptr<const void> owner, std::span<const value_type> entries)
      : owner_(std::move(owner)), entries_(entries) {}

  /// Gives a name its text, in memory of its own; the entries are then in the order of their names.
  void set(std::string_view name, std::string_view text);
  /// Returns a name's text, or nothing.
  std::optional<std::string_view> find(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name).has_value(); }
  bool empty() const { return entries_.empty(); }
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }
  friend bool operator==(const SharedTextMap& one, const SharedTextMap& other) {
    return std::ranges::equal(one.entries_, other.entries_);
  }

 private:
  explicit SharedTextMap(std::map<std::string, std::string> texts);

  std::shared_ptr<const void> owner_;
  std::span<const value_type> entries_;
};

}  // namespace orrery
