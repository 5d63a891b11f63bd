#include "acquire/download.h"

#include <gmock/gmock.h>

#include <vector>

#include "acquire/download_record.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "transport/fake_clock.h"
#include "transport/fake_http_client.h"
#include "util/lock_file.h"

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
    void offer(const std::string& key = "20260327/v5.3/live.csv") {
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
        DownloadOptions options{.file = file_,
                                .directory = folder_.path(),
                                .freshness = freshness_,
                                .url = url_,
                                .result = result_,
                                .progress = [this](auto bytes, auto) { seen_.push_back(bytes); }};
        if (round) {
            options.round.emplace().number = *round;
            options.round->data_datestamp = 20260327;
        }
        return download_dataset(api_, http_, retrier_, options);
    }
    /// Some bytes of the file arrive, then the connection ends.
    void deliver_first(const std::string& bytes, std::size_t length, const std::string& etag) {
        http_.cut(200, bytes, {{"Content-Length", std::to_string(length)}, {"ETag", etag}});
    }
    void deliver_rest(const std::string& bytes, const std::string& range, const std::string& etag) {
        http_.answer(206, bytes,
                     {{"Content-Length", std::to_string(bytes.size())},
                      {"Content-Range", range},
                      {"ETag", etag}});
    }
    /// The value of a header of the last request but `back`; empty when it was not sent.
    [[nodiscard]] std::string sent_header(const std::string& name, std::size_t back = 0) const {
        const auto& sent = http_.sent();
        for (const auto& header : sent.at(sent.size() - 1 - back).headers) {
            if (header.name == name) {
                return header.value;
            }
        }
        return {};
    }
    /// A presigned URL that is good for this long from the start of the test on.
    static std::string lasting(int seconds) {
        return "https://store.example/20260327/v5.3/live.csv?X-Amz-Date=20260327T120000Z"
               "&X-Amz-Expires=" +
               std::to_string(seconds);
    }
    /// A file that is there before the download.
    void place(const std::string& name, const std::string& text) {
        fs::create_directories(target().parent_path());
        folder_.write("v5.3/" + name, text);
    }
    [[nodiscard]] fs::path target() const { return folder_.path() / "v5.3/live.csv"; }
    [[nodiscard]] bool part_is_there() const { return fs::exists(target().string() + ".part"); }

    test::TemporaryFolder folder_;
    test::FakeClock clock_;
    test::FakeHttpClient http_;
    transport::Retrier retrier_{
        {.initial = 1s, .maximum = 5s, .budget = 30s}, clock_, test::constant(0.9)};
    transport::NumeraiApi api_{http_, retrier_, {.url = "https://api.example", .credentials = {}}};
    std::vector<std::uint64_t> seen_;
    std::string file_ = "v5.3/live.csv";
    DownloadResult result_ = DownloadResult::kept;
    Freshness freshness_ = Freshness::strict;
    std::string url_;
};

TEST_F(DownloadTest, WritesFileAndRecord) {
    offer();
    deliver("PAR1dataPAR1", "\"e1\"");
    const auto file = download();
    EXPECT_EQ(file.path, target());
    EXPECT_EQ(file.bytes_downloaded, 12u);
    EXPECT_EQ(file.total_bytes, 12u);
    EXPECT_EQ(file.object_key, "20260327/v5.3/live.csv");
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
    place("live.csv", "fir");
    offer();
    deliver("first", "e1");
    EXPECT_FALSE(download().reused);
    EXPECT_EQ(test::read_file(target()), "first");
}

TEST_F(DownloadTest, AFileWithoutARecordIsReplaced) {
    place("live.csv", "stale");
    offer();
    deliver("fresh", "e1");
    EXPECT_FALSE(download().reused);
    EXPECT_EQ(test::read_file(target()), "fresh");
}

