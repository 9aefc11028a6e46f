// Every denial says under which rule (INV-11). Read off the sources, so that none can be added without one.
//
// What is looked at are the refusals that a place in the code names itself: Refuse(code, "REASON"). A malformed field, a name of nothing and an overflow
// (InvalidField, NotFound, OutOfRange) say what is wrong with the request itself, and name a rule where one prescribes the form. "Come again" is no
// denial either: UNAVAILABLE, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED and ABORTED depend on load and time, not on the state that rules speak of.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "exchange/order_refusal.h"
#include "gtest/gtest.h"

namespace songhua {
namespace {

const std::filesystem::path kRoot = std::filesystem::path(SONGHUA_TESTDATA).parent_path().parent_path();

// A statement that begins at a refusal, without comments, to its semicolon.
struct Statement {
  std::string where;  // "ledger/lots.cc:63"
  std::string text;
};

std::string ReadCode(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::string code;
  for (std::string line; std::getline(in, line);) code += line.substr(0, line.find("//")) + "\n";
  return code;
}

// To the semicolon that ends the statement: not one in a string or in brackets that it opens.
std::string StatementAt(const std::string& code, size_t start) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = start; i < code.size(); ++i) {
    const char c = code[i];
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '(' || c == '{' || c == '[') {
      ++depth;
    } else if (c == ')' || c == '}' || c == ']') {
      --depth;
    } else if (c == ';' && depth <= 0) {
      return code.substr(start, i - start);
    }
  }
  return code.substr(start);
}

std::vector<Statement> RefusalsIn(const std::string& where, const std::string& code) {
  static const std::string kStart = "Refuse(absl::StatusCode::";
  std::vector<Statement> found;
  for (size_t at = code.find(kStart); at != std::string::npos; at = code.find(kStart, at + 1)) {
    const auto line = 1 + std::count(code.begin(), code.begin() + static_cast<ptrdiff_t>(at), '\n');
    found.push_back({where + ":" + std::to_string(line), StatementAt(code, at)});
  }
  return found;
}

std::vector<Statement> RefusalsInTheTree() {
  std::vector<Statement> found;
  for (const char* floor : {"ledger", "permits", "exchange", "api"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kRoot / floor)) {
      const auto extension = entry.path().extension();
      if (extension != ".cc" && extension != ".h") continue;
      const std::string where = std::filesystem::relative(entry.path(), kRoot).string();
      for (Statement& statement : RefusalsIn(where, ReadCode(entry.path()))) found.push_back(std::move(statement));
    }
  }
  return found;
}

bool Contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

bool IsDenial(const Statement& refusal) {
  for (const char* again : {"kUnavailable", "kResourceExhausted", "kDeadlineExceeded", "kAborted"}) {
    if (Contains(refusal.text, again)) return false;
  }
  // The three of refusal.cc are about the request itself; the server's and its certificate's are about how it is started, and no caller sees them; those of proofs are
  // about a file that somebody holds, and no rule of a registry.
  for (const char* file : {"ledger/refusal.cc:", "api/server.cc:", "api/tls.cc:", "ledger/proofs/", "api/check/"}) {
    if (refusal.where.rfind(file, 0) == 0) return false;
  }
  return true;
}

std::set<std::string> KnownRules() {
  std::set<std::string> rules;
  std::ifstream in(kRoot / "tests/data/rules.txt");
  for (std::string line; std::getline(in, line);) rules.insert(line);
  return rules;
}

TEST(RefusalRulesTest, EveryDenialNamesARule) {
  size_t denials = 0;
  for (const Statement& refusal : RefusalsInTheTree()) {
    if (!IsDenial(refusal)) continue;
    ++denials;
    EXPECT_TRUE(Contains(refusal.text, ".Rule(")) << refusal.where << ": " << refusal.text;
  }
  EXPECT_GT(denials, 50u) << "the sources were not found, or refusals are made in another way now";
}

TEST(RefusalRulesTest, EveryRuleThatIsNamedExists) {
  const std::set<std::string> known = KnownRules();
  ASSERT_FALSE(known.empty());
  for (const Statement& refusal : RefusalsInTheTree()) {
    const std::string start = ".Rule(\"";
    const size_t at = refusal.text.find(start);
    if (at == std::string::npos) continue;
    const size_t begin = at + start.size();
    const std::string rule = refusal.text.substr(begin, refusal.text.find('"', begin) - begin);
    EXPECT_EQ(known.count(rule), 1u) << refusal.where << ": " << rule;
  }
}

TEST(RefusalRulesTest, EveryDenialOfAnOrderNamesARuleThatExists) {
  const std::set<std::string> known = KnownRules();
  for (size_t i = 1; i < exchange::kOrderRefusals; ++i) {
    const exchange::OrderRefusalInfo& info = exchange::Info(static_cast<exchange::OrderRefusal>(i));
    if (info.code == absl::StatusCode::kResourceExhausted) continue;
    EXPECT_EQ(known.count(std::string(info.rule)), 1u) << info.reason << ": '" << info.rule << "'";
  }
}

TEST(RefusalRulesTest, ADenialWithoutARuleIsNoticed) {
  const auto found = RefusalsIn("x.cc",
                                "return Refuse(absl::StatusCode::kNotFound, \"A;B\")\n  .Field(\"f(\");\n"
                                "Refuse(absl::StatusCode::kNotFound, \"C\").Rule(\"DR-1\");");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(IsDenial(found[0]));
  EXPECT_FALSE(Contains(found[0].text, ".Rule("));
  EXPECT_TRUE(Contains(found[1].text, ".Rule("));
  EXPECT_EQ(found[1].where, "x.cc:3");
}

}  // namespace
}  // namespace songhua
