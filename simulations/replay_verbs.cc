#include "api/cli/command.h"
#include "api/cli/verbs.h"
#include "simulations/replay_bars.h"
#include "simulations/replay_offsets.h"
#include "simulations/replay_uk_ets.h"

namespace songhua::api::cli {
namespace {

// Exit code and message of a replay: a comparison of nothing proves nothing.
int Conclude(const Invocation& invocation, const absl::StatusOr<simulations::Comparison>& comparison) {
  if (!comparison.ok()) {
    *invocation.io.err << comparison.status().message() << "\n";
    return comparison.status().code() == absl::StatusCode::kUnavailable ? kExitUnavailable : kExitUsage;
  }
  return comparison->all_match() && comparison->compared() > 0 ? kExitOk : kExitRefused;
}

int RunUkEts(const Invocation& invocation) {
  simulations::UkEtsReplayOptions options;
  options.compliance_path = invocation.arguments.GetOr("compliance", "");
  options.allocation_path = invocation.arguments.GetOr("allocation", "");
  return Conclude(invocation, simulations::ReplayUkEts(options, *invocation.io.out));
}

int RunOffsets(const Invocation& invocation) {
  const auto seed = invocation.arguments.Integer("seed", 1, 0, INT64_MAX);
  if (!seed.ok()) return BadUsage(invocation, seed.status());
  simulations::OffsetsReplayOptions options;
  options.paths = invocation.arguments.positionals;
  options.seed = static_cast<uint64_t>(*seed);
  return Conclude(invocation, simulations::ReplayOffsets(options, *invocation.io.out));
}

int RunBars(const Invocation& invocation) {
  const auto block_min = invocation.arguments.Integer("block-from", simulations::kShenzhenBlockMin, 1, INT64_MAX);
  if (!block_min.ok()) return BadUsage(invocation, block_min.status());
  simulations::BarsReplayOptions options;
  options.paths = invocation.arguments.positionals;
  options.block_min = *block_min;
  return Conclude(invocation, simulations::ReplayBars(options, *invocation.io.out));
}

}  // namespace

Verb ReplayUkEtsVerb() {
  Verb verb;
  verb.words = {"replay", "uk-ets"};
  verb.group = "proof";
  verb.summary = "Run the published years of the UK ETS on the service and compare every total and status";
  verb.description =
      "Starts a service over a store of its own and, through the public API, opens the accounts, issues and allocates, records verified "
      "emissions, and "
      "surrenders the published amounts. Then it compares what the service says with what was published: cumulative emissions and "
      "surrenders, the "
      "allocation of each year, and every status that the files allow to recompute.\n\n"
      "The last line is `matched N of M`, each difference above it with its file and line; the exit code is not zero when there is one. "
      "Columns are "
      "recognised by meaning, so other years, rows and headings of the same kind will do. Statuses of earlier years say whether units came "
      "in time, "
      "which a total does not show: where the figures leave a status open it is counted apart.";
  verb.flags = {{"compliance", "FILE", "CSV of the compliance report: emissions, surrenders and status by year", false, true},
                {"allocation", "FILE", "CSV of the allocation table: standard, new entrants' and total allocation by year", false, true}};
  verb.examples = {{"replay uk-ets --compliance compliance.csv --allocation allocation.csv", "replay both tables"}};
  verb.run = RunUkEts;
  return verb;
}

Verb ReplayOffsetsVerb() {
  Verb verb;
  verb.words = {"replay", "offsets"};
  verb.group = "proof";
  verb.summary = "Issue, retire and cancel registries' serial ranges, in file order and shuffled, and compare the ledgers";
  verb.description =
      "Issues the blocks that the serial ranges in the lists imply and retires or cancels them range by range, through the public API: in "
      "file order "
      "and, on a second store, in an order shuffled by the seed. The final ledgers must be the same, no two ranges may overlap, a range "
      "must be as long "
      "as its quantity, and retiring a range a second time must be refused.\n\n"
      "Registries' columns differ and are recognised by meaning; lists of issuances are taken as well. Whether a list holds issuances, "
      "retirements or "
      "cancellations is told by a status column, a retirement's date, its headings or its file name.";
  verb.arguments = {{"FILE", "CSV lists of serial ranges", true, true}};
  verb.flags = {{"seed", "S", "The order of the second run; 1 unless given"}};
  verb.examples = {{"replay offsets acr_retirements.csv acr_cancellations.csv", "one registry's lists together"},
                   {"replay offsets --seed 7 car_retirements.csv", "another order"}};
  verb.run = RunOffsets;
  return verb;
}

Verb ReplayBarsVerb() {
  Verb verb;
  verb.words = {"replay", "bars"};
  verb.group = "proof";
  verb.summary = "Recompute published daily bars: averages, amounts, ranges and carried closes";
  verb.description =
      "Recomputes what follows from the figures of a table of daily bars with the exchange's own arithmetic: the average from amount and "
      "volume, half-up to the fen; the amount of a bar with one price; high and low around the other prices; the previous close as the "
      "price of a day without listed trades. Bars that show block trades, which enter volume and amount but not the prices, are counted "
      "apart.\n\n"
      "The last line is `matched N of M`, each difference above it with its file and line; the exit code is not zero when there is one. "
      "Columns are recognised by meaning: date, instrument, open, high, low, average, close, volume and amount.";
  verb.arguments = {{"FILE", "CSV of daily bars, prices and amounts in yuan, volumes in tonnes", true, true}};
  verb.flags = {{"block-from", "T", "The smallest block trade in tonnes: a day of less shows none; 10000, Shenzhen's, unless given"}};
  verb.examples = {{"replay bars tests/data/prices/shenzhen_sza_daily_2020_2021.csv", "a year of the Shenzhen exchange"}};
  verb.run = RunBars;
  return verb;
}

}  // namespace songhua::api::cli
