#include "api/cli/command.h"
#include "simulations/fault_simulator.h"

namespace songhua::api::cli {
namespace {

int Run(const Invocation& invocation) {
  std::ostream& out = *invocation.io.out;
  const Arguments& arguments = invocation.arguments;
  const auto first = arguments.Integer("seed", 1, 0, INT64_MAX);
  const auto seeds = arguments.Integer("seeds", 1, 1, 1'000'000);
  const auto steps = arguments.Integer("steps", 20'000, 1, 1'000'000'000);
  for (const auto* flag : {&first, &seeds, &steps}) {
    if (!flag->ok()) return BadUsage(invocation, flag->status());
  }
  for (int64_t seed = *first; seed < *first + *seeds; ++seed) {
    simulations::FaultOptions options;
    options.seed = static_cast<uint64_t>(seed);
    options.steps = static_cast<uint64_t>(*steps);
    options.verbose = arguments.IsSet("verbose");
    const auto report = simulations::SimulateFaults(options);
    if (!report.ok()) {
      *invocation.io.err << "seed " << seed << ": " << report.status().message() << "\nIt does it again with: songhua simulate faults --seed " << seed
                         << " --steps " << *steps << "\n";
      return kExitRefused;
    }
    out << "seed " << seed << ": " << report->requests << " requests in " << report->deliveries << " deliveries; " << report->commands
        << " commands, of them " << report->refusals << " refused, " << report->filled << " with fills; " << report->repeats
        << " repeats answered from memory; " << report->permits.granted << " cases granted, " << report->permits.denied << " denied, "
        << report->permits.deemed << " deemed accepted, " << report->permits.lapsed << " lapsed, " << report->permits.overdue << " overdue; " << report->permits.carried << " days of permits beyond their term, "
        << report->permits.permits_ended << " permits ended, " << report->permits.orders_ended << " orders gone with them; " << report->pledged_units_sold << " pledged units sold, "
        << report->sold_by_ascending_bids << " by ascending bids, " << report->sold_by_sealed_bids << " by sealed bids, " << report->sold_by_agreement
        << " by agreement; " << report->deposits_forfeited << " deposits forfeited; " << report->groups << " groups, " << report->lost_groups << " lost in " << report->crashes
        << " crashes; " << report->archives << " archives; drained and verified, root " << ToHex(report->digest).substr(0, 16) << "\n";
  }
  return kExitOk;
}

}  // namespace

Verb SimulateFaultsVerb() {
  Verb verb;
  verb.words = {"simulate", "faults"};
  verb.group = "proof";
  verb.summary = "Run the engine under crashes, failing disks and unruly clients, a model beside it";
  verb.description =
      "One process, one thread, one seed: the real state machine and store on a simulated disk and clock. Clients retry, send twice, overtake "
      "themselves and vanish; the disk fails, fills up and loses power between any two writes. An independent model runs in lockstep. In the end "
      "everything drains, and the journal is verified.\n\nThe same seed and steps do the same again, to the byte.";
  verb.flags = {{"seed", "S", "The first seed; 1 unless given"},
                {"seeds", "N", "How many seeds, one after the other"},
                {"steps", "N", "Steps of each; 20000 unless given"},
                {"verbose", "", "A line for each crash and restart"}};
  verb.examples = {{"simulate faults --seed 7 --steps 50000", "one long run"}, {"simulate faults --seeds 20 --steps 6000", "what the tests run"}};
  verb.run = Run;
  return verb;
}

}  // namespace songhua::api::cli
