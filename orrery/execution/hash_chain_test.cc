#include "orrery/execution/hash_chain.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "orrery/base/error.h"

namespace orrery::hash_chain_test {
namespace {

std::vector<std::string> lines_of_orders(int count) {
  ChainedLines writer;
  std::vector<std::string> lines;
  for (int i = 0; i < count; ++i) {
    lines.emplace_back(writer.add(R"({"order":)" + std::to_string(i * i) + R"(,"side":"buy"})"));
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

ChainCheck check(const std::string& text) {
  ChainedLineReader reader(text);
  while (reader.next()) {
  }
  return {reader.mark(), reader.valid_bytes(), reader.fault()};
}

// python3 -c "import hashlib; link = bytes(32)
// for record in (b'abc', b'', b'{\"order\":1}'): link = hashlib.sha256(link + record).digest();
// print(link.hex())"
TEST(HashChain, IsPythonsSha256OfTheLinkBeforeAndTheRecord) {
  HashChain chain;
  EXPECT_EQ(chain.link(), kFirstLink);
  EXPECT_EQ(chain.add("abc"), "365aa7d8f7f9402c4b9434502b4cc89ddb09fe50d7cd95b493b834c62d5a5370");
  EXPECT_EQ(chain.add(""), "e68b0c72b1aff9488294900ba6cc1e99075122a8d0c122eb42da506f9c2321a4");
  EXPECT_EQ(chain.add(R"({"order":1})"), "4de5a6f6f6a0f0a6396c32e117ec904ca1b30c912a21166e2a6cdf74dc1c3451");
}

TEST(HashChain, GoesOnAfterAnyLink) {
  HashChain whole;
  whole.add("first");
  HashChain rest(whole.link());
  EXPECT_EQ(std::string(rest.add("second")), whole.add("second"));
  EXPECT_THROW(HashChain("abc"), Error);
  EXPECT_THROW(HashChain(std::string(64, 'A')), Error);
}

TEST(ChainedLines, AreTheObjectsWithNumberAndLink) {
  ChainedLines writer;
  HashChain chain;
  EXPECT_EQ(writer.add(R"({"a":1})"),
            R"({"a":1,"n":1,"link":")" + std::string(chain.add(R"({"a":1,"n":1)")) + "\"}\n");
  EXPECT_EQ(writer.add("{}"), R"({"n":2,"link":")" + std::string(chain.add(R"({"n":2)")) + "\"}\n");
  EXPECT_THROW(writer.add("1"), Error);
  EXPECT_THROW(writer.add("{\"a\":\n1}"), Error);
  EXPECT_EQ(writer.number(), 2u);
}

TEST(ChainedLines, GoOnWhereAnotherWriterStopped) {
  const auto whole = lines_of_orders(4);
  const ChainCheck first = check(whole[0] + whole[1]);
  ChainedLines writer(first.good);
  EXPECT_EQ(writer.add(R"({"order":4,"side":"buy"})"), whole[2]);
}

TEST(ChainedLineReader, GivesEveryGoodLine) {
  const auto lines = lines_of_orders(3);
  const std::string text = joined(lines);
  ChainedLineReader reader(text);
  for (const std::string& line : lines) {
    const auto read = reader.next();
    ASSERT_TRUE(read);
    EXPECT_EQ(std::string(*read) + "\n", line);
  }
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.fault());
  EXPECT_EQ(reader.valid_bytes(), text.size());
}

TEST(ChainedLineReader, FindsTheLineOfEveryChangedBit) {
  const auto lines = lines_of_orders(3);
  const std::string text = joined(lines);
  std::size_t start = 0;
  for (std::size_t line = 0; line < lines.size(); start += lines[line++].size()) {
    for (std::size_t i = 0; i + 1 < lines[line].size(); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string changed = text;
        changed[start + i] = static_cast<char>(changed[start + i] ^ (1 << bit));
        const ChainCheck found = check(changed);
        ASSERT_TRUE(found.fault) << "byte " << start + i << ", bit " << bit;
        ASSERT_EQ(found.fault->line, line + 1);
        ASSERT_FALSE(found.fault->torn);
        ASSERT_EQ(found.valid_bytes, start);
      }
    }
  }
}

TEST(ChainedLineReader, SaysWhereTheGoodLinesOfATornFileEnd) {
  const auto lines = lines_of_orders(3);
  const std::string text = joined(lines);
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const ChainCheck found = check(text.substr(0, size));
    std::size_t good = 0, bytes = 0;
    while (good < lines.size() && bytes + lines[good].size() <= size) bytes += lines[good++].size();
    ASSERT_EQ(found.good.lines, good);
    ASSERT_EQ(found.valid_bytes, bytes);
    ASSERT_EQ(found.fault.has_value(), bytes != size);
    ASSERT_TRUE(!found.fault || found.fault->torn);
  }
}

TEST(ChainedLineReader, NamesTheFirstLineThatIsMissingOrPutIn) {
  const auto lines = lines_of_orders(4);
  const auto removed = check(lines[0] + lines[2] + lines[3]);
  ASSERT_TRUE(removed.fault);
  EXPECT_EQ(removed.fault->problem, "line 2 has the number 3: what stood before it was removed");
  const auto doubled = check(lines[0] + lines[1] + lines[1]);
  ASSERT_TRUE(doubled.fault);
  EXPECT_EQ(doubled.fault->problem, "line 3 has the number 2, which came before: it was put in");
  // Renumbered, the link still tells.
  std::string renumbered = lines[2];
  renumbered.replace(renumbered.find("\"n\":3"), 5, "\"n\":2");
  const auto forged = check(lines[0] + renumbered);
  ASSERT_TRUE(forged.fault);
  EXPECT_EQ(forged.fault->line, 2u);
  const auto foreign = check(lines[0] + "{\"order\":7}\n");
  ASSERT_TRUE(foreign.fault);
  EXPECT_EQ(foreign.fault->problem, "line 2 is not what was written: its number and link are not at its end");
}

TEST(ChainedFile, AKeptLinkFindsLinesThatAreMissingAtTheEnd) {
  const auto lines = lines_of_orders(3);
  const auto file = std::filesystem::path(::testing::TempDir()) / "chained_lines.jsonl";
  std::ofstream(file, std::ios::binary) << lines[0] << lines[1];
  EXPECT_FALSE(check_chained_file(file).fault);
  const auto found = check_chained_file(file, check(joined(lines)).good.link);
  ASSERT_TRUE(found.fault);
  EXPECT_EQ(found.fault->line, 3u);
  EXPECT_FALSE(check_chained_file(file, check(lines[0] + lines[1]).good.link).fault);
}

TEST(ChainMark, IsReadAsItWasWritten) {
  const ChainMark mark = check(joined(lines_of_orders(3))).good;
  EXPECT_EQ(parse_chain_mark(to_string(mark)), mark);
  for (const std::string& bad :
       {std::string(), std::string("3"), " " + mark.link, std::string("3 abc"), "x " + mark.link}) {
    EXPECT_THROW(parse_chain_mark(bad), Error) << bad;
  }
}

TEST(ChainMark, WhatIsMissingOrOtherUpToItWasChanged) {
  const auto lines = lines_of_orders(3);
  const ChainMark mark = check(lines[0] + lines[1]).good;
  std::size_t taken = 0;
  const auto whole = check_chained_text(joined(lines), mark, [&](std::string_view) { ++taken; });
  EXPECT_FALSE(whole.fault);
  EXPECT_EQ(taken, 3u);
  const auto torn_later = check_chained_text(lines[0] + lines[1] + "{", mark);
  ASSERT_TRUE(torn_later.fault);
  EXPECT_FALSE(torn_later.fault->changed) << "nobody said that it was on the disk";
  for (const std::string& text : {lines[0], lines[0] + "{", std::string()}) {
    const auto missing = check_chained_text(text, mark);
    ASSERT_TRUE(missing.fault && missing.fault->changed);
    EXPECT_NE(missing.fault->problem.find("where 2 were written"), std::string::npos);
  }
  const auto unreadable = check_chained_text(lines[0] + "{}\n" + lines[2], mark);
  ASSERT_TRUE(unreadable.fault && unreadable.fault->changed);
  EXPECT_EQ(unreadable.fault->line, 2u);
  ChainedLines anew;
  std::string other(anew.add(R"({"order":9})"));
  other += anew.add(R"({"order":8})");
  const auto written_anew = check_chained_text(other, mark);
  ASSERT_TRUE(written_anew.fault && written_anew.fault->changed);
  EXPECT_NE(written_anew.fault->problem.find("line 2 has the link"), std::string::npos);
}

}  // namespace
}  // namespace orrery::hash_chain_test
