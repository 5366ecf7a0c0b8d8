// Recognises a handwritten digit with a network that Python has trained: digits FILE.lamina
#include <algorithm>
#include <cstdio>
#include <lamina/lamina.h>

// 8 x 8 points of ink, from 0 to 16.
const float image[64] = {
    0, 0, 5,  13, 9,  1,  0, 0,  //
    0, 0, 13, 15, 10, 15, 5, 0,  //
    0, 3, 15, 2,  0,  11, 8, 0,  //
    0, 4, 12, 0,  0,  8,  8, 0,  //
    0, 5, 8,  0,  0,  9,  8, 0,  //
    0, 4, 11, 0,  1,  12, 7, 0,  //
    0, 2, 14, 5,  10, 12, 0, 0,  //
    0, 0, 6,  13, 10, 0,  0, 0,
};

int main(int, char** arguments) try {
    const lamina::Program program = lamina::Program::load(arguments[1]);
    lamina::Context context(program);
    std::transform(image, image + 64, context.input().begin(), [](float ink) { return ink / 16; });
    context.run();
    const auto scores = context.output();
    const auto digit = std::max_element(scores.begin(), scores.end()) - scores.begin();
    std::printf("This is a %td.\n", digit);
} catch (const lamina::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