TEST_F(DownloadTest, AStalePartIsOverwritten) {
    place("live.csv.part", "a much longer stale part");
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

TEST_F(DownloadTest, GivingUpLeavesTheOldFile) {
    offer();
    deliver("first", "e1");
    download();
    for (int i = 0; i < 50; ++i) {
        offer();
        deliver("hal", "e2", 5);
    }
    const auto message = expect_error(ErrorKind::network, [&] { download(); });
    EXPECT_THAT(message, AllOf(HasSubstr("download v5.3/live.csv: gave up"),
                               HasSubstr("3 of 5 bytes arrived"), Not(HasSubstr("secret"))));
    EXPECT_EQ(test::read_file(target()), "first");
    EXPECT_TRUE(read_record(target()));
}

TEST_F(DownloadTest, WhatTheStoreDoesNotHaveIsRejectedAtOnce) {
    offer();
    http_.answer(404, "<Error/>");
    const auto message = expect_error(ErrorKind::rejected, [&] { download(std::nullopt); });
    EXPECT_THAT(message,
                AllOf(HasSubstr("v5.3/live.csv"), HasSubstr("HTTP 404"), Not(HasSubstr("secret"))));
}

TEST_F(DownloadTest, InAnOpenRoundLateDataIsWaitedFor) {
    http_.answer(200, kNotOpen);
    offer();
    deliver("data", "e1");
    EXPECT_EQ(download(812).total_bytes, 4u);
    EXPECT_THAT(clock_.sleeps(), SizeIs(1));
}

/// URLs are signed whether there is a file or not.
TEST_F(DownloadTest, InAnOpenRoundWhatTheStoreDoesNotHaveYetIsWaitedFor) {
    offer();
    http_.answer(404, "<Error/>");
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

TEST_F(DownloadTest, WhatWasCutOffIsContinued) {
    offer();
    deliver_first("abc", 7, "\"e1\"");
    offer();
    deliver_rest("defg", "bytes 3-6/7", "\"e1\"");
    const auto file = download();
    EXPECT_EQ(test::read_file(target()), "abcdefg");
    EXPECT_EQ(sent_header("Range"), "bytes=3-");
    EXPECT_EQ(sent_header("If-Range"), "\"e1\"");
    EXPECT_EQ(file.bytes_downloaded, 4u);
    EXPECT_EQ(seen_.back(), 7u);
    const DownloadRecord record{"20260327/v5.3/live.csv", "\"e1\"", 7, 812};
    EXPECT_EQ(read_record(target()), record);
    EXPECT_EQ(folder_.files(), 1u);
}

TEST_F(DownloadTest, TheNextRunContinuesWhatGaveUp) {
    for (int i = 0; i < 50; ++i) {
        offer();
        i == 0 ? deliver_first("abc", 7, "e1") : http_.lose_answer();
    }
    expect_error(ErrorKind::network, [&] { download(); });
    EXPECT_TRUE(part_is_there());

    test::FakeHttpClient next;
    transport::NumeraiApi api(next, retrier_, {.url = "https://api.example", .credentials = {}});
    next.answer(200, R"({"data":{"answer":"https://store.example/20260327/v5.3/live.csv"}})");
    next.answer(206, "defg", {{"Content-Range", "bytes 3-6/7"}, {"ETag", "e1"}});
    download_dataset(api, next, retrier_, {.file = file_, .directory = folder_.path()});
    EXPECT_EQ(test::read_file(target()), "abcdefg");
}

TEST_F(DownloadTest, AnObjectThatChangedMeanwhileStartsOver) {
    offer();
    deliver_first("abc", 7, "e1");
    offer();
    deliver("NEWFILE", "e2");  // If-Range did not hold
    download();
    EXPECT_EQ(test::read_file(target()), "NEWFILE");
    EXPECT_EQ(read_record(target())->etag, "e2");
}

TEST_F(DownloadTest, AnotherKeyIsNotContinued) {
    offer("20260327/v5.3/live.csv");
    deliver_first("abc", 7, "e1");
    offer("other/20260327/v5.3/live.csv");
    deliver("abcdefg", "e1");
    download();
    EXPECT_EQ(sent_header("Range"), "");
}

TEST_F(DownloadTest, APartIsContinuedByItsOwnRestOnly) {
    for (const auto& [range, etag] :
         {std::pair("bytes 2-6/7", "e1"), std::pair("bytes 3-6/8", "e1"),
          std::pair("bytes 3-5/7", "e1"), std::pair("", "e1"), std::pair("bytes 3-6/7", "e2")}) {
        fs::remove_all(target().parent_path());
        offer();
        deliver_first("abc", 7, "e1");
        offer();
        deliver_rest("xxxx", range, etag);
        offer();
        deliver("abcdefg", "e1");
        download();
        EXPECT_EQ(test::read_file(target()), "abcdefg") << range << ' ' << etag;
        EXPECT_EQ(sent_header("Range"), "");
    }
}

TEST_F(DownloadTest, AnObjectWithoutAStrongTagStartsOver) {
    for (const char* const etag : {"", "W/\"e1\""}) {
        offer();
        deliver_first("abc", 7, etag);
        offer();
        deliver("abcdefg", etag);
        download();
        EXPECT_EQ(sent_header("Range"), "");
    }
}

TEST_F(DownloadTest, APartThatIsCompleteAsksForItsLastByteAgain) {
    offer();
    deliver_first("abcdefg", 7, "e1");
    offer();
    deliver_rest("g", "bytes 6-6/7", "e1");
    download();
    EXPECT_EQ(test::read_file(target()), "abcdefg");
}

TEST_F(DownloadTest, APartThatIsLongerThanTheFileStartsOver) {
    offer();
    deliver_first("abc", 7, "e1");
    offer();
    http_.answer(416, "<Error/>", {{"Content-Range", "bytes */2"}});
    offer();
    deliver("ab", "e2");
    download();
    EXPECT_EQ(test::read_file(target()), "ab");
}

TEST_F(DownloadTest, APartOfBeforeTheMachineStartedAnewStartsOver) {
    place("live.csv.part", "abc");
    write_record(target().string() + ".part", {.object_key = "20260327/v5.3/live.csv",
                                               .etag = "e1",
                                               .length = 7,
                                               .round = 812,
                                               .boot_id = "another start"});
    offer();
    deliver("abcdefg", "e1");
    download();
    EXPECT_EQ(sent_header("Range"), "");
}

TEST_F(DownloadTest, ACommitThatWasKilledHalfWayIsFinished) {
    place("live.csv", "abcdefg");
    write_record(target().string() + ".part",
                 {.object_key = "20260327/v5.3/live.csv", .etag = "e1", .length = 7, .round = 812});
    offer();
    deliver("abcdefg", "e1");
    EXPECT_TRUE(download().reused);
    EXPECT_FALSE(fs::exists(record_path(target().string() + ".part")));
}

TEST_F(DownloadTest, ProgressGivesTheBudgetBack) {
    std::string whole(40, 'x');
    for (int i = 0; i < 39; ++i) {  // takes far longer than the budget of 30 s
        offer();
        if (i == 0) {
            deliver_first("x", 40, "e1");
        } else {
            http_.cut(206, "x",
                      {{"Content-Range", "bytes " + std::to_string(i) + "-39/40"}, {"ETag", "e1"}});
        }
    }
    offer();
    deliver_rest("x", "bytes 39-39/40", "e1");
    download();
    EXPECT_EQ(test::read_file(target()), whole);
    EXPECT_GT(clock_.sleeps().size() * 900ms, 30s);
}

TEST_F(DownloadTest, AUrlIsUsedWhileItIsGoodForAMinute) {
    url_ = lasting(61);
    deliver_first("abc", 7, "e1");  // 0.9 s later it is not
    http_.answer(200, R"({"data":{"answer":")" + lasting(600) + R"("}})");
    http_.cut(206, "d", {{"Content-Range", "bytes 3-6/7"}, {"ETag", "e1"}});
    deliver_rest("efg", "bytes 4-6/7", "e1");
    clock_.advance(500ms);
    download();
    EXPECT_EQ(test::read_file(target()), "abcdefg");
    EXPECT_EQ(http_.count("dataset"), 1);
}

TEST_F(DownloadTest, ARefusedUrlIsNotUsedAgainThoughItHasTimeLeft) {
    url_ = lasting(600);
    http_.answer(403, "<Error><Message>Request has expired</Message></Error>");
    offer();
    deliver("abcdefg", "e1");
    download();
    EXPECT_EQ(http_.count("dataset"), 1);
}

TEST_F(DownloadTest, BothEndsOfAFileAreLookedAt) {
    using namespace std::string_literals;
    const std::string xz = "\xfd\x37\x7a\x58\x5a\x00"s;
    for (const auto& [file, bad, good] :
         {std::tuple("live.parquet", "PAR1....PARX"s, "PAR1....PAR1"s),
          std::tuple("live.parquet", "XAR1....PAR1"s, "PAR1....PAR1"s),
          std::tuple("live.parquet", "PAR1PAR1"s, "PAR1....PAR1"s),
          std::tuple("live.csv.xz", xz + "..", xz + "..YZ"),
          std::tuple("live.csv.xz", "..YZ"s, xz + "..YZ\0\0\0\0"s)}) {
        file_ = file;
        fs::remove(folder_ / file);
        offer("k/" + file_);
        deliver(bad, "e1");
        offer("k/" + file_);
        deliver(good, "e2");
        download();
        EXPECT_EQ(test::read_file(folder_ / file), good);
    }
}

TEST_F(DownloadTest, AFileThatIsDamagedInTheStoreIsNotDownloadedForEver) {
    file_ = "live.parquet";
    for (int i = 0; i < 2; ++i) {
        offer();
        deliver("PAR1........", "e1");
    }
    EXPECT_THAT(expect_error(ErrorKind::data, [&] { download(); }),
                AllOf(HasSubstr("truncated"), HasSubstr("Numerai's store")));
    EXPECT_FALSE(fs::exists(folder_ / "live.parquet"));
    EXPECT_EQ(folder_.files(), 0u);
}

TEST_F(DownloadTest, YesterdaysFileIsNotTheRoundsData) {
    for (const char* const key : {"20260326/v5.3/live.csv", "bucket/811/v5.3/live.csv"}) {
        offer(key);
    }
    offer("bucket/812/v5.3/live.csv");
    deliver("fresh", "e1");
    download(812);
    EXPECT_EQ(test::read_file(target()), "fresh");
    EXPECT_THAT(clock_.sleeps(), SizeIs(2));
}

TEST_F(DownloadTest, TheSameObjectAsInTheRoundBeforeIsNotTheRoundsData) {
    offer("k/v5.3/live.csv");
    deliver("old", "e1");
    download(811);
    offer("k/v5.3/live.csv");
    deliver("old", "e1");
    offer("k/v5.3/live.csv");
    deliver("new", "e2");
    EXPECT_FALSE(download(812).reused);
    EXPECT_EQ(test::read_file(target()), "new");
}

TEST_F(DownloadTest, WithWarnYesterdaysFileIsTaken) {
    freshness_ = Freshness::warn;
    offer("20260326/v5.3/live.csv");
    deliver("old", "e1");
    download(812);
    EXPECT_EQ(test::read_file(target()), "old");
}

TEST_F(DownloadTest, WhatIsDiscardedLeavesNothing) {
    result_ = DownloadResult::discarded;
    offer();
    deliver("fresh", "e1");
    EXPECT_EQ(download().bytes_downloaded, 5u);
    EXPECT_TRUE(fs::is_empty(target().parent_path()));
}

TEST_F(DownloadTest, OneProcessDownloadsAndTheOthersWait) {
    place("live.csv", "x");
    auto held = util::LockFile::try_take(target().string() + ".lock");
    ASSERT_TRUE(held);
    EXPECT_THAT(expect_error(ErrorKind::network, [&] { download(); }),
                HasSubstr("another process is downloading it"));
    EXPECT_THAT(http_.sent(), IsEmpty());
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
