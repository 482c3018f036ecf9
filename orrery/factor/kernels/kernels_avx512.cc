#include <immintrin.h>

#include "orrery/factor/kernels/kernel_table.h"
#include "orrery/factor/kernels/window_cut.h"

#if !defined(__clang__)
// GCC 12's own intrinsics start from undefined registers and then warn about it.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,avx512bw"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw,prefer-vector-width=512")
#endif

namespace orrery::kernels {
namespace {

// clang-format off
#include "orrery/factor/kernels/lanes_avx512.inc"
#include "orrery/factor/kernels/lanes_common.inc"
#include "orrery/factor/kernels/results.inc"
#include "orrery/factor/kernels/elementwise.inc"
#include "orrery/factor/kernels/logarithm.inc"
#include "orrery/factor/kernels/power.inc"
#include "orrery/factor/kernels/windows.inc"
#include "orrery/factor/kernels/extremes.inc"
#include "orrery/factor/kernels/order_statistics.inc"
#include "orrery/factor/kernels/halves.inc"
#include "orrery/factor/kernels/tile_io.inc"
#include "orrery/factor/kernels/row_sort.inc"
#include "orrery/factor/kernels/kernel_list.inc"
// clang-format on

}  // namespace
}  // namespace orrery::kernels

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

namespace orrery::kernels {

std::span<const Kernel> kernels_avx512() { return kKernels; }

const TileIo& tile_io_avx512() { return kTileIo; }

const RowKernels& row_kernels_avx512() { return kRowKernels; }

}  // namespace orrery::kernels
