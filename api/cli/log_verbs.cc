#include "api/cli/log_verbs.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/call.h"
#include "api/cli/proof_aliases.h"
#include "api/cli/request.h"
#include "api/log_keys.h"
#include "api/verify.h"
#include "ledger/check.h"
#include "ledger/merkle_log.h"
#include "ledger/proofs/certificate_check.h"
#include "ledger/proofs/checkpoint.h"
#include "ledger/proofs/tiles.h"
#include "ledger/store.h"
#include "songhua/v1/transparency.pb.h"

namespace songhua::api::cli {
namespace {

constexpr char kTransparency[] = "/songhua.v1.Transparency/";

int FailWith(const Invocation& invocation, int code, const std::string& message) {
  *invocation.io.err << "songhua " << invocation.verb->name() << ": " << message << '\n';
  return code;
}

template <class Request, class Answer>
CallStatus Ask(Session& session, const std::string& method, const Request& request, Answer* answer) {
  std::string bytes;
  CallStatus status = session.channel().Unary(kTransparency + method, request.SerializeAsString(), &bytes);
  if (status.ok() && !answer->ParseFromString(bytes)) status = {13, "the answer cannot be read", ""};
  return status;
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in) return absl::NotFoundError("the file " + path + " cannot be read");
  return text;
}

bool WriteWhole(const std::string& path, std::string_view bytes) {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << bytes;
  return static_cast<bool>(out.flush());
}

// ---- log checkpoint ----

int RunCheckpoint(const Invocation& invocation) {
  v1::GetCheckpointRequest request;
  if (const std::string* size = invocation.arguments.Get("size")) {
    const auto parsed = ParseInteger(*size, "size");
    if (!parsed.ok() || *parsed < 1) return BadUsage(invocation, absl::InvalidArgumentError("--size is '" + *size + "'; accepted: the records of a checkpoint, 1 or more"));
    request.set_size(static_cast<uint64_t>(*parsed));
  }
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  v1::GetCheckpointAnswer answer;
  if (const CallStatus status = Ask(**session, "GetCheckpoint", request, &answer); !status.ok()) return (*session)->Refused(status, &request);
  *invocation.io.out << answer.note();
  return kExitOk;
}

// ---- log keys ----

int RunKeys(const Invocation& invocation) {
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  v1::GetLogAnswer log;
  if (const CallStatus status = Ask(**session, "GetLog", v1::GetLogRequest(), &log); !status.ok()) return (*session)->Refused(status);
  v1::ListWitnessesAnswer witnesses;
  if (const CallStatus status = Ask(**session, "ListWitnesses", v1::ListWitnessesRequest(), &witnesses); !status.ok()) return (*session)->Refused(status);
  std::string text = "# Keys of " + log.origin() + ", as the service itself told them: compare them with what it says elsewhere before you trust them.\n";
  for (const std::string& key : log.keys()) text += "log " + key + "\n";
  for (const v1::Witness& witness : witnesses.witnesses()) {
    if (!witness.retired()) text += "witness " + witness.key() + "\n";
  }
  if (log.cosignatures_required() > 0) text += "require " + std::to_string(log.cosignatures_required()) + "\n";
  const std::string* out = invocation.arguments.Get("out");
  if (out == nullptr) {
    *invocation.io.out << text;
    return kExitOk;
  }
  if (!WriteWhole(*out, text)) return FailWith(invocation, kExitUsage, "the file " + *out + " cannot be written");
  *invocation.io.out << *out << ": " << log.keys_size() << " keys of the log, " << witnesses.witnesses_size() << " witnesses\n";
  return kExitOk;
}

// ---- log new-key ----

int RunNewKey(const Invocation& invocation) {
  StoreOptions options;
  options.path = *invocation.arguments.Get("data");
  auto store = Store::Open(options);
  if (!store.ok()) return FailWith(invocation, kExitUnavailable, std::string(store.status().message()));
  const auto key = LogKeys::AddKey(options.path, (*store)->identity().store_id);
  if (!key.ok()) return FailWith(invocation, kExitRefused, std::string(key.status().message()));
  *invocation.io.out << key->Encode() << '\n';
  return kExitOk;
}

// ---- log export ----

int RunExport(const Invocation& invocation) {
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  const std::string out = *invocation.arguments.Get("out");
  v1::GetCheckpointAnswer answer;
  if (const CallStatus status = Ask(**session, "GetCheckpoint", v1::GetCheckpointRequest(), &answer); !status.ok()) return (*session)->Refused(status);
  const auto note = proofs::ParseNote(answer.note());
  if (!note.ok()) return FailWith(invocation, kExitRefused, std::string(note.status().message()));
  const auto checkpoint = proofs::ParseCheckpoint(note->text);
  if (!checkpoint.ok()) return FailWith(invocation, kExitRefused, std::string(checkpoint.status().message()));
  uint64_t written = 0, kept = 0;
  std::vector<Digest> leaves;
  for (const proofs::Tile& tile : proofs::TilesOfTree(checkpoint->size)) {
    const std::string path = proofs::TilePath(tile);
    const std::string file = out + "/" + path;
    // A full tile never changes.
    std::string bytes;
    if (tile.width == proofs::kTileWidth) {
      auto there = ReadWhole(file);
      if (there.ok() && there->size() == proofs::kTileWidth * sizeof(Digest)) bytes = *std::move(there);
    }
    if (bytes.empty()) {
      v1::GetTileRequest request;
      request.set_path(path);
      v1::GetTileAnswer got;
      if (const CallStatus status = Ask(**session, "GetTile", request, &got); !status.ok()) return (*session)->Refused(status, &request);
      bytes = got.tile();
      if (!WriteWhole(file, bytes)) return FailWith(invocation, kExitUsage, "the file " + file + " cannot be written");
      ++written;
    } else {
      ++kept;
    }
    if (tile.level != 0) continue;
    for (size_t at = 0; at + sizeof(Digest) <= bytes.size(); at += sizeof(Digest)) {
      std::copy(bytes.begin() + static_cast<ptrdiff_t>(at), bytes.begin() + static_cast<ptrdiff_t>(at + sizeof(Digest)), leaves.emplace_back().begin());
    }
  }
  if (MerkleRoot(leaves) != checkpoint->root) {
    return FailWith(invocation, kExitRefused, "the tiles in " + out + " do not have the root of the checkpoint, " + ToHex(checkpoint->root));
  }
  if (!WriteWhole(out + "/checkpoint", answer.note())) return FailWith(invocation, kExitUsage, "the file " + out + "/checkpoint cannot be written");
  *invocation.io.out << out << ": " << checkpoint->size << " leaves of " << checkpoint->origin << ", " << written << " tiles written, " << kept
                     << " were there; their root is the checkpoint's\n";
  return kExitOk;
}

// ---- log compare ----

int RunCompare(const Invocation& invocation) {
  const std::string& file = invocation.arguments.positionals[0];
  const auto text = ReadWhole(file);
  if (!text.ok()) return FailWith(invocation, kExitUsage, std::string(text.status().message()));
  const auto held_note = proofs::ParseNote(*text);
  const auto held = held_note.ok() ? proofs::ParseCheckpoint(held_note->text) : held_note.status();
  if (!held.ok()) return FailWith(invocation, kExitUsage, file + " is no checkpoint: " + std::string(held.status().message()));
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  v1::GetCheckpointAnswer answer;
  if (const CallStatus status = Ask(**session, "GetCheckpoint", v1::GetCheckpointRequest(), &answer); !status.ok()) return (*session)->Refused(status);
  const auto note = proofs::ParseNote(answer.note());
  const auto now = note.ok() ? proofs::ParseCheckpoint(note->text) : note.status();
  if (!now.ok()) return FailWith(invocation, kExitRefused, std::string(now.status().message()));
  if (now->origin != held->origin) return FailWith(invocation, kExitRefused, "the checkpoint is of " + held->origin + ", the service's log is " + now->origin);
  if (now->size < held->size) {
    return FailWith(invocation, kExitRefused,
                    "NOT the same history: the service's log has " + std::to_string(now->size) + " records, the checkpoint " + std::to_string(held->size));
  }
  v1::GetConsistencyProofRequest request;
  request.set_old_size(held->size);
  request.set_new_size(now->size);
  v1::GetConsistencyProofAnswer proof;
  if (const CallStatus status = Ask(**session, "GetConsistencyProof", request, &proof); !status.ok()) return (*session)->Refused(status, &request);
  std::vector<Digest> hashes;
  for (const std::string& hash : proof.hashes()) {
    if (hash.size() != sizeof(Digest)) return FailWith(invocation, kExitRefused, "the service's proof holds a hash of " + std::to_string(hash.size()) + " bytes");
    std::copy(hash.begin(), hash.end(), hashes.emplace_back().begin());
  }
  const absl::Status consistent = VerifyConsistency(held->size, now->size, held->root, now->root, hashes);
  if (!consistent.ok()) return FailWith(invocation, kExitRefused, "NOT the same history: " + std::string(consistent.message()));
  *invocation.io.out << "The log of " << held->size << " records in " << file << " is the beginning of the service's of " << now->size << ".\n";
  const std::string* out = invocation.arguments.Get("out");
  if (out != nullptr && !WriteWhole(*out, answer.note())) return FailWith(invocation, kExitUsage, "the file " + *out + " cannot be written");
  return kExitOk;
}

// ---- log fsck ----

int RunFsck(const Invocation& invocation) {
  StoreOptions options;
  options.path = *invocation.arguments.Get("data");
  auto opened = Store::Open(options);
  if (!opened.ok()) return FailWith(invocation, kExitUnavailable, std::string(opened.status().message()));
  Store& store = **opened;
  VerifySource source;
  source.store = &store;
  source.archives = invocation.arguments.All("archive");
  const auto report = Verify(source, nullptr);
  if (!report.ok()) return FailWith(invocation, kExitRefused, "NOT in order: " + std::string(report.status().message()));
  // The stored nodes above the leaves, which proofs are made from: each is the root over those of the stored level below. Verify has seen to leaves and roots.
  const NodeReader stored = store.StoredNodes();
  uint64_t nodes = 0;
  for (uint32_t level = kStoredLevelStep; level < 64 && report->records >> level > 0; level += kStoredLevelStep) {
    for (uint64_t index = 0; index < report->records >> level; ++index, ++nodes) {
      std::vector<Digest> below;
      absl::StatusOr<Digest> hash = stored(level, index);
      for (uint64_t i = 0; i < proofs::kTileWidth && hash.ok(); ++i) {
        const auto child = stored(level - kStoredLevelStep, index * proofs::kTileWidth + i);
        if (child.ok()) below.push_back(*child);
      }
      if (hash.ok() && below.size() == proofs::kTileWidth && MerkleRoot(below) == *hash) continue;
      return FailWith(invocation, kExitRefused, "NOT in order: the stored hash of level " + std::to_string(level) + ", index " + std::to_string(index) + " is not that of the hashes below it");
    }
  }
  const auto keys = LogKeys::Open(options.path, store.identity().store_id);
  if (!keys.ok()) return FailWith(invocation, kExitRefused, std::string(keys.status().message()));
  *invocation.io.out << "log         " << (*keys)->origin() << ", " << report->records << " records\n"
                     << "tree        every leaf and root computed again from the journal, and " << nodes << " stored hashes above the leaves\n"
                     << "state map   " << report->map_roots << " roots computed again from the journal"
                     << (report->map_roots > 0 ? ", the last " + ToHex(report->map_root) : "") << "\n"
                     << "checkpoint  " << (report->checkpoint_size > 0 ? std::to_string(report->checkpoint_size) + " records, " + ToHex(report->checkpoint_root) : "none yet")
                     << "\nIn order.\n";
  return kExitOk;
}

// ---- witness key ----

int RunWitnessKey(const Invocation& invocation) {
  const std::string& file = invocation.arguments.positionals[0];
  proofs::SignerKey key;
  if (std::filesystem::exists(file)) {
    const auto text = ReadWhole(file);
    if (!text.ok()) return FailWith(invocation, kExitUsage, std::string(text.status().message()));
    const auto parsed = proofs::ParseSignerKey(std::string_view(*text).substr(0, text->find('\n')));
    if (!parsed.ok()) return FailWith(invocation, kExitUsage, file + ": " + std::string(parsed.status().message()));
    key = *parsed;
  } else {
    const std::string* name = invocation.arguments.Get("name");
    if (name == nullptr) return BadUsage(invocation, absl::InvalidArgumentError("there is no file " + file + " yet; accepted: --name NAME, and a key is drawn and written there"));
    key.name = *name;
    key.type = proofs::KeyType::kWitness;
    SONGHUA_CHECK(RAND_bytes(key.seed.data(), static_cast<int>(key.seed.size())) == 1);
    const auto valid = proofs::ParseVerifierKey(key.Verifier().Encode());
    if (!valid.ok()) return BadUsage(invocation, valid.status());
    const std::string text = key.Encode() + "\n";
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const bool written = fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (!written) return FailWith(invocation, kExitUsage, "the file " + file + " cannot be written");
  }
  *invocation.io.out << key.Verifier().Encode() << '\n';
  return kExitOk;
}

Verb LogVerb(std::vector<std::string> words, std::string summary, std::string description) {
  Verb verb;
  verb.words = std::move(words);
  verb.group = kProofGroup;
  verb.summary = std::move(summary);
  verb.description = std::move(description);
  return verb;
}

}  // namespace

