#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "acquire/download_record.h"

namespace erawise::acquire {

/// A part that an earlier attempt left, whose object is known.
struct ResumePoint {
    std::uint64_t offset = 0;  ///< bytes that are there; less than the whole
    DownloadRecord record;
};

/// A download in progress: TARGET.part and its record, which become TARGET and TARGET.meta.json
/// when commit() has seen the part whole on the disk. The destructor removes both, unless
/// keep_for_later() was called. Errors are Error(disk) with the path and the remedy.
class PartFile {
  public:
    /// Starts over, on new folders or on what an older download left. An object without a strong
    /// ETag cannot be resumed: its part has no record.
    PartFile(std::filesystem::path target, DownloadRecord record);

    /// Goes on behind what is there.
    PartFile(std::filesystem::path target, ResumePoint point);

    ~PartFile();
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    void write(std::string_view bytes);

    /// fsync, rename, fsync of the folder. At no moment does a record stand beside another file
    /// than its own.
    void commit();

    /// Part and record stay for the next attempt, which may be that of another process.
    void keep_for_later() noexcept { kept_ = true; }

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return part_; }

    /// Of the whole part, what was there before included.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  private:
    void open_part(std::uint64_t keep_bytes);
    [[noreturn]] void fail(std::string_view action) const;

    std::filesystem::path target_;
    std::filesystem::path part_;
    DownloadRecord record_;
    int descriptor_ = -1;
    std::uint64_t size_ = 0;
    bool has_record_ = false;
    bool kept_ = false;
};

/// Where a download of this object can go on. Empty when no part is there, when it is of another
/// object, or when it was written before the machine started anew: bytes that were not flushed may
/// be missing then.
std::optional<ResumePoint> find_resume_point(const std::filesystem::path& target,
                                             std::string_view object_key);

/// Removes TARGET.part and its record, if they are there.
void remove_part(const std::filesystem::path& target) noexcept;

/// Ends what a commit() left undone that was killed between its two renames.
void finish_interrupted_commit(const std::filesystem::path& target);

}  // namespace erawise::acquire
