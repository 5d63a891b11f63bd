#include "transport/api_operation.h"

namespace erawise::transport {

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

std::string spelled(std::string_view camel_case, Naming naming) {
    return naming == Naming::camel_case ? std::string(camel_case) : snake_case(camel_case);
}

}  // namespace erawise::transport
