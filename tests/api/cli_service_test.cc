// The command line on a real service in this process: the channel, errors as they travel, streams, the creation of a store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "api/cli/client.h"
#include "api/cli/serve.h"
#include "api/cli/tokens.h"
#include "ledger/proofs/checkpoint.h"
#include "ledger/proofs/signed_note.h"
#include "ledger/room.h"
#include "tests/api/cli_testing.h"
#include "tests/api/engine_harness.h"

namespace songhua::api::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class CliServiceTest : public ::testing::Test {
 protected:
  CliServiceTest() {
    options_.data = directory_.path() + "/var/store";
    options_.listen = {"unix:" + directory_.path() + "/socket"};
    options_.init_clock = ClockMode::kVirtual;
    options_.init_time = kTestStart;
    options_.checkpoint_interval = std::chrono::hours(1);  // no root comes between the sequences that are expected here
    options_.operator_token_file = directory_.path() + "/var/tokens/operator";
  }

  void Start() {
    auto server = StartServer(options_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  // Runs a command line with the operator's token.
  Ran Run(std::vector<std::string> words, const std::string& input = "") {
    words.insert(words.end(), {"--token-file", options_.operator_token_file});
    return RunAsPublic(std::move(words), input);
  }
  Ran RunAsPublic(std::vector<std::string> words, const std::string& input = "") {
    words.insert(words.end(), {"--server", options_.listen[0]});
    return RunAlone(words, input);
  }
  // Verbs that call no service.
  Ran RunAlone(const std::vector<std::string>& words, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out, err;
    const int code = MakeRegistry().Run(words, Io{&in, &out, &err, ConnectGrpc});
    return {code, out.str(), err.str()};
  }

  TemporaryDirectory directory_;
  ServeOptions options_;
  std::unique_ptr<Server> server_;
};

TEST_F(CliServiceTest, ANewStoreAnswersToTheTokenInItsFile) {
  Start();
  const Ran ran = Run({"whoami"});
  EXPECT_EQ(ran.code, kExitOk) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("people/operator"));
  EXPECT_THAT(ran.out, HasSubstr("SYSTEM_OP"));
  EXPECT_THAT(ran.out, HasSubstr("sequence 1, 2026-01-05 09:00:00"));
}

TEST_F(CliServiceTest, AFileIsPutAndFetchedWhole) {
  Start();
  const Ran authority = Run({"participants", "create-participant", "--participant.name", "cc-eco", "--participant.kind", "authority",
                             "--participant.display-name", "x", "--participant.region", "220100"});
  ASSERT_EQ(authority.code, kExitOk) << authority.err;
  const Ran person = Run({"participants", "create-person", "--request",
                          R"({"person": {"name": "people/intake", "participant": "participants/cc-eco", "display_name": "x",
                                         "roles": [{"role": "PERMIT_INTAKE", "region": "220100"}]}})"});
  ASSERT_EQ(person.code, kExitOk) << person.err;
  const std::string token_file = directory_.path() + "/intake";
  const std::string token = DrawToken();
  ASSERT_TRUE(WriteTokenFile(token_file, token).ok());
  const Ran admitted = Run({"participants", "create-token", "--person", "intake", "--token-sha256", TokenSha256(token), "--expire-time", "2026-03-01"});
  ASSERT_EQ(admitted.code, kExitOk) << admitted.err;

  std::string bytes(3'000'000, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 + i / 255);
  const std::string path = directory_.path() + "/plan.pdf";
  std::ofstream(path, std::ios::binary) << bytes;
  const Ran put = RunAsPublic({"document", "put", path, "--owner", "cc-eco", "--token-file", token_file});
  ASSERT_EQ(put.code, kExitOk) << put.err;
  EXPECT_THAT(put.out, HasSubstr("documents/cc-eco.1"));
  EXPECT_THAT(put.out, HasSubstr("application/pdf"));
  const std::string copy = directory_.path() + "/copy.pdf";
  const Ran got = RunAsPublic({"document", "get", "cc-eco.1", "--output", copy, "--token-file", token_file});
  ASSERT_EQ(got.code, kExitOk) << got.err;
  std::stringstream read;
  read << std::ifstream(copy, std::ios::binary).rdbuf();
  EXPECT_TRUE(read.str() == bytes);
  const Ran refused = Run({"document", "get", "cc-eco.1", "--output", copy + "2"});
  EXPECT_EQ(refused.code, kExitRefused);
  EXPECT_FALSE(std::filesystem::exists(copy + "2"));
  EXPECT_FALSE(std::filesystem::exists(copy + "2.part"));
}

TEST_F(CliServiceTest, AStoreThatIsThereNeedsNoTokenFile) {
  Start();
  server_.reset();
  std::filesystem::rename(options_.operator_token_file, directory_.path() + "/kept");
  Start();
  EXPECT_FALSE(std::filesystem::exists(options_.operator_token_file)) << "no second token is drawn";
  options_.operator_token_file = directory_.path() + "/kept";
  EXPECT_EQ(Run({"whoami"}).code, kExitOk);
}

