#include "submit/create_once.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "util/error.h"

namespace erawise::submit {
namespace {

using util::Error;
using util::ErrorKind;

/// The last answer may have been lost as well, or tell no id. The first error tells more than one
/// of asking.
std::optional<std::string> find_after_all(const Creation& creation) {
    try {
        return creation.find();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::network) {
            throw;
        }
        return std::nullopt;
    }
}

}  // namespace

std::string create_once(transport::Retrier& retrier, const Creation& creation) {
    bool tried = false;
    const auto attempt = [&]() -> transport::Attempt<std::string> {
        if (std::exchange(tried, true)) {
            if (auto id = creation.find()) {
                spdlog::info("the answer was lost, but {}", creation.arrived);
                return *std::move(id);
            }
        }
        return creation.create();
    };
    try {
        const std::string id = retrier.run(creation.what, attempt);
        return id.empty() ? find_after_all(creation).value_or("") : id;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::network) {
            throw;
        }
        if (auto id = find_after_all(creation)) {
            return *std::move(id);
        }
        throw;
    }
}

}  // namespace erawise::submit
