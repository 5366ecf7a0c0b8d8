//     consumer FOLDER                    tries the interface; FOLDER is for files
//     consumer run|threads|memory ...    uses a program, see program.cpp
#include "check.h"

int main(int count, char** arguments) {
    try {
        if (count > 2) return useProgram(count - 1, arguments + 1);
        if (count != 2) return 2;
        testTensors();
        testOps();
        testNetwork();
        testFiles(arguments[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 3;
    }
    if (failures) return 1;
    std::printf("lamina %s at level %s: all checks passed\n", lamina::version().c_str(),
                lamina::cpuLevel().c_str());
    return 0;
}