Verb LogCheckpointVerb() {
  Verb verb = LogVerb({"log", "checkpoint"}, "A signed checkpoint with its cosignatures, as it is: to keep, and to compare with others",
                      "A signed note, byte by byte: the log's name, its records, their root, and who signed.");
  verb.flags = {{"size", "N", "The one of so many records. Default: the newest"}};
  verb.examples = {{"log checkpoint > monday.checkpoint", "needs no token; `log compare monday.checkpoint` tells later whether the log still begins so"}};
  verb.client = true;
  verb.run = RunCheckpoint;
  return verb;
}

Verb LogKeysVerb() {
  Verb verb = LogVerb({"log", "keys"}, "Write the keys of the log and its witnesses as a file for songhua-check",
                      "The file says which keys its reader trusts: take out what you do not, and add `revoked KEY [DATE]` and `require N` as you see fit. Trust comes from you: "
                      "compare the keys with what the registry publishes elsewhere.");
  verb.flags = {{"out", "FILE", "Default: standard output"}};
  verb.examples = {{"log keys --out songhua.keys", "needs no token"}};
  verb.client = true;
  verb.run = RunKeys;
  return verb;
}

Verb LogNewKeyVerb() {
  Verb verb = LogVerb({"log", "new-key"}, "Add a key to a store that nobody serves; the service then signs with all it has",
                      "Prints what verifies it. When all who rely on the log have taken it in, remove the old file from the store's directory log_keys.");
  verb.flags = {{"data", "DIR", "The store's directory", false, true}};
  verb.examples = {{"log new-key --data var/store", ""}};
  verb.run = RunNewKey;
  return verb;
}

