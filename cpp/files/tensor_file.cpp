#include "files/tensor_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include "core/error.h"
#include "files/json.h"
#include "files/sha256.h"

namespace lamina {

namespace {

static_assert(std::endian::native == std::endian::little, "values are written as they lie in memory");

constexpr size_t kAlignment = 64, kDigest = 64;
constexpr size_t kMaxHeader = size_t{1} << 26;
// What the header of a file of ours begins with; the digest follows.
constexpr std::string_view kBegin = "{\"__metadata__\":{\"sha256\":\"";
constexpr size_t kDigestAt = 8 + kBegin.size();

struct Kind {
    DType dtype;
    const char* name;
};
constexpr Kind kKinds[] = {
    {DType::float32, "F32"}, {DType::int32, "I32"}, {DType::boolean, "BOOL"}, {DType::complex64, "C64"}};

const char* kind_of(DType dtype) {
    for (const Kind& k : kKinds)
        if (k.dtype == dtype) return k.name;
    value_error("A ", name_of(dtype), " tensor cannot be written to a file of tensors.");
}

std::span<const std::byte> as_bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::string digest_of(std::span<const std::byte> file) {
    Sha256 sha;
    sha.update(file.first(kDigestAt));
    sha.update(as_bytes(std::string(kDigest, '0')));
    sha.update(file.subspan(kDigestAt + kDigest));
    return sha.hex();
}

struct Entry {
    std::string name;
    Spec spec;
    size_t begin, end;
};

Entry read_entry(const std::string& name, const Json& json, size_t payload, std::string_view what) {
    const std::string where = text(what, ": the tensor '", name, "'");
    const std::string& kind = json.member("dtype", where).string(where + ".dtype");
    const auto found =
        std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) { return kind == k.name; });
    if (found == std::end(kKinds))
        value_error(where, ".dtype: '", kind, "' is none of F32, I32, BOOL and C64.");

    const JsonArray& dims = json.member("shape", where).array(where + ".shape");
    if (dims.size() > Shape::kMaxRank)
        value_error(where, ".shape has ", dims.size(), " dimensions, more than ", Shape::kMaxRank, ".");
    int64_t sizes[Shape::kMaxRank];
    for (size_t i = 0; i < dims.size(); ++i) {
        sizes[i] = dims[i].integer(where + ".shape");
        if (sizes[i] < 0) value_error(where, ".shape: ", sizes[i], " is no size.");
    }
    Entry entry{name, {found->dtype, Shape({sizes, dims.size()})}, 0, 0};

    const JsonArray& range = json.member("data_offsets", where).array(where + ".data_offsets");
    if (range.size() != 2) value_error(where, ".data_offsets must be two numbers.");
    const int64_t begin = range[0].integer(where + ".data_offsets");
    const int64_t end = range[1].integer(where + ".data_offsets");
    if (begin < 0 || end < begin || static_cast<uint64_t>(end) > payload)
        value_error(where, ".data_offsets: [", begin, ", ", end, "] is not within the ", payload,
                    " bytes that there are.");
    const int64_t needed = entry.spec.shape.size() * static_cast<int64_t>(element_size(found->dtype));
    if (end - begin != needed)
        value_error(where, " of shape [", entry.spec.shape, "] takes ", needed,
                    " bytes, but data_offsets has ", end - begin, ".");
    entry.begin = static_cast<size_t>(begin);
    entry.end = static_cast<size_t>(end);
    return entry;
}

Tensor copied(const Entry& entry, std::span<const std::byte> payload, std::string_view what) {
    Tensor t = Tensor::empty(entry.spec, "loading");
    const std::span<const std::byte> from = payload.subspan(entry.begin, entry.end - entry.begin);
    if (entry.spec.dtype == DType::boolean &&
        std::any_of(from.begin(), from.end(), [](std::byte b) { return b > std::byte{1}; }))
        value_error(what, ": the tensor '", entry.name, "' has values that are neither 0 nor 1.");
    if (!from.empty()) std::memcpy(t.mutable_data<std::byte>(), from.data(), from.size());
    return t;
}

}  // namespace

const std::string* TensorFile::find_metadata(std::string_view key) const {
    for (const auto& [name, value] : metadata)
        if (name == key) return &value;
    return nullptr;
}