TEST_F(CliServiceTest, ATokenThatIsThereBecomesTheNewStores) {
  const std::string token = DrawToken();
  ASSERT_TRUE(WriteTokenFile(options_.operator_token_file, token).ok());
  Start();
  EXPECT_EQ(*ReadTokenFile(options_.operator_token_file), token);
  EXPECT_EQ(Run({"whoami"}).code, kExitOk);
}

// Found on a full disk: RocksDB, as Debian builds it, ended the process by an assertion instead of an error.
TEST(CheckRoomTest, AFullDiskIsSaidToBe) {
  EXPECT_TRUE(CheckRoom("var/store", kRoomToOpenBytes).ok());
  const absl::Status status = CheckRoom("var/store", kRoomToOpenBytes - 1);
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_THAT(std::string(status.message()), StartsWith("the disk of var/store is full: 4095 KiB are free; accepted: 4096 KiB or more"));
}

TEST_F(CliServiceTest, NoStoreIsCreatedWithoutAPlaceForItsToken) {
  const std::string file = options_.operator_token_file;
  options_.operator_token_file = "";
  EXPECT_THAT(StartServer(options_).status().message(), HasSubstr("accepted: --operator-token-file FILE"));
  EXPECT_FALSE(std::filesystem::exists(options_.data));

  options_.operator_token_file = file;
  ASSERT_TRUE(WriteTokenFile(file, "secret").ok());
  std::filesystem::permissions(file, std::filesystem::perms::group_read, std::filesystem::perm_options::add);
  EXPECT_THAT(StartServer(options_).status().message(), HasSubstr("accepted: chmod 600"));
  EXPECT_FALSE(std::filesystem::exists(options_.data));
}

TEST_F(CliServiceTest, ARefusalTravelsWithRuleFieldAndWhatIsAccepted) {
  Start();
  const Ran ran = Run({"participants", "create-participant", "--participant.name", "91220101MA0Y3T5K7X", "--participant.kind", "enterprise",
                       "--participant.display-name", "长春热电", "--participant.region", "220100"});
  EXPECT_EQ(ran.code, kExitRefused);
  EXPECT_THAT(ran.err, StartsWith("refused: INVALID_FIELD, rule GEN-10\n  participant.name  91220101MA0Y3T5K7X\n  accepted"));
}

TEST_F(CliServiceTest, AWriteAndItsRepetitionHaveOneAnswer) {
  Start();
  const std::vector<std::string> words = {"participants",
                                          "create-participant",
                                          "--participant.name",
                                          "jl-env",
                                          "--participant.kind",
                                          "authority",
                                          "--participant.display-name",
                                          "吉林省生态环境厅",
                                          "--participant.region",
                                          "220000",
                                          "--request-id",
                                          "20260105-a"};
  const Ran first = Run(words);
  EXPECT_EQ(first.code, kExitOk) << first.err;
  EXPECT_THAT(first.out, HasSubstr("sequence 2,"));
  EXPECT_EQ(Run(words).out, first.out);
  std::vector<std::string> asking = words;
  asking.back() = "20260105-b";
  asking[3] = "jl-two";
  asking.emplace_back("--validate-only");
  EXPECT_THAT(Run(asking).out, StartsWith("it would be accepted; nothing was changed\n"));
  EXPECT_THAT(Run({"participants", "get-participant", "--name", "jl-two"}).err, StartsWith("refused: NOT_FOUND"));
}

TEST_F(CliServiceTest, ATokenThatWasCreatedWorksUntilItIsRevoked) {
  Start();
  const Ran created = Run({"token", "create", "operator", "--days", "1", "--json"});
  ASSERT_EQ(created.code, kExitOk) << created.err;
  const std::string token = created.out.substr(created.out.find("{\"token\":\"") + 10, 64);
  EXPECT_EQ(RunAsPublic({"whoami", "--token", token}).code, kExitOk);
  EXPECT_EQ(Run({"token", "revoke", TokenSha256(token).substr(0, 16)}).code, kExitOk);
  EXPECT_THAT(RunAsPublic({"whoami", "--token", token}).err, StartsWith("refused: TOKEN_REVOKED"));
  EXPECT_THAT(RunAsPublic({"whoami", "--token", "nonsense"}).err, HasSubstr("say who you are with --as PERSON"));
}

TEST_F(CliServiceTest, StreamsEndWithTheServicesReason) {
  Start();
  const Ran watched = Run({"watch", "NO-SUCH-CONTRACT"});
  EXPECT_EQ(watched.code, kExitRefused);
  EXPECT_THAT(watched.err, StartsWith("refused: "));
  EXPECT_THAT(Run({"exchange", "stream-orders"}, R"({"stream": "s", "number": 1, "commands": [{"kind": "CANCEL", "order": 7}]})").err,
              StartsWith("refused: "));
}

