#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace erawise::infer {

/// How rows reach a booster. Some kinds take them only by way of a matrix of the library's own.
enum class RowPassing : std::uint8_t { in_place, copied };

/// libxgboost, opened at run time, and only when its engine is used: its code alone takes 5 MiB of
/// resident memory, which a job under a small cap that predicts otherwise should not pay.
///
/// Thread-safe. Errors: Error(model) with the library's own text.
class XgboostLibrary {
  public:
    /// Error(disk) when the library is not installed.
    static std::shared_ptr<const XgboostLibrary> open();

    virtual ~XgboostLibrary() = default;

    /// "3.3.0".
    [[nodiscard]] virtual std::string version() const = 0;

    /// A booster whose predictions may be asked from many threads at a time; each call uses the
    /// calling thread only.
    class Booster {
      public:
        virtual ~Booster() = default;

        /// Prediction of `rows` x `columns` float32 values, row by row; NaN is missing.
        /// Uses boosting rounds [0, `end_iteration`), all of them when it is 0. The result belongs
        /// to the library and stands until the calling thread predicts again.
        [[nodiscard]] virtual std::span<const float> predict(const float* matrix, std::size_t rows,
                                                             std::size_t columns,
                                                             unsigned end_iteration) const = 0;

        /// The same for a data frame: a JSON array with the array interface of each column, or, for
        /// categories, with a pair of the categories' and the codes'. In place.
        [[nodiscard]] virtual std::span<const float> predict_frame(
            const std::string& columns, std::size_t rows, unsigned end_iteration) const = 0;
    };
    /// Whatever the file is called, and with or without a byte order mark.
    [[nodiscard]] virtual std::unique_ptr<Booster> load(const std::filesystem::path& path,
                                                        RowPassing passing) const = 0;
};

}  // namespace erawise::infer
