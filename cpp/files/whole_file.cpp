#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#if defined(_WIN32)
#include <io.h>
#include <process.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

#include "core/error.h"
#include "files/tensor_file.h"

namespace lamina {

namespace {

struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

[[noreturn]] void system_error(const char* doing, const std::string& path) {
    const int code = errno;
    fail(ErrorKind::runtime, "Cannot ", doing, " '", path, "': ", std::strerror(code), ".");
}

int process_id() {
#if defined(_WIN32)
    return _getpid();
#else
    return getpid();
#endif
}

bool to_disk(std::FILE* file) {
    if (std::fflush(file) != 0) return false;
#if defined(_WIN32)
    return _commit(_fileno(file)) == 0;
#else
    return fsync(fileno(file)) == 0;
#endif
}

// A rename lasts once its folder is on the disk.
void folder_to_disk(const std::string& path) {
#if !defined(_WIN32)
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int handle = open(folder.c_str(), O_RDONLY);
    if (handle < 0) system_error("open the folder of", path);
    const int done = fsync(handle);
    const int code = errno;
    close(handle);
    errno = code;
    if (done != 0) system_error("write the folder of", path);
#else
    (void)path;
#endif
}

}  // namespace

std::vector<std::byte> read_file(const std::string& path) {
    const File file(std::fopen(path.c_str(), "rb"));
    if (!file) system_error("open", path);
    std::vector<std::byte> bytes;
    constexpr size_t kStep = size_t{1} << 20;
    while (true) {
        const size_t before = bytes.size();
        bytes.resize(before + std::max(kStep, before / 2));
        const size_t got = std::fread(bytes.data() + before, 1, bytes.size() - before, file.get());
        bytes.resize(before + got);
        if (got == 0) break;
    }
    if (std::ferror(file.get())) system_error("read", path);
    return bytes;
}

void write_file(const std::string& path, std::string_view bytes) {
    static std::atomic<int> writes{0};
    const std::string temporary = text(path, ".", process_id(), "-", ++writes, ".tmp");
    File file(std::fopen(temporary.c_str(), "wb"));
    if (!file) system_error("write", temporary);
    const auto give_up = [&] {
        const int code = errno;
        file.reset();
        std::remove(temporary.c_str());
        errno = code;
        system_error("write", path);
    };
    if (std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size() || !to_disk(file.get()))
        give_up();
    if (std::fclose(file.release()) != 0) give_up();
    if (std::rename(temporary.c_str(), path.c_str()) != 0) give_up();
    folder_to_disk(path);
}

}  // namespace lamina
