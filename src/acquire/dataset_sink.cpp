#include "acquire/dataset_sink.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "acquire/download_record.h"
#include "util/byte_size.h"

namespace erawise::acquire {

using transport::BodyWanted;
using transport::HttpResponse;

BodyWanted DatasetSink::begin(const HttpResponse& head) {
    etag_ = head.header("ETag");
    if (head.status == 206) {
        if (!continues(head)) {
            mismatched_ = true;
            return BodyWanted::no;
        }
        total_ = point_->record.length;
        part_ = std::make_unique<PartFile>(target_, *point_);
        spdlog::info("download goes on behind {}", util::format_byte_size(point_->offset));
        return BodyWanted::yes;
    }
    total_ = head.content_length();
    if (is_current(head)) {
        return BodyWanted::no;
    }
    DownloadRecord record = new_record_;
    record.etag = etag_;
    record.length = total_.value_or(0);
    part_ = std::make_unique<PartFile>(target_, std::move(record));
    return BodyWanted::yes;
}

bool DatasetSink::is_current(const HttpResponse& head) {
    const auto current = read_record(target_);
    if (!current || current->etag.empty() || current->etag != head.header("ETag") ||
        current->object_key != new_record_.object_key ||
        total_.value_or(current->length) != current->length) {
        return false;
    }
    total_ = current->length;
    round_of_current_ = current->round;
    return true;
}

/// "bytes FIRST-LAST/TOTAL" must be the rest of the same object (RFC 9110, section 14.4).
bool DatasetSink::continues(const HttpResponse& head) const {
    if (!point_ || etag_ != point_->record.etag) {
        return false;
    }
    const auto length = point_->record.length;
    return head.header("Content-Range") ==
           fmt::format("bytes {}-{}/{}", point_->offset, length - 1, length);
}

void DatasetSink::write(std::string_view bytes) {
    part_->write(bytes);
    received_ += bytes.size();
    if (progress_) {
        progress_(part_->size(), total_);
    }
}

}  // namespace erawise::acquire
