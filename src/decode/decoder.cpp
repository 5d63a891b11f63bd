#include "decode/decoder.h"

namespace erawise::decode {

bool is_feature_name(std::string_view column) {
    return column.starts_with("feature_");
}

bool is_target_name(std::string_view column) {
    return column == "target" || column.starts_with("target_");
}

}  // namespace erawise::decode
