#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "acquire/download.h"
#include "acquire/part_file.h"
#include "transport/http.h"

namespace erawise::acquire {

/// Where the body of one GET goes: behind the part that is there, into a new part, or nowhere when
/// the file is current already.
class DatasetSink final : public transport::BodySink {
  public:
    /// `new_record` names the object, and the round that it is for. `point` is what was asked to be
    /// continued. All of them are borrowed.
    DatasetSink(const std::filesystem::path& target, const DownloadRecord& new_record,
                const std::optional<ResumePoint>& point, const DownloadProgress& progress)
        : target_(target), new_record_(new_record), point_(point), progress_(progress) {}

    transport::BodyWanted begin(const transport::HttpResponse& head) override;
    void write(std::string_view bytes) override;

    /// The part that the body went to; null when it was not wanted.
    [[nodiscard]] PartFile* part() { return part_.get(); }

    /// Whether the answer continues something else than was asked for.
    [[nodiscard]] bool mismatched() const { return mismatched_; }

    /// Length of the whole object; empty when the store does not tell.
    [[nodiscard]] std::optional<std::uint64_t> total() const { return total_; }
    [[nodiscard]] std::uint64_t received() const { return received_; }
    [[nodiscard]] const std::string& etag() const { return etag_; }

    /// The round for which the file that is there was downloaded, when it is current.
    [[nodiscard]] std::optional<int> round_of_current() const { return round_of_current_; }

  private:
    [[nodiscard]] bool is_current(const transport::HttpResponse& head);
    [[nodiscard]] bool continues(const transport::HttpResponse& head) const;

    const std::filesystem::path& target_;
    const DownloadRecord& new_record_;
    const std::optional<ResumePoint>& point_;
    const DownloadProgress& progress_;
    std::unique_ptr<PartFile> part_;
    std::optional<std::uint64_t> total_;
    std::optional<int> round_of_current_;
    std::uint64_t received_ = 0;
    std::string etag_;
    bool mismatched_ = false;
};

}  // namespace erawise::acquire
