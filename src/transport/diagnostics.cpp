#include "transport/diagnostics.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>

#include "transport/answer_fields.h"

namespace erawise::transport {
namespace {

using nlohmann::json;

void read_numbers(const json& object, std::span<const DiagnosticsField> fields,
                  std::span<std::optional<double>> numbers) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        numbers[i] = number_of(object, fields[i].field);
    }
}

std::vector<EraDiagnostics> eras_of(const json& run) {
    std::vector<EraDiagnostics> eras;
    const json* const list = find_field(run, "perEraDiagnostics");
    if (list == nullptr || !list->is_array()) {
        return eras;
    }
    for (const json& item : *list) {
        if (item.is_object()) {
            EraDiagnostics& era = eras.emplace_back();
            era.era = text_of(item, "era");
            read_numbers(item, kEraFields, era.numbers);
        }
    }
    return eras;
}

Diagnostics run_of(const json& item) {
    Diagnostics run;
    run.id = text_of(item, "id");
    run.filename = text_of(item, "filename");
    run.status = text_of(item, "status");
    run.message = text_of(item, "message");
    run.updated_at = text_of(item, "updatedAt");
    run.eras_accepted = integer_of(item, "erasAcceptedCount");
    if (const json* const trained = find_field(item, "trainedOnVal");
        trained != nullptr && trained->is_boolean()) {
        run.trained_on_validation = trained->get<bool>();
    }
    read_numbers(item, kSummaryFields, run.summary);
    run.eras = eras_of(item);
    return run;
}

}  // namespace

std::optional<std::vector<Diagnostics>> parse_diagnostics(const json& list) {
    std::vector<Diagnostics> runs;
    if (list.is_null()) {
        return runs;
    }
    if (!list.is_array()) {
        return std::nullopt;
    }
    for (const json& item : list) {
        if (item.is_object()) {
            runs.push_back(run_of(item));
        } else if (!item.is_null()) {
            return std::nullopt;
        }
    }
    return runs;
}

}  // namespace erawise::transport
