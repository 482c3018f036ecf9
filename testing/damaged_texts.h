#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::testing {

/// How many rounds a test with random input makes: `usual`, or what ORRERY_FUZZ_ROUNDS says.
inline int fuzz_rounds(int usual) {
  const char* text = std::getenv("ORRERY_FUZZ_ROUNDS");
  return text == nullptr ? usual : std::max(1, std::atoi(text));
}

/// Texts that a reader knows, cut up and put together again with pieces that may mean something to it.
class DamagedTexts {
 public:
  /// `texts` and `pieces` must not be empty.
  DamagedTexts(std::uint64_t seed, std::vector<std::string> texts, std::vector<std::string> pieces)
      : random_(seed), texts_(std::move(texts)), pieces_(std::move(pieces)) {}

  /// One to six changes: bytes and pieces of other texts in and out.
  std::string next() {
    std::string text = texts_[random_.below(texts_.size())];
    for (std::size_t i = random_.below(6) + 1; i > 0; --i) change(text);
    return text;
  }

 private:
  std::string piece() {
    if (random_.uniform() < 0.7) return pieces_[random_.below(pieces_.size())];
    const std::string& other = texts_[random_.below(texts_.size())];
    const std::size_t begin = random_.below(other.size());
    return other.substr(begin, 1 + random_.below(30));
  }

  void change(std::string& text) {
    const std::size_t at = random_.below(text.size() + 1);
    switch (random_.below(4)) {
      case 0:
        text.insert(at, piece());
        break;
      case 1:
        text.erase(at, 1 + random_.below(8));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(random_.below(256));
        break;
      default:
        text = text.substr(at) + text.substr(0, at);
    }
  }

  Random random_;
  std::vector<std::string> texts_, pieces_;
};

/// Does something with a damaged text; an answer is a value or an error of the user's making with a message.
template <class Work>
void expect_an_answer(const std::string& text, Work&& work) {
  try {
    work(text);
  } catch (const Error& error) {
    const bool users = error.origin() == ErrorOrigin::kUser;
    EXPECT_TRUE(users) << text << "\n" << error.what();
    EXPECT_FALSE(std::string_view(error.what()).empty());
  } catch (const std::exception& error) {
    ADD_FAILURE() << text << "\n" << error.what();
  }
}

}  // namespace orrery::testing
