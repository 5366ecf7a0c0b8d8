// The hyperbolic tangent where two vectors hold a table of 32 numbers: no division, and no exponential.
#pragma once

#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

#if LAMINA_VECTOR_BYTES == 64

// For each quarter of an octave from 3/64 on (the first reaches down to 0, the last up to infinity): a
// centre, and the polynomial in the distance from it that fits the relative error best at Chebyshev's nodes.
alignas(64) constexpr float tanh_pieces[7][32] = {
    {0x0p+0f,   0x1.ep-5f, 0x1.2p-4f, 0x1.6p-4f, 0x1.ap-4f, 0x1.ep-4f, 0x1.2p-3f, 0x1.6p-3f,
     0x1.ap-3f, 0x1.ep-3f, 0x1.2p-2f, 0x1.6p-2f, 0x1.ap-2f, 0x1.ep-2f, 0x1.2p-1f, 0x1.6p-1f,
     0x1.ap-1f, 0x1.ep-1f, 0x1.2p+0f, 0x1.6p+0f, 0x1.ap+0f, 0x1.ep+0f, 0x1.2p+1f, 0x1.6p+1f,
     0x1.ap+1f, 0x1.ep+1f, 0x1.2p+2f, 0x1.6p+2f, 0x1.ap+2f, 0x1.ep+2f, 0x1.2p+3f, 0x1.4p+3f},
    {0x0p+0f,        0x1.df7392p-5f, 0x1.1f86bep-4f, 0x1.5f22d2p-4f, 0x1.9e9356p-4f, 0x1.ddd092p-4f,
     0x1.1e1ddp-3f,  0x1.5c9308p-3f, 0x1.9a5f1cp-3f, 0x1.d7665cp-3f, 0x1.18a39ap-2f, 0x1.52c2c6p-2f,
     0x1.8a87e2p-2f, 0x1.bfae6ap-2f, 0x1.05087p-1f,  0x1.3157ep-1f,  0x1.5789p-1f,   0x1.77d838p-1f,
     0x1.9e5cb6p-1f, 0x1.c278a6p-1f, 0x1.d9c6fcp-1f, 0x1.e8789ep-1f, 0x1.f4bfd6p-1f, 0x1.fbd50ap-1f,
     0x1.fe767ap-1f, 0x1.ff6f18p-1f, 0x1.ffdfa6p-1f, 0x1.fffbap-1f,  0x1.ffff68p-1f, 0x1.ffffecp-1f,
     0x1.fffffep-1f, 0x1p+0f},
    {0x1p+0f,         0x1.fe3f08p-1f, 0x1.fd7a22p-1f,  0x1.fc3cbep-1f,  0x1.fac13ep-1f,  0x1.f9085ap-1f,
     0x1.f601cap-1f,  0x1.f12bp-1f,   0x1.eb715ap-1f,  0x1.e4dfb2p-1f,  0x1.d98b36p-1f,  0x1.c7f724p-1f,
     0x1.b3ff2ep-1f,  0x1.9e23aep-1f, 0x1.7aeae6p-1f,  0x1.49e6cp-1f,   0x1.197fcep-1f,  0x1.d834d2p-2f,
     0x1.615002p-2f,  0x1.cea744p-3f, 0x1.265e34p-3f,  0x1.6fcfa6p-4f,  0x1.64108ap-5f,  0x1.09a7aap-6f,
     0x1.88ef6ep-8f,  0x1.21a7b4p-9f, 0x1.02c03ep-11f, 0x1.183476p-14f, 0x1.2f61b4p-17f, 0x1.48779cp-20f,
     0x1.060dacp-24f, 0x0p+0f},
    {0x1.a0f72ep-28f,  -0x1.ddcf24p-5f, -0x1.1e1c0ap-4f,  -0x1.5c8e36p-4f,  -0x1.9a5416p-4f, -0x1.d75004p-4f,
     -0x1.18883cp-3f,  -0x1.5279fep-3f, -0x1.89e50ep-3f,  -0x1.be6cb8p-3f,  -0x1.038f7p-2f,  -0x1.2daf98p-2f,
     -0x1.4ff712p-2f,  -0x1.6a1d38p-2f, -0x1.825de4p-2f,  -0x1.897d22p-2f,  -0x1.79c0e6p-2f, -0x1.5aa224p-2f,
     -0x1.1df056p-2f,  -0x1.970ed2p-3f, -0x1.1064bap-3f,  -0x1.5ee8aap-4f,  -0x1.5c3a3cp-5f, -0x1.077904p-6f,
     -0x1.87b86ep-8f,  -0x1.214eaap-9f, -0x1.0244e8p-11f, -0x1.17bd5cp-14f, -0x1.2ee2ep-17f, -0x1.47ee9cp-20f,
     -0x1.fcae78p-25f, 0x0p+0f},
    {-0x1.555592p-2f, -0x1.50ab26p-2f, -0x1.4ea16p-2f,  -0x1.4b5adp-2f,  -0x1.477428p-2f, -0x1.42f17cp-2f,
     -0x1.3b135p-2f,  -0x1.2ea3fcp-2f, -0x1.202a34p-2f, -0x1.0fdf04p-2f, -0x1.e91efap-3f, -0x1.98588ep-3f,
     -0x1.4272p-3f,   -0x1.d71f7cp-4f, -0x1.bd0c9ap-5f, 0x1.d769a6p-7f,  0x1.072cd8p-4f,  0x1.8434b8p-4f,
     0x1.c68ecap-4f,  0x1.97d882p-4f,  0x1.33df3cp-4f,  0x1.a85c2p-5f,   0x1.bbce0ap-6f,  0x1.599444p-7f,
     0x1.03963p-8f,   0x1.80e71ep-10f, 0x1.58603ap-12f, 0x1.7529cp-15f,  0x1.941022p-18f, 0x1.b57a84p-21f,
     0x1.56787p-25f,  0x0p+0f},
    {0x1.65322ap-15f,  0x1.3ce63cp-5f,   0x1.7aa3f2p-5f,   0x1.cb9814p-5f,   0x1.0d55c8p-4f,
     0x1.33c778p-4f,   0x1.6b051cp-4f,   0x1.af9b76p-4f,   0x1.ed77fap-4f,   0x1.11e9f2p-3f,
     0x1.32dfccp-3f,   0x1.4fff7ap-3f,   0x1.5c02d6p-3f,   0x1.5839ap-3f,    0x1.39dad6p-3f,
     0x1.e93af6p-4f,   0x1.47435cp-4f,   0x1.633ac2p-5f,   0x1.e50f2ap-9f,   -0x1.599f3cp-6f,
     -0x1.9b95fcp-6f,  -0x1.5596a4p-6f,  -0x1.9601dp-7f,   -0x1.5195bp-8f,   -0x1.037504p-9f,
     -0x1.83e822p-11f, -0x1.69de2ap-13f, -0x1.889048p-16f, -0x1.a922aap-19f, -0x1.cc4dap-22f,
     -0x1.a8bd0cp-26f, 0x0p+0f},
    {0x1.0fb27p-3f,   0x1.092b3p-3f,   0x1.05c1p-3f,    0x1.003dd8p-3f,  0x1.f376bp-4f,   0x1.e47e0cp-4f,
     0x1.cab90ap-4f,  0x1.a288d4p-4f,  0x1.74cb4p-4f,   0x1.42ae4cp-4f,  0x1.e4c198p-5f,  0x1.068bbcp-5f,
     0x1.89355ap-8f,  -0x1.184b04p-6f, -0x1.634c0ap-5f, -0x1.f82a92p-5f, -0x1.00bceep-4f, -0x1.b2d63ep-5f,
     -0x1.06f7c8p-5f, -0x1.387b86p-7f, 0x1.6c5ce6p-10f, 0x1.2d7facp-8f,  0x1.04b12ep-8f,  0x1.f6087cp-10f,
     0x1.93fbfcp-11f, 0x1.32de9p-12f,  0x1.1e7ef8p-14f, 0x1.376132p-17f, 0x1.514cf4p-20f, 0x1.6d370cp-23f,
     0x1.491286p-27f, 0x0p+0f},
};

// table[i] for 0 <= i < 32.
LAMINA_INLINE VReal pick_of_32(const float* table, VInt i) {
    return FloatRegister(
        _mm512_permutex2var_ps(_mm512_load_ps(table), __m512i(i.v), _mm512_load_ps(table + 16)));
}

LAMINA_INLINE VReal tanh(VReal x) {
    const float start = 0x1.8p-5f;
    // The order of operands lets NaN through; from 10 on the result is 1.
    const VReal a = min_second(VReal(10.0f), abs(x));
    const VInt piece = (bits(max_second(VReal(start), a)) - bits(VReal(start))) >> 21;
    const VReal d = a - pick_of_32(tanh_pieces[0], piece);
    VReal y = pick_of_32(tanh_pieces[6], piece);
#pragma GCC unroll 5
    for (int k = 5; k >= 1; --k) y = fma(y, d, pick_of_32(tanh_pieces[k], piece));
    return copysign(y, x);
}

#endif

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
