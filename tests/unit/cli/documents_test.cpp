#include <fmt/format.h>
#include <gmock/gmock.h>

#include "cli/documents.h"
#include "config/options.h"
#include "support/app_test_support.h"
#include "util/exit_code.h"

namespace erawise {
namespace {

TEST(ConfigurationDocument, HasTheTableOfOptions) {
    const std::string document = repository_file("docs/CONFIGURATION.md");
    EXPECT_NE(document.find(settings_table(Detail::full_table)), std::string::npos)
        << "docs/CONFIGURATION.md should have this table (erawise --help-markdown prints it):\n"
        << settings_table(Detail::full_table);
}

TEST(ConfigurationDocument, TheReadmeHasTheTableOfRun) {
    EXPECT_NE(repository_file("README.md").find(settings_table(Detail::short_table)),
              std::string::npos)
        << "README.md should have this table (erawise --help-settings prints it):\n"
        << settings_table(Detail::short_table);
}

TEST(GeneratedDocuments, KnowEveryFlagAndVariable) {
    const std::string manual = manual_page();
    const std::string bash = shell_completion(Shell::bash);
    const std::string zsh = shell_completion(Shell::zsh);
    const std::string fish = shell_completion(Shell::fish);
    for (const ConfigOption& option : config_options()) {
        for (const CommandFlag& flag : option.flags) {
            if (flag.name.empty()) {
                continue;
            }
            const std::string name(flag.name);
            EXPECT_THAT(bash, testing::HasSubstr(name));
            EXPECT_THAT(zsh, testing::HasSubstr("'" + name + "["));
            EXPECT_THAT(fish, testing::HasSubstr(" -l " + name.substr(2) + " "));
            std::string in_manual = ".B ";
            for (const char c : name) {
                in_manual += c == '-' ? std::string("\\-") : std::string(1, c);
            }
            EXPECT_THAT(manual, testing::HasSubstr(in_manual));
        }
        EXPECT_THAT(manual, testing::HasSubstr(std::string(option.environment)));
    }
}

TEST(ConfigurationDocument, HasTheExitCodes) {
    EXPECT_THAT(repository_file("docs/CONFIGURATION.md"), testing::HasSubstr(exit_code_table()));
}

}  // namespace
}  // namespace erawise