// Checkpoints come by themselves; whoever likes copies the log, compares what he holds with it, and an auditor vouches for it.
TEST_F(CliServiceTest, TheLogIsCopiedComparedAuditedAndCheckedFromTheCommandLine) {
  options_.checkpoint_interval = std::chrono::milliseconds(20);
  const std::string files = directory_.path() + "/files";
  std::filesystem::create_directories(files);
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(files + "/" + name, std::ios::binary) << text;
    return files + "/" + name;
  };
  Start();
  Ran checkpoint;
  for (int tries = 0; tries < 500 && (checkpoint.code != kExitOk || checkpoint.out.empty()); ++tries) {
    checkpoint = RunAsPublic({"log", "checkpoint"});
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_EQ(checkpoint.code, kExitOk) << checkpoint.err;
  EXPECT_THAT(checkpoint.out, StartsWith("songhua/"));
  const std::string held = write("held", checkpoint.out);
  EXPECT_THAT(RunAsPublic({"log", "compare", held}).out, HasSubstr("is the beginning of the service's"));
  EXPECT_EQ(RunAsPublic({"log", "checkpoint", "--size", "1"}).code, kExitRefused);
  EXPECT_EQ(RunAsPublic({"log", "checkpoint", "--size", "none"}).code, kExitUsage);

  EXPECT_EQ(RunAsPublic({"log", "keys", "--out", files + "/keys"}).code, kExitOk);
  const Ran key = RunAlone({"witness", "key", files + "/witness.key", "--name", "audit.example/test"});
  ASSERT_EQ(key.code, kExitOk) << key.err;
  EXPECT_EQ(RunAlone({"witness", "key", files + "/witness.key"}).out, key.out);  // it is drawn once
  EXPECT_EQ(Run({"witness", "add", key.out.substr(0, key.out.find('\n'))}).code, kExitOk);
  const Ran audited = Run({"audit", "--keys", files + "/keys", "--key", files + "/witness.key", "--memory", files + "/memory"});
  EXPECT_EQ(audited.code, kExitOk) << audited.err;
  EXPECT_THAT(audited.out, HasSubstr("cosigned by audit.example/test"));
  // A key that is not the log's vouches for nothing.
  const std::string others = write("others", "log " + proofs::SignerKey{"songhua/another", proofs::KeyType::kLog, Digest{7}}.Verifier().Encode() + "\n");
  EXPECT_THAT(Run({"audit", "--keys", others}).err, HasSubstr("NOT in order, and not cosigned"));
  // Nor is a log audited that lost what was vouched for.
  proofs::SignedNote forged{proofs::Checkpoint{"songhua/x", 1, Digest{1}, ""}.Text(), {}};
  proofs::SignNote({"songhua/x", proofs::KeyType::kLog, Digest{7}}, &forged);
  EXPECT_THAT(Run({"audit", "--keys", files + "/keys", "--memory", write("lost", proofs::FormatNote(forged))}).err, HasSubstr("history was rewritten"));

  const Ran exported = RunAsPublic({"log", "export", "--out", files + "/mirror"});
  EXPECT_EQ(exported.code, kExitOk) << exported.err;
  EXPECT_TRUE(std::filesystem::exists(files + "/mirror/checkpoint"));
  server_->Drain();
  server_.reset();
  const Ran checked = RunAlone({"log", "fsck", "--data", options_.data});
  EXPECT_EQ(checked.code, kExitOk) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("In order."));
  // A second key: from the next start on the log signs with both.
  const Ran rotated = RunAlone({"log", "new-key", "--data", options_.data});
  ASSERT_EQ(rotated.code, kExitOk) << rotated.err;
  Start();
  const auto note = proofs::ParseNote(RunAsPublic({"log", "checkpoint"}).out);
  ASSERT_TRUE(note.ok()) << note.status();
  const auto second = proofs::ParseVerifierKey(rotated.out.substr(0, rotated.out.find('\n')));
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(proofs::VerifySignature(*note, *second).ok());
  EXPECT_GE(note->signatures.size(), 2u);
}

TEST_F(CliServiceTest, AServiceThatIsNotThereIsNoRefusal) {
  ASSERT_TRUE(WriteTokenFile(options_.operator_token_file, "token").ok());
  const Ran ran = Run({"whoami"});
  EXPECT_EQ(ran.code, kExitUnavailable);
  EXPECT_THAT(ran.err, HasSubstr("no service answers at unix:"));
}

TEST(InterruptsTest, ASignalIsWaitedForOnce) {
  Interrupts interrupts;
  EXPECT_FALSE(interrupts.Come());
  std::raise(SIGTERM);
  EXPECT_TRUE(interrupts.Come());
  interrupts.Wait();
  EXPECT_TRUE(interrupts.Come());
}

}  // namespace
}  // namespace songhua::api::cli
