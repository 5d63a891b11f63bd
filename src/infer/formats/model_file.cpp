#include "infer/formats/model_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <ios>
#include <string_view>
#include <system_error>
#include <utility>

#include "util/error.h"

namespace erawise::infer {
namespace {

util::Error read_error(const std::filesystem::path& path, std::string_view why) {
    return {util::ErrorKind::disk, fmt::format("cannot read the model {}: {}", path.string(), why)};
}

}  // namespace

ModelFile::Buffer::Buffer(std::filesystem::path path, const util::StopSignal* stop)
    : path_(std::move(path)), stop_(stop) {
    if (open(path_, std::ios::in | std::ios::binary) == nullptr) {
        throw read_error(path_, std::generic_category().message(errno));
    }
}

void ModelFile::Buffer::throw_if_stopped() const {
    if (stop_ != nullptr) {
        stop_->throw_if_requested();
    }
}

ModelFile::Buffer::int_type ModelFile::Buffer::underflow() {
    throw_if_stopped();
    try {
        return std::filebuf::underflow();
    } catch (const std::ios_base::failure& failure) {
        throw read_error(path_, failure.what());
    }
}

std::streamsize ModelFile::Buffer::xsgetn(char* to, std::streamsize count) {
    throw_if_stopped();
    try {
        return std::filebuf::xsgetn(to, count);
    } catch (const std::ios_base::failure& failure) {
        throw read_error(path_, failure.what());
    }
}

ModelFile::ModelFile(const std::filesystem::path& path, const util::StopSignal* stop)
    : buffer_(path, stop), stream_(&buffer_) {
    stream_.exceptions(std::ios::badbit);  // what the buffer throws passes through the stream
}

}  // namespace erawise::infer
