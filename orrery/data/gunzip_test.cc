#include "orrery/data/gunzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <string>
#include <string_view>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::gunzip_test {
namespace {

constexpr int kGzip = 15 + 16;

/// Packs a text as one member; `header`: what stands in it, or nothing.
std::string pack(std::string_view text, gz_header* header = nullptr) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY), Z_OK);
  if (header != nullptr) deflateSetHeader(&stream, header);
  std::string packed(text.size() + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// What zlib alone makes of bytes: a text, or what is wrong with them.
struct Outcome {
  std::string text;
  std::string fault;
  bool operator==(const Outcome&) const = default;
  friend void PrintTo(const Outcome& outcome, std::ostream* out) {
    *out << (outcome.fault.empty() ? outcome.text : outcome.fault);
  }
};

Outcome by_zlib(std::string_view packed) {
  Outcome outcome;
  z_stream stream{};
  inflateInit2(&stream, kGzip);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  for (bool finished = false; !finished;) {
    std::array<char, 4096> block{};
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    outcome.text.append(block.data(), block.size() - stream.avail_out);
    if (status == Z_BUF_ERROR) outcome.fault = "cut off";
    if (status == Z_DATA_ERROR) outcome.fault = std::string("damaged (") + stream.msg + ")";
    if (status == Z_STREAM_END && stream.avail_in > 0) inflateReset(&stream);
    finished = !outcome.fault.empty() || (status == Z_STREAM_END && stream.avail_in == 0);
  }
  inflateEnd(&stream);
  if (!outcome.fault.empty()) outcome.text.clear();
  return outcome;
}

Outcome by_us(std::string_view packed) {
  try {
    return {gunzip(packed, "prices.csv.gz"), ""};
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDataCorrupt);
    const std::string message = error.what();
    EXPECT_NE(message.find("can't unpack prices.csv.gz: the gzip data is "), std::string::npos) << message;
    if (message.find("cut off") != std::string::npos) return {"", "cut off"};
    const auto start = message.find("damaged (");
    return {"", message.substr(start, message.find(')', start) + 1 - start)};
  }
}

/// Lines as a price file has them.
std::string lines(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "2018-01-02,ABC," + std::to_string(random.uniform()) + "\n";
  return text;
}

TEST(Gunzip, OneMember) {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{100}, std::size_t{100'000}}) {
    const auto text = lines(count, count);
    EXPECT_EQ(gunzip(pack(text), "a.gz"), text) << count;
  }
}

// The last member's trailer promises the least: the room for the others has to be found.
TEST(Gunzip, MembersOfEverySizeOneAfterAnother) {
  std::string text, packed;
  for (const std::size_t count : {1000U, 0U, 200'000U, 7U, 50'000U, 1U}) {
    const auto piece = lines(count, count);
    text += piece;
    packed += pack(piece);
  }
  EXPECT_EQ(gunzip(packed, "a.gz"), text);
  for (std::size_t i = 0; i < 3000; ++i) {
    const auto piece = lines(i % 40, i);
    text += piece;
    packed += pack(piece);
  }
  EXPECT_EQ(gunzip(packed, "a.gz"), text);
}

// Packs to a thousandth, so that zlib does it.
TEST(Gunzip, OneCharacterOverAndOver) {
  const std::string text(3'000'000, 'x');
  EXPECT_EQ(gunzip(pack(text), "a.gz"), text);
}

TEST(Gunzip, HeadersWithNamesAndChecksums) {
  const auto text = lines(1000, 1);
  std::array<Bytef, 5> extra = {'A', 'B', 1, 0, 7};
  std::array<Bytef, 10> name = {'a', '.', 'c', 's', 'v', 0};
  for (const int checksum : {0, 1}) {
    gz_header header{};
    header.extra = extra.data();
    header.extra_len = extra.size();
    header.name = name.data();
    header.hcrc = checksum;
    auto packed = pack(text, &header);
    EXPECT_EQ(gunzip(packed, "a.gz"), text);
    packed[4] ^= 1;  // the time, which the text does not need: only the header's checksum minds
    EXPECT_EQ(by_us(packed), by_zlib(packed));
    EXPECT_EQ(by_us(packed).fault.empty(), checksum == 0);
  }
}

TEST(Gunzip, WhatIsWrongIsSaidAsZlibSaysIt) {
  const auto whole = pack(lines(60, 1)) + pack(lines(20, 2));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto cut = std::string_view(whole).substr(0, size);
    EXPECT_EQ(by_us(cut), by_zlib(cut)) << size;
  }
  for (std::size_t byte = 0; byte < whole.size(); ++byte) {
    for (const char change : {'\x01', '\x10', '\x7f', '\xff'}) {
      auto damaged = whole;
      damaged[byte] = static_cast<char>(damaged[byte] ^ change);
      EXPECT_EQ(by_us(damaged), by_zlib(damaged)) << byte;
    }
  }
  for (const std::string_view after :
       {std::string_view("\0", 1), std::string_view("what a person appended here")}) {
    EXPECT_EQ(by_us(whole + std::string(after)), by_zlib(whole + std::string(after)));
  }
}

// 4 GiB less one byte, says the trailer of a kilobyte, and 31 times as much as there is, says another.
TEST(Gunzip, ATrailerThatLiesTakesNoMemory) {
  for (const std::uint32_t lie : {0xFFFFFFFFU, 0x40000000U, 30'000U}) {
    auto packed = pack(lines(60, 1));
    std::memcpy(packed.data() + packed.size() - sizeof lie, &lie, sizeof lie);
    EXPECT_EQ(by_us(packed).fault, "damaged (incorrect length check)");
  }
}

}  // namespace
}  // namespace orrery::gunzip_test