Verb LogExportVerb() {
  Verb verb = LogVerb({"log", "export"}, "Copy the log's tiles and its newest checkpoint, for anybody to serve",
                      "Files as C2SP tlog-tiles names them. Full tiles that are there already are not fetched again. The root of what was written is compared with the checkpoint's.");
  verb.flags = {{"out", "DIR", "Where", false, true}};
  verb.examples = {{"log export --out mirror", "needs no token"}};
  verb.client = true;
  verb.run = RunExport;
  return verb;
}

Verb LogCompareVerb() {
  Verb verb = LogVerb({"log", "compare"}, "Compare a checkpoint that you hold with the service's log of now",
                      "Fetches a consistency proof and checks it here: whether the log that you saw then is the beginning of the log of now.");
  verb.arguments = {{"FILE", "A checkpoint, as `log checkpoint` shows it or `log export` wrote it", true}};
  verb.flags = {{"out", "FILE", "Write the newest checkpoint here, to compare with later"}};
  verb.examples = {{"log compare mirror/checkpoint --out newest.checkpoint", "needs no token"}};
  verb.client = true;
  verb.run = RunCompare;
  return verb;
}

Verb LogFsckVerb() {
  Verb verb = LogVerb({"log", "fsck"}, "Compute a store's tree and state map again from its journal, and compare",
                      "Replays the journal of a store that nobody serves, as `songhua verify` does, and says what of it concerns the log: every leaf, every root, every stored hash "
                      "above the leaves, every root of the state map.");
  verb.flags = {{"data", "DIR", "The store's directory", false, true}, {"archive", "FILE", "An archive of its journal", true}};
  verb.examples = {{"log fsck --data var/demo/store", ""}};
  verb.run = RunFsck;
  return verb;
}

Verb WitnessKeyVerb() {
  Verb verb = LogVerb({"witness", "key"}, "Show a witness's public key; draw the key where there is none",
                      "The file holds the private key, with mode 0600. What is printed is for `witness add`, and for whoever wants to rely on this witness.");
  verb.arguments = {{"FILE", "Where the private key is, or is to be", true}};
  verb.flags = {{"name", "NAME", "Of a key that is drawn: who witnesses, without spaces, as \"bank.example/witness\""}};
  verb.examples = {{"witness key audit.key --name audit.example/songhua", ""}};
  verb.run = RunWitnessKey;
  return verb;
}

}  // namespace songhua::api::cli
