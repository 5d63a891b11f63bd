#pragma once

#include <filesystem>
#include <fstream>
#include <istream>

#include "util/stop_signal.h"

namespace erawise::infer {

/// A model file that is open for reading. Whoever reads the stream gets Error(cancelled) once a
/// signal has arrived, and Error(disk) when the disk fails; so loaders need not ask for either.
///
/// Pinned: the stream holds the buffer's address.
class ModelFile {
  public:
    /// `stop` may be null and outlives the file. Error(disk) for a file that cannot be opened.
    ModelFile(const std::filesystem::path& path, const util::StopSignal* stop);
    ModelFile(const ModelFile&) = delete;
    ModelFile& operator=(const ModelFile&) = delete;

    [[nodiscard]] std::istream& stream() noexcept { return stream_; }

  private:
    /// Looks at the signal before it reads more of the file.
    class Buffer final : public std::filebuf {
      public:
        Buffer(std::filesystem::path path, const util::StopSignal* stop);

      protected:
        int_type underflow() override;
        std::streamsize xsgetn(char* to, std::streamsize count) override;

      private:
        void throw_if_stopped() const;

        std::filesystem::path path_;
        const util::StopSignal* stop_;
    };

    Buffer buffer_;
    std::istream stream_;
};

}  // namespace erawise::infer