std::string write_tensor_file(const std::vector<NamedTensor>& tensors, const Metadata& metadata) {
    std::vector<const NamedTensor*> order;
    std::set<std::string_view> names;
    for (const NamedTensor& t : tensors) {
        if (!names.insert(t.name).second || t.name == "__metadata__")
            value_error("Two tensors of a file cannot both be named '", t.name, "'.");
        order.push_back(&t);
    }
    std::stable_sort(order.begin(), order.end(), [](const NamedTensor* a, const NamedTensor* b) {
        return element_size(a->value.dtype()) > element_size(b->value.dtype());
    });

    std::string header = std::string(kBegin) + std::string(kDigest, '0') + "\"";
    for (const auto& [key, value] : metadata) header += "," + json_string(key) + ":" + json_string(value);
    header += "}";
    size_t at = 0;
    for (const NamedTensor* t : order) {
        header +=
            text(",", json_string(t->name), ":{\"dtype\":\"", kind_of(t->value.dtype()), "\",\"shape\":[");
        for (int i = 0; i < t->value.rank(); ++i) header += text(i ? "," : "", t->value.shape()[i]);
        const size_t bytes = static_cast<size_t>(t->value.size()) * element_size(t->value.dtype());
        header += text("],\"data_offsets\":[", at, ",", at + bytes, "]}");
        at += bytes;
    }
    header += "}";
    header.append((kAlignment - (8 + header.size()) % kAlignment) % kAlignment, ' ');
    if (header.size() > kMaxHeader) value_error("The description of the tensors is too long for a file.");

    std::string file;
    file.reserve(8 + header.size() + at);
    for (int i = 0; i < 8; ++i) file += static_cast<char>(header.size() >> 8 * i);
    file += header;
    for (const NamedTensor* t : order)
        file.append(static_cast<const char*>(t->value.raw()),
                    static_cast<size_t>(t->value.size()) * element_size(t->value.dtype()));
    file.replace(kDigestAt, kDigest, digest_of(as_bytes(file)));
    return file;
}

TensorFile read_tensor_file(std::span<const std::byte> bytes, std::string_view what) {
    uint64_t length = 0;
    if (bytes.size() < 8) value_error(what, " has ", bytes.size(), " bytes: too few for a file of tensors.");
    for (size_t i = 8; i-- > 0;) length = length << 8 | static_cast<uint64_t>(bytes[i]);
    if (length > bytes.size() - 8 || length > kMaxHeader)
        value_error(what, " is no file of tensors, or it is not whole: its header is to have ", length,
                    " bytes, and ", bytes.size() - 8, " are there.");
    const std::string_view header(reinterpret_cast<const char*>(bytes.data()) + 8, length);
    const std::span<const std::byte> payload = bytes.subspan(8 + length);

    TensorFile file;
    if (header.starts_with(kBegin) && header.size() >= kBegin.size() + kDigest) {
        if (header.substr(kBegin.size(), kDigest) != digest_of(bytes))
            value_error(what, " is not what was written: its sha256 differs.");
        file.verified = true;
    }
    const Json json = Json::parse(header, text("The header of ", what));
    std::vector<Entry> entries;
    for (const auto& [name, value] : json.object(text("The header of ", what))) {
        if (name != "__metadata__") {
            entries.push_back(read_entry(name, value, payload.size(), what));
            continue;
        }
        const std::string where = text(what, ": __metadata__");
        for (const auto& [key, entry] : value.object(where))
            file.metadata.emplace_back(key, entry.string(where + "." + key));
    }
    // The payload is used up without holes, and no byte twice.
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.begin < b.begin; });
    size_t at = 0;
    for (const Entry& entry : entries) {
        if (entry.begin != at)
            value_error(what, ": the tensor '", entry.name, "' begins at byte ", entry.begin, " instead of ",
                        at, ".");
        at = entry.end;
    }
    if (at != payload.size())
        value_error(what, ": ", payload.size() - at, " bytes at the end belong to no tensor.");
    for (const Entry& entry : entries) file.tensors.push_back({entry.name, copied(entry, payload, what)});
    return file;
}

}  // namespace lamina
