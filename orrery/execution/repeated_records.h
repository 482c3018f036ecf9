#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace orrery {

/// What an interrupted session wrote down, while the session is done again: the same records are not written
/// a second time.
class RepeatedRecords {
 public:
  /// The records in the order in which they were written.
  void expect(std::string record) { expected_.push_back(std::move(record)); }

  /// Returns whether the next record is there already. Once it is another one, the session goes another way
  /// than it did, and nothing that follows is.
  bool repeats(std::string_view record) {
    if (expected_.empty()) return false;
    const bool is_there = expected_.front() == record;
    if (is_there) {
      expected_.pop_front();
    } else {
      expected_.clear();
    }
    return is_there;
  }

 private:
  std::deque<std::string> expected_;
};

}  // namespace orrery
