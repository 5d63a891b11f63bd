#pragma once

#include <filesystem>
#include <string>

#include "support/temporary_folder.h"
#include "transport/api_test.h"

namespace erawise::test {

/// What uploads have in common: a file of two rows, and the server's answers.
class UploadTest : public ApiTest {
  protected:
    static constexpr const char* kCsv = "id,prediction\nn1,0.25\nn2,0.75\n";
    static constexpr const char* kUploaded = "server-name.csv";

    UploadTest() : ApiTest(std::chrono::seconds(30), 0.9, "P", "S") {}

    void answer_auth(const std::string& url = "https://store.example/put?X-Amz-Signature=secret") {
        http_.answer(200, std::string(R"({"data":{"answer":{"filename":")") + kUploaded +
                              R"(","url":")" + url + R"("}}})");
    }
    void answer_created(const std::string& id) {
        http_.answer(200, R"({"data":{"answer":{"id":")" + id + R"("}}})");
    }
    void answer_error(const std::string& message) {
        http_.answer(200, R"({"errors":[{"message":")" + message + R"("}]})");
    }
    void answer_an_upload() {
        answer_auth();
        http_.answer(200, "");
    }
    [[nodiscard]] std::filesystem::path predictions() const { return folder_.write("p.csv", csv_); }

    std::string csv_ = kCsv;
    TemporaryFolder folder_;
};

}  // namespace erawise::test
