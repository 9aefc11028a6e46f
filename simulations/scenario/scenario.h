// The scenario language: what a regulator reads and the runner plays. tests/scenarios/README.md teaches it; this is its grammar.
//
//   scenario: A pledged right cannot be sold
//   rules: PLG-21, INV-05
//   use market                                    plays another scenario first
//   let mill = 91220101MA0Y3T5K7X                 $mill, ${mill}001
//   people                                        registers people and gives each a token
//     li-na of $mill: ENT_OPERATOR, ENT_LEGAL_REP
//   clock 2026-01-06 09:30                        moves the virtual clock
//   as li-na (ENT_OPERATOR)                       what follows she does
//     note She sells what the bank holds          about the next command
//     place-order contract SO2-2026, side SELL, price 5,000.00 yuan, quantity 40 t
//       -> refused PLEDGED_UNITS by PLG-21
//   ledger                                        what the ledger then says
//     lot $lot: quantity 100 t, available 60 t, PLEDGE 40 t
//
// Lines at the left margin begin a block; the lines of a block have one indentation, and lines indented further belong to the line above them. `#`
// begins a comment. Words are separated by blanks, values by commas; "..." is one word whatever is in it, with \n, \", \\ and \xNN, and "x"*300 is it
// three hundred times. { and } hold the fields of a message within a message.
//
// Parsing knows no method, field or rule: what a scenario means is found out when it is played (runner.h).
#ifndef SONGHUA_SIMULATIONS_SCENARIO_SCENARIO_H_
#define SONGHUA_SIMULATIONS_SCENARIO_SCENARIO_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace songhua::simulations {

struct Token {
  std::string text;  // of a quoted one without its quotes; variables still as $name
  bool quoted = false;
  bool comma = false;  // a comma follows: a value ends here
  int line = 0;        // from 1
};

// A line of a block with the lines that belong to it.
struct Command {
  int line = 0;
  std::string note;                              // of the `note` before it
  std::vector<Token> words;                      // up to the first "->"
  std::vector<std::vector<Token>> expectations;  // what follows each "->"
};

enum class BlockKind { kUse, kLet, kPeople, kClock, kAs, kLedger };

struct Block {
  BlockKind kind = BlockKind::kAs;
  int line = 0;
  std::vector<Token> head;  // after the keyword
  std::vector<Command> commands;
};

struct Scenario {
  std::string file;
  std::string title;
  std::vector<std::string> rules;
  std::vector<Block> blocks;
};

// INVALID_ARGUMENT: "file:line: what is wrong".
absl::StatusOr<Scenario> ParseScenario(const std::string& file, std::string_view text);

// The words as they are read on one line.
std::string JoinTokens(const std::vector<Token>& tokens);

// "file:line: text".
absl::Status ScenarioError(const std::string& file, int line, const std::string& text);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_SCENARIO_SCENARIO_H_
