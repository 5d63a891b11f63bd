#include "infer/engines/xgboost_library.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <xgboost/c_api.h>

#include <memory>
#include <optional>

#include "infer/formats/model_file.h"
#include "infer/formats/model_signature.h"
#include "util/allocator.h"
#include "util/error.h"
#include "util/shared_library.h"

namespace erawise::infer {
namespace {

/// The functions that we call, under their own names.
struct Functions {
    decltype(&XGBoostVersion) version;
    decltype(&XGBGetLastError) last_error;
    decltype(&XGBRegisterLogCallback) register_log_callback;
    decltype(&XGBoosterCreate) create;
    decltype(&XGBoosterFree) free;
    decltype(&XGBoosterSetParam) set_param;
    decltype(&XGBoosterLoadModelFromBuffer) load_model;
    decltype(&XGBoosterPredictFromDense) predict_from_dense;
    decltype(&XGBoosterPredictFromColumnar) predict_from_columns;
    decltype(&XGBoosterPredictFromDMatrix) predict_from_matrix;
    decltype(&XGDMatrixCreateFromDense) create_matrix;
    decltype(&XGDMatrixFree) free_matrix;
};

Functions look_up_all(const util::SharedLibrary& library) {
    Functions functions{};
    library.look_up("XGBoostVersion", functions.version);
    library.look_up("XGBGetLastError", functions.last_error);
    library.look_up("XGBRegisterLogCallback", functions.register_log_callback);
    library.look_up("XGBoosterCreate", functions.create);
    library.look_up("XGBoosterFree", functions.free);
    library.look_up("XGBoosterSetParam", functions.set_param);
    library.look_up("XGBoosterLoadModelFromBuffer", functions.load_model);
    library.look_up("XGBoosterPredictFromDense", functions.predict_from_dense);
    library.look_up("XGBoosterPredictFromColumnar", functions.predict_from_columns);
    library.look_up("XGBoosterPredictFromDMatrix", functions.predict_from_matrix);
    library.look_up("XGDMatrixCreateFromDense", functions.create_matrix);
    library.look_up("XGDMatrixFree", functions.free_matrix);
    return functions;
}

extern "C" void on_log(const char* message) {
    try {
        spdlog::debug("libxgboost: {}", message);
    } catch (...) {  // must not cross the library's C interface
    }
}

/// The first line of the library's message: a stack trace follows.
std::string first_line(const char* text) {
    const std::string_view all(text);
    return std::string(all.substr(0, all.find('\n')));
}

void check(const Functions& functions, int code, std::string_view action) {
    if (code != 0) {
        throw util::Error(util::ErrorKind::model, fmt::format("libxgboost cannot {}: {}", action,
                                                              first_line(functions.last_error())));
    }
}

class LoadedBooster final : public XgboostLibrary::Booster {
  public:
    LoadedBooster(const Functions& functions, const std::filesystem::path& path, RowPassing passing)
        : functions_(functions), passing_(passing) {
        check(functions_, functions_.create(nullptr, 0, &handle_), "create a booster");
        try {
            // Our own threads predict blocks of rows side by side, one thread to a call: that is
            // 0.9 to 1.6 x as fast as the library's threads on one large matrix, which would have
            // to be in memory.
            check(functions_, functions_.set_param(handle_, "nthread", "1"), "set nthread");
            load(path);
        } catch (...) {
            functions_.free(handle_);
            throw;
        }
        util::give_back_freed_memory();  // the parsed document, two thirds of the peak, goes back
                                         // to the kernel
        blocks_of_calls_.emplace();
    }
    ~LoadedBooster() override { functions_.free(handle_); }
    LoadedBooster(const LoadedBooster&) = delete;
    LoadedBooster& operator=(const LoadedBooster&) = delete;

    [[nodiscard]] std::span<const float> predict(const float* matrix, std::size_t rows,
                                                 std::size_t columns,
                                                 unsigned end_iteration) const override;

    [[nodiscard]] std::span<const float> predict_frame(const std::string& columns, std::size_t rows,
                                                       unsigned end_iteration) const override;

  private:
    void load(const std::filesystem::path& path);

    /// What a prediction call fills in.
    struct Output {
        const bst_ulong* shape = nullptr;
        bst_ulong dimensions = 0;
        const float* values = nullptr;
    };
    [[nodiscard]] static std::span<const float> one_per_row(const Output& output, std::size_t rows);
    void predict_in_place(const char* array, const char* configuration, Output& output) const;
    void predict_copied(const char* array, const char* configuration, Output& output) const;

