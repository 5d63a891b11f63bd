#include "submit/receipt.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "util/atomic_file.h"
#include "util/error.h"

namespace erawise::submit {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMaximumReceiptBytes = std::size_t{64} * 1024;

std::string_view name_of(ReceiptState state) {
    return state == ReceiptState::accepted ? "accepted" : "begun";
}

std::optional<Receipt> parse_receipt(const std::string& text) {
    try {
        const ordered_json object = ordered_json::parse(text);
        const auto field = [&](const char* key) { return object.at(key).get<std::string>(); };
        Receipt receipt{.round = object.at("round").get<int>(),
                        .model = field("model"),
                        .model_id = field("model_id"),
                        .sha256 = field("sha256"),
                        .filename = field("filename"),
                        .submission_id = field("submission_id"),
                        .trigger_id = object.value("trigger_id", ""),
                        .time = field("time")};
        receipt.state = field("state") == name_of(ReceiptState::accepted) ? ReceiptState::accepted
                                                                          : ReceiptState::begun;
        return receipt;
    } catch (const ordered_json::exception&) {
        return std::nullopt;
    }
}

}  // namespace

std::string plain_name(std::string name) {
    std::ranges::replace_if(
        name,
        [](char c) {
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            const bool digit = c >= '0' && c <= '9';
            return !letter && !digit && c != '_';
        },
        '_');
    return name;
}

std::filesystem::path receipt_path(const std::filesystem::path& folder, int round,
                                   const std::string& model) {
    return folder / fmt::format("{}-{}.json", round, plain_name(model));
}

std::optional<Receipt> read_receipt(const std::filesystem::path& path) {
    std::error_code status;
    if (!std::filesystem::is_regular_file(path, status)) {
        return std::nullopt;
    }
    try {
        return parse_receipt(util::read_small_file(path, kMaximumReceiptBytes));
    } catch (const util::Error&) {
        return std::nullopt;
    }
}

void write_receipt(const std::filesystem::path& path, const Receipt& receipt) {
    std::error_code status;
    std::filesystem::create_directories(path.parent_path(), status);
    if (status) {
        throw util::Error(util::ErrorKind::disk,
                          fmt::format("cannot create the folder {}: {}; choose another one with "
                                      "--output-directory or ERAWISE_OUTPUT_DIRECTORY",
                                      path.parent_path().string(), status.message()));
    }
    const ordered_json object = {{"round", receipt.round},
                                 {"model", receipt.model},
                                 {"model_id", receipt.model_id},
                                 {"state", name_of(receipt.state)},
                                 {"submission_id", receipt.submission_id},
                                 {"sha256", receipt.sha256},
                                 {"filename", receipt.filename},
                                 {"trigger_id", receipt.trigger_id},
                                 {"time", receipt.time}};
    util::write_atomically(
        path, object.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

void remove_receipt(const std::filesystem::path& path) {
    std::error_code status;
    std::filesystem::remove(path, status);
    if (status) {
        throw util::Error(util::ErrorKind::disk,
                          fmt::format("cannot remove {}: {}", path.string(), status.message()));
    }
}

}  // namespace erawise::submit
