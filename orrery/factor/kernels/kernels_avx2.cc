#include <immintrin.h>

#include "orrery/factor/kernels/kernel_table.h"
#include "orrery/factor/kernels/window_cut.h"

#if !defined(__clang__)
// GCC 12's own intrinsics start from undefined registers and then warn about it.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

// The floor of supported machines needs no target region: the whole tree is compiled for it.
namespace orrery::kernels {
namespace {

#include "orrery/factor/kernels/lanes_avx2.inc"
// The lanes come first: everything else is written over them.
#include "orrery/factor/kernels/lanes_common.inc"
// clang-format off
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

std::span<const Kernel> kernels_avx2() { return kKernels; }

const TileIo& tile_io_avx2() { return kTileIo; }

const RowKernels& row_kernels_avx2() { return kRowKernels; }

}  // namespace orrery::kernels
