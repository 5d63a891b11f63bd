#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace erawise::submit {

enum class ReceiptState : std::uint8_t {
    begun,    ///< uploaded; the creation was asked for, and its answer is not known
    accepted  ///< Numerai gave it an id
};

/// What was submitted for one model in one round: kept as RECEIPTS/ROUND-MODEL.json, so that a
/// rerun sends nothing twice. It is written before the creation is asked for, and again after.
struct Receipt {
    int round = 0;
    std::string model;
    std::string model_id;
    std::string sha256;         ///< of the submission file
    std::string filename;       ///< the server's name for it
    std::string submission_id;  ///< empty while begun
    std::string trigger_id;     ///< TRIGGER_ID that was passed on; empty when there was none
    std::string time;           ///< UTC, ISO 8601
    ReceiptState state = ReceiptState::begun;

    bool operator==(const Receipt&) const = default;
};

/// "812-my_model.json" in `folder`.
std::filesystem::path receipt_path(const std::filesystem::path& folder, int round,
                                   const std::string& model);

/// Empty when there is none, or when it cannot be read.
std::optional<Receipt> read_receipt(const std::filesystem::path& path);

/// Makes the folder, then the file: whole, or not at all. Error(disk).
void write_receipt(const std::filesystem::path& path, const Receipt& receipt);

/// As if it had never been written. Error(disk).
void remove_receipt(const std::filesystem::path& path);

/// A name with everything but letters, digits and '_' replaced, as part of a file's name.
std::string plain_name(std::string name);

}  // namespace erawise::submit
