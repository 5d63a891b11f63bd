#include "acquire/download.h"

#include <gmock/gmock.h>

#include <vector>

#include "acquire/download_record.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "transport/fake_clock.h"
#include "transport/fake_http_client.h"

namespace erawise::acquire {
namespace {

using namespace std::chrono_literals;
using test::expect_error;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using util::ErrorKind;

namespace fs = std::filesystem;

constexpr const char* kNotOpen =
    R"({"errors":[{"message":"Current round not open for submissions"}]})";

class DownloadTest : public testing::Test {
  protected:
    void offer(const std::string& key = "20260327/v5.3/live.parquet") {
        http_.answer(200, R"({"data":{"answer":"https://store.example/)" + key +
                              R"(?X-Amz-Signature=secret"}})");
    }
    void deliver(const std::string& body, const std::string& etag,
                 std::optional<std::size_t> length = std::nullopt) {
        http_.answer(
            200, body,
            {{"Content-Length", std::to_string(length.value_or(body.size()))}, {"ETag", etag}});
    }
    DownloadedFile download(std::optional<int> round = 812) {
        return download_dataset(api_, http_, retrier_,
                                {.file = "v5.3/live.parquet",
                                 .directory = folder_.path(),
                                 .round = round,
                                 .progress = [this](auto bytes, auto) { seen_.push_back(bytes); }});
    }
    /// A file that is there before the download.
    void place(const std::string& name, const std::string& text) {
        fs::create_directories(target().parent_path());
        folder_.write("v5.3/" + name, text);
    }
    [[nodiscard]] fs::path target() const { return folder_.path() / "v5.3/live.parquet"; }
    [[nodiscard]] bool part_is_there() const { return fs::exists(target().string() + ".part"); }

    test::TemporaryFolder folder_;
    test::FakeClock clock_;
    test::FakeHttpClient http_;
    transport::Retrier retrier_{
        {.initial = 1s, .maximum = 5s, .budget = 30s}, clock_, test::constant(0.9)};
    transport::NumeraiApi api_{http_, retrier_, {.url = "https://api.example", .credentials = {}}};
    std::vector<std::uint64_t> seen_;
};

TEST_F(DownloadTest, WritesFileAndRecord) {
    offer();
    deliver("PAR1dataPAR1", "\"e1\"");
    const auto file = download();
    EXPECT_EQ(file.path, target());
    EXPECT_EQ(file.bytes_downloaded, 12u);
    EXPECT_EQ(file.total_bytes, 12u);
    EXPECT_EQ(file.object_key, "20260327/v5.3/live.parquet");
    EXPECT_FALSE(file.reused);
    EXPECT_EQ(test::read_file(target()), "PAR1dataPAR1");
    EXPECT_EQ(seen_.back(), 12u);
    EXPECT_FALSE(part_is_there());
    const DownloadRecord record{file.object_key, "\"e1\"", 12, 812};
    EXPECT_EQ(read_record(target()), record);
}

TEST_F(DownloadTest, TheStoreNeverSeesAKey) {
    transport::NumeraiApi api(
        http_, retrier_,
        {.url = "https://api.example",
         .credentials = transport::Credentials{util::Secret("P"), util::Secret("S")}});
    offer();
    deliver("x", "e");
    download_dataset(api, http_, retrier_, {.file = "a", .directory = folder_.path()});
    ASSERT_THAT(http_.sent(), SizeIs(2));
    EXPECT_EQ(http_.sent()[1].authorization, "");
}

TEST_F(DownloadTest, TheSameObjectIsNotDownloadedAgain) {
    offer();
    deliver("first", "\"e1\"");
    download();
    offer();
    deliver("first", "\"e1\"");
    const auto again = download();
    EXPECT_TRUE(again.reused);
    EXPECT_EQ(again.bytes_downloaded, 0u);
    EXPECT_EQ(again.total_bytes, 5u);
}

TEST_F(DownloadTest, AnotherObjectOfTheSameSizeReplacesTheFile) {
    for (const auto& [key, etag, body] :
         {std::tuple("1/live", "e1", "first"), std::tuple("1/live", "e2", "other"),
          std::tuple("2/live", "e2", "third")}) {
        offer(key);
        deliver(body, etag);
        EXPECT_FALSE(download().reused);
        EXPECT_EQ(test::read_file(target()), body);
    }
}

TEST_F(DownloadTest, AFileOfAnotherSizeThanItsRecordIsReplaced) {
    offer();
    deliver("first", "e1");
    download();
    place("live.parquet", "fir");
    offer();
    deliver("first", "e1");
    EXPECT_FALSE(download().reused);
    EXPECT_EQ(test::read_file(target()), "first");
}

TEST_F(DownloadTest, AFileWithoutARecordIsReplaced) {
    place("live.parquet", "stale");
    offer();
    deliver("fresh", "e1");
    EXPECT_FALSE(download().reused);
    EXPECT_EQ(test::read_file(target()), "fresh");
}