    Functions functions_;
    RowPassing passing_;
    BoosterHandle handle_ = nullptr;
    /// A call of the library allocates some hundred bytes for each tree, 0.6 MiB for 2000. Mapped
    /// anew and given back each time, as blocks of that size are by main()'s policy, that is a
    /// quarter of the time that 496 rows take: what a call frees waits for the next one, until the
    /// last booster is gone. Not before it is loaded: the document goes back.
    std::optional<util::KeepFreedBlocks> blocks_of_calls_;
};

/// The library would go by the file's name, and read the whole file, too.
void LoadedBooster::load(const std::filesystem::path& path) {
    ModelFile file(path, nullptr);
    const std::size_t mark = byte_order_mark_bytes(read_beginning(file.stream()));
    file.stream().seekg(0, std::ios::end);
    const std::streamoff end = file.stream().tellg();
    std::string document(static_cast<std::size_t>(end) - mark, '\0');
    file.stream().seekg(static_cast<std::streamoff>(mark));
    file.stream().read(document.data(), static_cast<std::streamsize>(document.size()));
    check(functions_, functions_.load_model(handle_, document.data(), document.size()),
          fmt::format("load {}", path.string()));
}

void LoadedBooster::predict_in_place(const char* array, const char* configuration,
                                     Output& output) const {
    check(functions_,
          functions_.predict_from_dense(handle_, array, configuration, nullptr, &output.shape,
                                        &output.dimensions, &output.values),
          "predict");
}

void LoadedBooster::predict_copied(const char* array, const char* configuration,
                                   Output& output) const {
    DMatrixHandle matrix = nullptr;
    check(functions_, functions_.create_matrix(array, R"({"missing":NaN,"nthread":1})", &matrix),
          "take rows");
    const auto free = [this](DMatrixHandle handle) { functions_.free_matrix(handle); };
    const std::unique_ptr<void, decltype(free)> owner(matrix, free);
    check(functions_,
          functions_.predict_from_matrix(handle_, matrix, configuration, &output.shape,
                                         &output.dimensions, &output.values),
          "predict");
}

/// https://xgboost.readthedocs.io/en/stable/c.html, XGBoosterPredictFromDense and
/// XGBoosterPredictFromDMatrix: the matrix comes as a NumPy array interface, the configuration as
/// JSON.
std::string configuration_of(unsigned end_iteration) {
    return fmt::format(R"({{"type":0,"training":false,"iteration_begin":0,"iteration_end":{},)"
                       R"("strict_shape":false,"missing":NaN,"cache_id":0}})",
                       end_iteration);
}

std::span<const float> LoadedBooster::predict(const float* matrix, std::size_t rows,
                                              std::size_t columns, unsigned end_iteration) const {
    const std::string array =
        fmt::format(R"({{"data":[{},true],"shape":[{},{}],"typestr":"<f4","version":3}})",
                    reinterpret_cast<std::uintptr_t>(matrix), rows, columns);
    const std::string configuration = configuration_of(end_iteration);
    Output output;
    if (passing_ == RowPassing::in_place) {
        predict_in_place(array.c_str(), configuration.c_str(), output);
    } else {
        predict_copied(array.c_str(), configuration.c_str(), output);
    }
    return one_per_row(output, rows);
}

/// XGBoosterPredictFromColumnar.
std::span<const float> LoadedBooster::predict_frame(const std::string& columns, std::size_t rows,
                                                    unsigned end_iteration) const {
    const std::string configuration = configuration_of(end_iteration);
    Output output;
    check(functions_,
          functions_.predict_from_columns(handle_, columns.c_str(), configuration.c_str(), nullptr,
                                          &output.shape, &output.dimensions, &output.values),
          "predict a data frame");
    return one_per_row(output, rows);
}

std::span<const float> LoadedBooster::one_per_row(const Output& output, std::size_t rows) {
    std::size_t values = 1;
    for (bst_ulong i = 0; i < output.dimensions; ++i) {
        values *= output.shape[i];
    }
    if (values != rows) {
        throw util::Error(util::ErrorKind::model,
                          fmt::format("libxgboost gave {} values for {} rows; a submission needs "
                                      "one per row",
                                      values, rows));
    }
    return {output.values, rows};
}

class OpenedLibrary final : public XgboostLibrary {
  public:
    OpenedLibrary()
        : functions_(look_up_all(
              util::SharedLibrary("libxgboost.so.3", "install libxgboost 3 (the image has it)"))) {
        functions_.register_log_callback(on_log);
    }

    [[nodiscard]] std::string version() const override {
        int major = 0;
        int minor = 0;
        int patch = 0;
        functions_.version(&major, &minor, &patch);
        return fmt::format("{}.{}.{}", major, minor, patch);
    }
    [[nodiscard]] std::unique_ptr<Booster> load(const std::filesystem::path& path,
                                                RowPassing passing) const override {
        return std::make_unique<LoadedBooster>(functions_, path, passing);
    }

  private:
    Functions functions_;
};

}  // namespace

std::shared_ptr<const XgboostLibrary> XgboostLibrary::open() {
    return std::make_shared<OpenedLibrary>();
}

}  // namespace erawise::infer
