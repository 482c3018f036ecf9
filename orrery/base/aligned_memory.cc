#include "orrery/base/aligned_memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <new>

namespace orrery {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

std::size_t round_up(std::size_t bytes, std::size_t to) { return (bytes + to - 1) / to * to; }

}  // namespace

void* allocate_aligned(std::size_t bytes) {
  const bool is_large = bytes >= kHugePage / 2;
  const std::size_t alignment = is_large ? kHugePage : kCacheLine;
  const std::size_t size = round_up(bytes > 0 ? bytes : 1, alignment);
  void* const memory = std::aligned_alloc(alignment, size);
  if (memory == nullptr) throw std::bad_alloc();
  if (is_large) prefer_huge_pages(memory, size);
  return memory;
}

void prefer_huge_pages(void* memory, std::size_t bytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  const auto start = round_up(address, kHugePage);
  const auto end = (address + bytes) / kHugePage * kHugePage;
  if (start >= end) return;
  // The result is of no concern: a kernel without huge pages refuses, and small pages serve as well.
  static_cast<void>(::madvise(static_cast<char*>(memory) + (start - address), end - start, MADV_HUGEPAGE));
}

void release_aligned(void* memory) { std::free(memory); }

}  // namespace orrery
