// Checks that count their failures, and the parts of the program.
#pragma once

#include <cstdio>
#include <functional>
#include <lamina/lamina.h>
#include <string>

inline int failures = 0;

inline void checkThat(bool holds, const char* file, int line, const char* what) {
    if (holds) return;
    ++failures;
    std::fprintf(stderr, "%s:%d: %s\n", file, line, what);
}

#define CHECK(condition) checkThat((condition), __FILE__, __LINE__, #condition)

// Whether f throws an Error of that code whose message has these words.
inline bool refuses(const std::function<void()>& f, lamina::ErrorCode code, const std::string& words) {
    try {
        f();
    } catch (const lamina::Error& error) {
        if (error.code() == code && std::string(error.what()).find(words) != std::string::npos) return true;
        std::fprintf(stderr, "another error: %s\n", error.what());
    }
    return false;
}

inline bool near(float a, float b, float tolerance = 1e-5f) {
    return a - b <= tolerance && b - a <= tolerance;
}

// How often anything in this process has asked for memory so far; see allocations.cpp.
long allocations();

void testTensors();
void testOps();
void testNetwork();
void testFiles(const std::string& folder);
// Runs the program in a file as the arguments say; see program.cpp.
int useProgram(int count, char** arguments);
