#include "orrery/data/pickle.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/random.h"
#include "testing/run_python.h"
#include "testing/temporary_folder.h"

namespace orrery::pickle_test {
namespace {

using testing::TemporaryFolder;

std::string text_of(const Pickled& value) {
  using Kind = Pickled::Kind;
  switch (value.kind) {
    case Kind::kNone:
      return "None";
    case Kind::kWhole:
      return std::to_string(value.whole);
    case Kind::kNumber:
      return fmt::format("{}", value.number);
    case Kind::kText:
      return "'" + value.text + "'";
    default:
      break;
  }
  std::string text = value.kind == Kind::kMap ? "{" : value.kind == Kind::kList ? "[" : "<";
  for (const auto& item : value.items) text += (text.size() > 1 ? ", " : "") + text_of(*item);
  return text + (value.kind == Kind::kMap ? "}" : value.kind == Kind::kList ? "]" : ">");
}

constexpr const char* kWrite = R"(
import pickle
same = ['x', 'x']
value = [None, True, 7, -300, 2**40, -2**62, 1.5, 'caf\u00e9 \u20ac \U0001F600 \\u', ('a', 'b'), {'k': [1], 2: 'v'}, same, same, (), [], 'n' * 300]
for protocol in range(6):
    with open(f'{protocol}.pickle', 'wb') as file:
        pickle.dump(value, file, protocol)
import numpy
with open('array.pickle', 'wb') as file:
    pickle.dump(numpy.array(['one', None, 2.5], object), file, 5)
)";

// Oracle: Python's pickle writes one value in every protocol.
TEST(Pickle, EveryProtocolGivesTheSameData) {
  const TemporaryFolder folder;
  ASSERT_EQ(testing::run_python(folder.path(), kWrite), 0);
  const std::string expected =
      "[None, 1, 7, -300, 1099511627776, -4611686018427387904, 1.5, 'caf\xC3\xA9 \xE2\x82\xAC "
      "\xF0\x9F\x98\x80 \\u', "
      "['a', 'b'], {'k', [1], 2, 'v'}, ['x', 'x'], ['x', 'x'], [], [], '" +
      std::string(300, 'n') + "']";
  for (int protocol = 0; protocol < 6; ++protocol) {
    const auto bytes = read_file(folder.path() / fmt::format("{}.pickle", protocol));
    EXPECT_EQ(text_of(*read_pickle(bytes)), expected) << protocol;
  }
}

TEST(Pickle, ObjectsAreDataAndNothingIsCalled) {
  const TemporaryFolder folder;
  ASSERT_EQ(testing::run_python(folder.path(), kWrite), 0);
  const auto text = text_of(*read_pickle(read_file(folder.path() / "array.pickle")));
  EXPECT_NE(text.find("['one', None, 2.5]"), std::string::npos) << text;
  // os.system('true') as a pickle: a name and an argument, no more.
  EXPECT_EQ(text_of(*read_pickle("cos\nsystem\n(S'true'\ntR.")), "<<>, ['true']>");
}

TEST(Pickle, DamagedBytesAreAnErrorOrOtherDataButNeverACrash) {
  const TemporaryFolder folder;
  ASSERT_EQ(testing::run_python(folder.path(), kWrite), 0);
  std::size_t refused = 0;
  for (const auto* name : {"0.pickle", "2.pickle", "5.pickle", "array.pickle"}) {
    const auto bytes = read_file(folder.path() / name);
    for (std::uint64_t round = 0; round < 2000; ++round) {
      Random random(round);
      auto damaged = bytes.substr(0, round % 3 == 0 ? random.below(bytes.size()) : bytes.size());
      for (std::uint64_t i = 0; !damaged.empty() && i <= random.below(4); ++i)
        damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
      try {
        read_pickle(damaged);
      } catch (const Error& error) {
        ++refused;
        EXPECT_EQ(error.code(), ErrorCode::kDataCorrupt);
      }
    }
  }
  EXPECT_GT(refused, 1000u);
  EXPECT_THROW(read_pickle(std::string(200, ']') + std::string(199, 'a') + "."), Error);  // nested too deep
  // A list in itself, and two lists in each other: Python writes both.
  EXPECT_THROW(read_pickle(std::string("]\x94h\0"
                                       "a.",
                                       6)),
               Error);
  EXPECT_THROW(read_pickle(std::string("]\x94]\x94h\0"
                                       "a"
                                       "a.",
                                       9)),
               Error);
}

}  // namespace
}  // namespace orrery::pickle_test
