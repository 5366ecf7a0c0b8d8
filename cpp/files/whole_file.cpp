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
#include <sys/stat.h>
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

#if defined(_WIN32)
File open_to_read(const std::string& path) {
    File file(std::fopen(path.c_str(), "rb"));
    if (!file) system_error("open", path);
    return file;
}

size_t size_of(std::FILE* file, const std::string& path) {
    if (_fseeki64(file, 0, SEEK_END) != 0) system_error("read", path);
    const auto size = static_cast<size_t>(_ftelli64(file));
    std::rewind(file);
    return size;
}
#else
// A pipe that nobody writes to must not be waited for.
File open_to_read(const std::string& path) {
    const int handle = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (handle < 0) system_error("open", path);
    File file(fdopen(handle, "rb"));
    if (!file) {
        close(handle);
        system_error("open", path);
    }
    return file;
}

size_t size_of(std::FILE* file, const std::string& path) {
    struct stat found{};
    if (fstat(fileno(file), &found) != 0) system_error("read", path);
    // Pipes and devices have no end that could be waited for.
    if (!S_ISREG(found.st_mode)) fail(ErrorKind::runtime, "Cannot read '", path, "': it is no regular file.");
    const double memory =
        static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
    // The system may promise more than there is.
    if (memory > 0 && static_cast<double>(found.st_size) > memory)
        fail(ErrorKind::memory, "There is no memory for the ", found.st_size, " bytes of '", path, "'.");
    return static_cast<size_t>(found.st_size);
}
#endif

}  // namespace

std::vector<std::byte> read_file(const std::string& path) {
    const File file = open_to_read(path);
    const size_t size = size_of(file.get(), path);
    std::vector<std::byte> bytes;
    try {
        bytes.resize(size);
    } catch (const std::exception&) {
        fail(ErrorKind::memory, "There is no memory for the ", size, " bytes of '", path, "'.");
    }
    // A file may be cut meanwhile.
    bytes.resize(std::fread(bytes.data(), 1, size, file.get()));
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
