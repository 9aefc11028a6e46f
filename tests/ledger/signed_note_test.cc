// Signed notes (TV-42), their keys, and Ed25519 against Wycheproof's cases.
#include "ledger/proofs/signed_note.h"

#include <boost/json/src.hpp>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace songhua::proofs {
namespace {

// TV-42.
constexpr std::string_view kExampleKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view kExampleText = "This is an example message.\n";
constexpr std::string_view kExampleBase64 = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=";
constexpr std::string_view kDash = "\xe2\x80\x94 ";

std::string ExampleNote() { return std::string(kExampleText) + "\n" + std::string(kDash) + "example.com/foo " + std::string(kExampleBase64) + "\n"; }

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

SignerKey LogSigner() { return {"songhua/test", KeyType::kLog, Sha256Of("the log's seed")}; }
SignerKey WitnessSigner() { return {"witness.example/w1", KeyType::kWitness, Sha256Of("the witness's seed")}; }

// A note of `count` signatures by one key that nobody knows, all different.
std::string NoteOfSignatures(size_t count) {
  SignedNote note{"text\n", {}};
  for (size_t i = 0; i < count; ++i) note.signatures.push_back({"unknown", 7, "signature " + std::to_string(i)});
  return FormatNote(note);
}

// Parsed and signed by the key: what a reader asks of a note.
absl::Status Accepts(std::string_view bytes, const VerifierKey& key) {
  const auto note = ParseNote(bytes);
  return note.ok() ? VerifySignature(*note, key) : note.status();
}

void RefusesNote(std::string_view bytes, std::string_view what) {
  const auto note = ParseNote(bytes);
  ASSERT_TRUE(absl::IsInvalidArgument(note.status())) << "accepted, though it " << what << ": " << bytes.substr(0, 200);
  EXPECT_NE(note.status().ToString().find(std::string(what)), std::string::npos) << note.status();
}

void RefusesKey(std::string_view encoded, std::string_view what) {
  const auto key = ParseVerifierKey(encoded);
  ASSERT_TRUE(absl::IsInvalidArgument(key.status())) << "accepted, though it " << what << ": " << encoded;
  EXPECT_NE(key.status().ToString().find(std::string(what)), std::string::npos) << key.status();
}

std::string BytesOfHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

Digest DigestOfBytes(std::string_view bytes) {
  Digest digest{};
  EXPECT_EQ(bytes.size(), digest.size());
  for (size_t i = 0; i < digest.size() && i < bytes.size(); ++i) digest[i] = static_cast<uint8_t>(bytes[i]);
  return digest;
}

// ---- Ed25519 ----

TEST(Ed25519Test, VerifiesAndRefusesAsAllCasesOfWycheproofSay) {
  std::ifstream in(std::string(SONGHUA_TESTDATA) + "/conformance/wycheproof_ed25519_test.json", std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  const boost::json::value file = boost::json::parse(bytes.str());
  int cases = 0, valid = 0;
  for (const boost::json::value& group : file.at("testGroups").as_array()) {
    const Digest key = DigestOfBytes(BytesOfHex(std::string(group.at("publicKey").at("pk").as_string())));
    for (const boost::json::value& c : group.at("tests").as_array()) {
      const std::string message = BytesOfHex(std::string(c.at("msg").as_string())), signature = BytesOfHex(std::string(c.at("sig").as_string()));
      const bool expected = c.at("result").as_string() == "valid";
      EXPECT_EQ(Ed25519Verify(key, message, signature), expected) << "case " << c.at("tcId") << " " << c.at("comment");
      ++cases;
      valid += expected;
    }
  }
  EXPECT_EQ(cases, 151);
  EXPECT_EQ(valid, 88);
}

// RFC 8032, section 7.1, the first and third test.
TEST(Ed25519Test, KeysAndSignaturesAreThoseOfRfc8032) {
  const Digest seed = DigestOfBytes(BytesOfHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  EXPECT_EQ(ToHex(Ed25519PublicKey(seed)), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const Ed25519Signature empty = Ed25519Sign(seed, "");
  EXPECT_EQ(std::string(empty.begin(), empty.end()),
            BytesOfHex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"));
  const Digest other = DigestOfBytes(BytesOfHex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"));
  EXPECT_EQ(ToHex(Ed25519PublicKey(other)), "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  const Ed25519Signature of_two = Ed25519Sign(other, "\xaf\x82");
  EXPECT_EQ(std::string(of_two.begin(), of_two.end()),
            BytesOfHex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"));
}

TEST(Ed25519Test, SignaturesOfAnotherLengthAreRefused) {
  const Ed25519Signature made = Ed25519Sign(LogSigner().seed, "message");
  const std::string signature(made.begin(), made.end());
  const Digest key = LogSigner().Verifier().public_key;
  EXPECT_TRUE(Ed25519Verify(key, "message", signature));
  EXPECT_FALSE(Ed25519Verify(key, "message", ""));
  EXPECT_FALSE(Ed25519Verify(key, "message", signature.substr(0, 63)));
  EXPECT_FALSE(Ed25519Verify(key, "message", signature + '\0'));
}

// ---- Keys ----

TEST(KeysOfNotesTest, ExampleKeyReadsAndPrintsAsItStands) {
  const auto key = ParseVerifierKey(kExampleKey);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->name, "example.com/foo");
  EXPECT_EQ(key->type, KeyType::kLog);
  EXPECT_EQ(key->Id(), 0x530d903au);
  EXPECT_EQ(key->Encode(), kExampleKey);
}

TEST(KeysOfNotesTest, AnIdFollowsFromNameAndTypeAndBytes) {
  const VerifierKey key = LogSigner().Verifier();
  std::set<uint32_t> ids = {key.Id()};
  VerifierKey other = key;
  other.name += "2";
  ids.insert(other.Id());
  other = key;
  other.type = KeyType::kWitness;
  ids.insert(other.Id());
  other = key;
  other.public_key[31] ^= 1;
  ids.insert(other.Id());
  EXPECT_EQ(ids.size(), 4u);
  // As FORMATS.md draws it.
  const Digest hash = Sha256Of("songhua/test\n\x01", AsBytes(key.public_key));
  EXPECT_EQ(key.Id(), uint32_t{hash[0]} << 24 | uint32_t{hash[1]} << 16 | uint32_t{hash[2]} << 8 | hash[3]);
}

TEST(KeysOfNotesTest, KeysOfBothTypesAndHalvesReadAsTheyWerePrinted) {
  for (const SignerKey& signer : {LogSigner(), WitnessSigner(), SignerKey{"省环保厅/日志", KeyType::kLog, Sha256Of("seed")}}) {
    const auto verifier = ParseVerifierKey(signer.Verifier().Encode());
    ASSERT_TRUE(verifier.ok()) << verifier.status();
    EXPECT_EQ(*verifier, signer.Verifier());
    const auto read = ParseSignerKey(signer.Encode());
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->Verifier(), signer.Verifier());
    EXPECT_EQ(read->seed, signer.seed);
  }
}

// Bytes whose base64 has pluses: the parts of a key end at its first two.
TEST(KeysOfNotesTest, PlusesInBase64BelongToIt) {
  VerifierKey key{"log", KeyType::kLog, {}};
  key.public_key.fill(0xfb);
  ASSERT_NE(key.Encode().find('+', key.Encode().find('+', 4) + 1), std::string::npos) << key.Encode();
  const auto read = ParseVerifierKey(key.Encode());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, key);
}

TEST(KeysOfNotesTest, WhatIsNoKeyIsRefused) {
  const std::string good(kExampleKey);
  RefusesKey("", "has not three parts");
  RefusesKey("example.com/foo", "has not three parts");
  RefusesKey("example.com/foo+530d903a", "has not three parts");
  RefusesKey(good.substr(good.find('+')), "has no name");
  RefusesKey(Replaced(good, "example.com/foo", "example.com foo"), "has no name");
  RefusesKey(Replaced(good, "example.com/foo", "example.com\tfoo"), "has no name");
  RefusesKey(Replaced(good, "example.com/foo", "example.com\x7f"), "has no name");
  RefusesKey(Replaced(good, "example.com/foo", "example.com\xff"), "has no name");
  RefusesKey(Replaced(good, "+530d903a", "+530d903"), "has an id that is not 8");
  RefusesKey(Replaced(good, "+530d903a", "+530D903A"), "has an id that is not 8");
  RefusesKey(Replaced(good, "+530d903a", "+0530d903a"), "has an id that is not 8");
  RefusesKey(Replaced(good, "+530d903a", "+-30d903a"), "has an id that is not 8");
  RefusesKey(Replaced(good, "+530d903a", "+530d903b"), "has an id that is not its own; its name and bytes give 530d903a");
  RefusesKey(Replaced(good, "foo", "fop"), "has an id that is not its own");
  RefusesKey(Replaced(good, "3U2k", "3U2l"), "has an id that is not its own");
  RefusesKey(good.substr(0, good.size() - 1), "does not end with 33 bytes in base64");
  RefusesKey(good + "AAAA", "does not end with 33 bytes in base64");
  RefusesKey(good + "=", "does not end with 33 bytes in base64");
  RefusesKey(good + "\n", "does not end with 33 bytes in base64");
  RefusesKey(" " + good, "has no name");
  RefusesKey(Replaced(good, "+Aeky", "+ Aeky"), "does not end with 33 bytes in base64");
  RefusesKey(Replaced(good, "+Aeky", "+Aek_"), "does not end with 33 bytes in base64");
  RefusesKey(good.substr(0, good.rfind('+') + 1), "does not end with 33 bytes in base64");
  RefusesKey(Replaced(good, "+Aeky", "+Auky"), "is of type 2; accepted: 1");
  RefusesKey(Replaced(good, "+Aeky", "+AOky"), "is of type 0; accepted: 1");
}

// Readers of other makes take such lines for no signatures, and with them refuse the whole note (C2SP signed-note).
TEST(KeysOfNotesTest, NamesWithBlanksOfAnyScriptAreRefused) {
  for (const std::string_view blank : {"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"}) {
    const std::string name = "log" + std::string(blank) + "1";
    RefusesKey(VerifierKey{name, KeyType::kLog, {}}.Encode(), "has no name");
    RefusesNote("text\n\n" + std::string(kDash) + name + " AAAAAAA=\n", "has in line 3 no signature");
  }
  EXPECT_TRUE(ParseVerifierKey(VerifierKey{"日志", KeyType::kLog, {}}.Encode()).ok());
  EXPECT_TRUE(ParseVerifierKey(VerifierKey{"a\xe2\x80\x8b" "b", KeyType::kLog, {}}.Encode()).ok());  // a zero-width space is none
}

TEST(KeysOfNotesTest, APrivateKeyIsRefusedWithoutBeingShown) {
  const std::string good = LogSigner().Encode();
  const std::string secret = good.substr(good.rfind('+') + 1);
  for (const std::string& bad : {Replaced(good, "PRIVATE+KEY+", ""), Replaced(good, "PRIVATE", "PRIVATS"), Replaced(good, "songhua/", "songhua "), Replaced(good, "songhua/", "songhub/"),
                                 good + "=", good.substr(0, good.size() - 4), LogSigner().Verifier().Encode(), std::string()}) {
    const auto key = ParseSignerKey(bad);
    ASSERT_TRUE(absl::IsInvalidArgument(key.status())) << bad;
    EXPECT_EQ(key.status().ToString().find(secret.substr(0, 10)), std::string::npos) << key.status();
  }
  // Nor where it is given in the place of a public one.
  for (const std::string& bad : {good, " " + good, good + "=", "PRIVATE+KEY+" + good}) {
    const auto key = ParseVerifierKey(bad);
    ASSERT_TRUE(absl::IsInvalidArgument(key.status()));
    EXPECT_EQ(key.status().ToString().find(secret.substr(0, 10)), std::string::npos) << key.status();
    EXPECT_EQ(ShownKey(bad).find(secret.substr(0, 10)), std::string::npos);
  }
  EXPECT_EQ(ShownKey(kExampleKey), kExampleKey);
}

// ---- Notes ----

TEST(SignedNoteTest, ExampleNoteVerifies) {
  const auto note = ParseNote(ExampleNote());
  ASSERT_TRUE(note.ok()) << note.status();
  EXPECT_EQ(note->text, kExampleText);
  ASSERT_EQ(note->signatures.size(), 1u);
  EXPECT_EQ(note->signatures[0].name, "example.com/foo");
  EXPECT_EQ(note->signatures[0].key_id, 0x530d903au);
  EXPECT_EQ(note->signatures[0].bytes.size(), 64u);
  EXPECT_EQ(FormatNote(*note), ExampleNote());
  EXPECT_TRUE(VerifySignature(*note, *ParseVerifierKey(kExampleKey)).ok());
}

TEST(SignedNoteTest, ExampleNoteDoesNotVerifyWhenItIsChanged) {
  const VerifierKey key = *ParseVerifierKey(kExampleKey);
  EXPECT_TRUE(absl::IsInvalidArgument(Accepts(ExampleNote().substr(0, ExampleNote().size() - 1), key)));
  EXPECT_TRUE(absl::IsInvalidArgument(Accepts(Replaced(ExampleNote(), "example message", "examplf message"), key)));
  EXPECT_TRUE(absl::IsInvalidArgument(Accepts(Replaced(ExampleNote(), "HjG1", "HjG2"), key)));
  EXPECT_TRUE(absl::IsNotFound(Accepts(Replaced(ExampleNote(), "example.com/foo", "example.com/bar"), key)));
  VerifierKey renamed = key;
  renamed.name = "example.com/bar";
  EXPECT_TRUE(absl::IsNotFound(Accepts(ExampleNote(), renamed)));
}

TEST(SignedNoteTest, ATextMayHoldEmptyLinesAndWhatLooksLikeSignatures) {
  for (const std::string text : {"one\n\ntwo\n", "\n\nbegins with them\n", "ends with one\n\n", "\xe2\x80\x94 name AAAAAAA=\n", "一\n"}) {
    SignedNote note{text, {}};
    SignNote(LogSigner(), &note);
    const auto read = ParseNote(FormatNote(note));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->text, text);
    EXPECT_EQ(read->signatures, note.signatures);
    EXPECT_TRUE(VerifySignature(*read, LogSigner().Verifier()).ok());
  }
}

TEST(SignedNoteTest, WhatIsNoNoteIsRefused) {
  const std::string good = ExampleNote(), line = good.substr(kExampleText.size() + 1);
  RefusesNote("", "does not end with a newline");
  RefusesNote(kExampleText, "has no empty line");
  RefusesNote(Replaced(good, "\n\n", "\n"), "has no empty line");
  RefusesNote("\n\n" + line, "has no text");
  RefusesNote("\n" + line, "has no empty line");
  RefusesNote(std::string(kExampleText) + "\n", "has no signature");
  RefusesNote(good + "\n", "has no signature");
  RefusesNote(Replaced(good, "an example", "an\texample"), "has control characters");
  RefusesNote(Replaced(good, "message.\n", "message.\r\n"), "has control characters");
  RefusesNote(Replaced(good, "an example", std::string("an\0example", 10)), "has control characters");
  RefusesNote(Replaced(good, "an example", "an\x7f" "example"), "has control characters");
  for (const std::string_view bad : {"\xff", "\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe4\xb8"}) {
    RefusesNote(Replaced(good, "example message", bad), "is not UTF-8");
  }
  for (const std::string_view fine : {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(ParseNote(Replaced(good, "example message", fine)).ok());
  }
}

TEST(SignedNoteTest, ALineThatIsNoSignatureIsRefusedByItsNumber) {
  const std::string good = ExampleNote();
  const auto with_line = [&](const std::string& line) { return good + line + "\n"; };
  const std::string dash(kDash);
  for (const std::string& bad : std::vector<std::string>{"example.com/foo AAAAAAA=", "- example.com/foo AAAAAAA=", "\xe2\x80\x94" "example.com/foo AAAAAAA=", " " + dash + "name AAAAAAA=", dash + "AAAAAAA=",
                                 dash + " AAAAAAA=", dash + "a+b AAAAAAA=", dash + "name  AAAAAAA=", dash + "name AAAAAAA= ", dash + "name", dash, dash + "name "}) {
    RefusesNote(with_line(bad), "has in line 4 no signature");
  }
}

TEST(SignedNoteTest, OnlyTheOneBase64OfBytesIsAccepted) {
  const std::string start = "text\n\n" + std::string(kDash) + "name ";
  EXPECT_TRUE(ParseNote(start + "AAAAB/8=\n").ok());
  EXPECT_TRUE(ParseNote(start + "AAAAB+8A\n").ok());
  for (const std::string_view bad : {"AAAAB/8", "AAAAB/9=", "AAAAB/8==", "AAAAB_8=", "AAAAB-8A", "AAAA B/8=", "AAAAB/8.", "AAAAB", "====", "AAAAB/8=AAAA",
                                     "AAAABw=", "AAAABx=="}) {
    RefusesNote(start + std::string(bad) + "\n", "has in line 3 no signature");
  }
  // A key id alone is no signature.
  for (const std::string_view bad : {"", "AAAAAA==", "AAAA"}) RefusesNote(start + std::string(bad) + "\n", "has in line 3 no signature");
}

TEST(SignedNoteTest, ASignatureThatStandsTwiceIsRefused) {
  const std::string good = ExampleNote(), line = good.substr(kExampleText.size() + 1);
  RefusesNote(good + line, "has the signature of line 4, by example.com/foo, twice");
  // The same bytes by another name are another signature.
  EXPECT_TRUE(ParseNote(good + Replaced(line, "foo", "bar")).ok());
}

TEST(SignedNoteTest, ANoteHoldsAHundredSignaturesAndNoMore) {
  const auto full = ParseNote(NoteOfSignatures(kNoteSignaturesMax));
  ASSERT_TRUE(full.ok()) << full.status();
  EXPECT_EQ(full->signatures.size(), 100u);
  RefusesNote(NoteOfSignatures(kNoteSignaturesMax + 1), "has more than 100 signatures");
}

TEST(SignedNoteTest, ANoteHas64KiBAndNoMore) {
  SignedNote note{"\n", {{"name", 1, "signature"}}};
  const size_t fixed = FormatNote(note).size();
  note.text = std::string(kNoteBytesMax - fixed, 'x') + "\n";
  ASSERT_EQ(FormatNote(note).size(), kNoteBytesMax);
  EXPECT_TRUE(ParseNote(FormatNote(note)).ok());
  note.text = "x" + note.text;
  RefusesNote(FormatNote(note), "has 65537 bytes; at most 65536 are accepted");
}

TEST(SignedNoteTest, KeysThatAreNotKnownAreLeftAside) {
  SignedNote note{"text\n", {}};
  note.signatures.push_back({"unknown", 1, "no signature at all"});
  SignNote(LogSigner(), &note);
  EXPECT_TRUE(VerifySignature(note, LogSigner().Verifier()).ok());
  EXPECT_TRUE(absl::IsNotFound(VerifySignature(note, WitnessSigner().Verifier())));
}

TEST(SignedNoteTest, OneBadSignatureOfAKeyRefusesTheNote) {
  SignedNote note{"text\n", {}};
  SignNote(LogSigner(), &note);
  NoteSignature bad = note.signatures[0];
  bad.bytes[0] = static_cast<char>(bad.bytes[0] ^ 1);
  for (const bool first : {true, false}) {
    SignedNote both = note;
    both.signatures.insert(first ? both.signatures.begin() : both.signatures.end(), bad);
    EXPECT_TRUE(absl::IsInvalidArgument(VerifySignature(both, LogSigner().Verifier()))) << first;
  }
}

// Every bit: of the text, of the empty line, of the em dash, the name, the id and the signature.
TEST(SignedNoteTest, NoBitOfANoteCanBeFlipped) {
  SignedNote note{"text\n2\n", {}};
  SignNote(LogSigner(), &note);
  const std::string good = FormatNote(note);
  const VerifierKey key = LogSigner().Verifier();
  ASSERT_TRUE(Accepts(good, key).ok());
  int not_found = 0;
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string flipped = good;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const absl::Status status = Accepts(flipped, key);
    EXPECT_FALSE(status.ok()) << "bit " << bit;
    EXPECT_TRUE(absl::IsInvalidArgument(status) || absl::IsNotFound(status)) << status;
    not_found += absl::IsNotFound(status);
  }
  // Only name and id can make it somebody else's.
  EXPECT_GT(not_found, 0);
  EXPECT_LE(not_found, static_cast<int>(8 * (key.name.size() + 6)));
}

// ---- Cosignatures ----

TEST(CosignatureTest, AWitnessSignsTheTimeAndTheText) {
  const std::string text = "songhua/test\n5\nroot\n";
  const NoteSignature signature = Cosign(WitnessSigner(), text, 1'767'600'002);
  EXPECT_EQ(signature.name, "witness.example/w1");
  EXPECT_EQ(signature.key_id, WitnessSigner().Verifier().Id());
  ASSERT_EQ(signature.bytes.size(), 72u);
  EXPECT_EQ(signature.bytes.substr(0, 8), std::string_view("\0\0\0\0\x69\x5b\x6f\x82", 8));
  EXPECT_EQ(CosignatureTime(signature), 1'767'600'002u);
  // The bytes that C2SP tlog-cosignature lays before the key.
  EXPECT_TRUE(Ed25519Verify(WitnessSigner().Verifier().public_key, "cosignature/v1\ntime 1767600002\nsonghua/test\n5\nroot\n", signature.bytes.substr(8)));
}

TEST(CosignatureTest, ACosignedNoteVerifiesByBothKeys) {
  SignedNote note{"songhua/test\n5\nroot\n", {}};
  SignNote(LogSigner(), &note);
  for (const uint64_t time_s : {uint64_t{0}, uint64_t{1}, uint64_t{1'767'600'002}, uint64_t{INT64_MAX}}) {
    SignedNote cosigned = note;
    cosigned.signatures.push_back(Cosign(WitnessSigner(), note.text, time_s));
    const auto read = ParseNote(FormatNote(cosigned));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(VerifySignature(*read, LogSigner().Verifier()).ok());
    EXPECT_TRUE(VerifySignature(*read, WitnessSigner().Verifier()).ok());
    EXPECT_EQ(CosignatureTime(read->signatures[1]), time_s);
  }
}

TEST(CosignatureTest, NeitherTimeNorTextNorKeyCanBeExchanged) {
  const std::string text = "text\n";
  const VerifierKey key = WitnessSigner().Verifier();
  const NoteSignature good = Cosign(WitnessSigner(), text, 1000);
  EXPECT_TRUE(Verifies(text, good, key));
  EXPECT_FALSE(Verifies("texu\n", good, key));
  for (size_t bit = 0; bit < 8 * good.bytes.size(); ++bit) {
    NoteSignature flipped = good;
    flipped.bytes[bit / 8] = static_cast<char>(flipped.bytes[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(Verifies(text, flipped, key)) << "bit " << bit;
  }
  NoteSignature other = good;
  other.name += "2";
  EXPECT_FALSE(Verifies(text, other, key));
  other = good;
  ++other.key_id;
  EXPECT_FALSE(Verifies(text, other, key));
  other = good;
  other.bytes.resize(64);
  EXPECT_FALSE(Verifies(text, other, key));
  other.bytes = good.bytes.substr(8);
  EXPECT_FALSE(Verifies(text, other, key));
  other.bytes = good.bytes + '\0';
  EXPECT_FALSE(Verifies(text, other, key));
}

// A log's signature over what a witness would sign is not a witness's: its key's id holds its type.
TEST(CosignatureTest, AKeyOfOneTypeDoesNotVerifyAsOneOfTheOther) {
  SignerKey as_log = WitnessSigner();
  as_log.type = KeyType::kLog;
  EXPECT_NE(as_log.Verifier().Id(), WitnessSigner().Verifier().Id());
  SignedNote note{"cosignature/v1\ntime 1000\ntext\n", {}};
  SignNote(as_log, &note);
  const NoteSignature cosignature = Cosign(WitnessSigner(), "text\n", 1000);
  EXPECT_EQ(cosignature.bytes.substr(8), note.signatures[0].bytes);  // the very same bytes
  EXPECT_FALSE(Verifies("text\n", note.signatures[0], WitnessSigner().Verifier()));
  EXPECT_FALSE(Verifies("text\n", cosignature, as_log.Verifier()));
  NoteSignature renamed = note.signatures[0];
  renamed.key_id = WitnessSigner().Verifier().Id();
  EXPECT_FALSE(Verifies("text\n", renamed, WitnessSigner().Verifier()));
}

}  // namespace
}  // namespace songhua::proofs
