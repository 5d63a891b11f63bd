#include "transport/numerai_operations.h"

namespace erawise::transport {

std::string ApiOperation::text(Naming naming) const {
    constexpr std::string_view mark = "ROOT";
    std::string text(query);
    text.replace(text.find(mark), mark.size(),
                 naming == Naming::camel_case ? std::string(root) : snake_case(root));
    return text;
}

std::string snake_case(std::string_view camel_case) {
    std::string snake;
    for (const char c : camel_case) {
        if (c >= 'A' && c <= 'Z') {
            snake += '_';
            snake += static_cast<char>(c - 'A' + 'a');
        } else {
            snake += c;
        }
    }
    return snake;
}

}  // namespace erawise::transport