TEST_F(DownloadTest, AStalePartIsOverwritten) {
    place("live.parquet.part", "a much longer stale part");
    offer();
    deliver("fresh", "e1");
    download();
    EXPECT_EQ(test::read_file(target()), "fresh");
    EXPECT_FALSE(part_is_there());
}

TEST_F(DownloadTest, ARefusedUrlIsReplacedByANewOne) {
    offer("old/live");
    http_.answer(403, "<Error><Code>AccessDenied</Code></Error>");
    offer("new/live");
    deliver("fresh", "e1");
    EXPECT_EQ(download().object_key, "new/live");
}

TEST_F(DownloadTest, AShortBodyIsDownloadedAgain) {
    offer();
    deliver("hal", "e1", 5);
    offer();
    deliver("whole", "e1");
    download();
    EXPECT_EQ(test::read_file(target()), "whole");
    EXPECT_THAT(clock_.sleeps(), SizeIs(1));
}

TEST_F(DownloadTest, ABodyOfUnknownLengthIsNotTrusted) {
    offer();
    http_.answer(200, "maybe", {{"ETag", "e"}});
    offer();
    deliver("whole", "e1");
    download();
    EXPECT_EQ(test::read_file(target()), "whole");
}

TEST_F(DownloadTest, APartOfTheFileIsNotTheFile) {
    offer();
    http_.answer(206, "half", {{"Content-Length", "4"}});
    offer();
    deliver("whole", "e1");
    download();
    EXPECT_EQ(test::read_file(target()), "whole");
}

TEST_F(DownloadTest, GivingUpLeavesTheOldFileAndNoPart) {
    offer();
    deliver("first", "e1");
    download();
    for (int i = 0; i < 50; ++i) {
        offer();
        deliver("hal", "e2", 5);
    }
    const auto message = expect_error(ErrorKind::network, [&] { download(); });
    EXPECT_THAT(message, AllOf(HasSubstr("download v5.3/live.parquet: gave up"),
                               HasSubstr("3 of 5 bytes arrived"), Not(HasSubstr("secret"))));
    EXPECT_EQ(test::read_file(target()), "first");
    EXPECT_TRUE(read_record(target()));
    EXPECT_FALSE(part_is_there());
}

TEST_F(DownloadTest, WhatTheStoreDoesNotHaveIsRejectedAtOnce) {
    offer();
    http_.answer(404, "<Error/>");
    const auto message = expect_error(ErrorKind::rejected, [&] { download(); });
    EXPECT_THAT(message, AllOf(HasSubstr("v5.3/live.parquet"), HasSubstr("HTTP 404"),
                               Not(HasSubstr("secret"))));
}

TEST_F(DownloadTest, InAnOpenRoundLateDataIsWaitedFor) {
    http_.answer(200, kNotOpen);
    offer();
    deliver("data", "e1");
    EXPECT_EQ(download(812).total_bytes, 4u);
    EXPECT_THAT(clock_.sleeps(), SizeIs(1));
}

TEST_F(DownloadTest, OutsideARoundThereIsNothingToWaitFor) {
    http_.answer(200, kNotOpen);
    EXPECT_THAT(expect_error(ErrorKind::rejected, [&] { download(std::nullopt); }),
                HasSubstr("no round is open"));
}

TEST_F(DownloadTest, ABadNameSendsNothing) {
    expect_error(ErrorKind::usage, [&] {
        download_dataset(api_, http_, retrier_,
                         {.file = "../secrets", .directory = folder_.path()});
    });
    EXPECT_THAT(http_.sent(), IsEmpty());
}

TEST_F(DownloadTest, AFolderThatCannotBeMadeIsDiskError) {
    const auto blocker = folder_.write("file", "x");
    offer();
    deliver("data", "e1");
    const auto message = expect_error(ErrorKind::disk, [&] {
        download_dataset(api_, http_, retrier_, {.file = "v5.3/live", .directory = blocker});
    });
    EXPECT_THAT(message, HasSubstr("ERAWISE_DATA_DIRECTORY"));
}

TEST(DownloadRecord, AnUnreadableOneIsNone) {
    const test::TemporaryFolder folder;
    const auto data = folder.write("live", "12345");
    EXPECT_FALSE(read_record(data));
    for (const char* const text : {"", "{", "[]", "{}", R"({"object_key":1,"etag":"e","length":5})",
                                   R"({"object_key":"k","etag":"e","length":4})"}) {
        folder.write("live.meta.json", text);
        EXPECT_FALSE(read_record(data)) << text;
    }
    folder.write("live.meta.json", R"({"object_key":"k","etag":"e","length":5})");
    EXPECT_TRUE(read_record(data));
}

}  // namespace
}  // namespace erawise::acquire
